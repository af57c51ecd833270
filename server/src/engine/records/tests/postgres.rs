//! A PostgreSQL server of one test, at a Unix socket in the test's directory. It refuses to run as root, so root starts it as the
//! user `postgres`.

use std::{
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A server that runs until it is dropped.
#[derive(Debug)]
pub(super) struct Postgres {
    directory: PathBuf,
    /// The user to start it as, if this process is root.
    user: Option<(u32, u32)>,
}

impl Postgres {
    /// Makes a database in `directory` and starts a server on it.
    pub(super) fn start(directory: &Path) -> Self {
        let is_root = std::fs::metadata("/proc/self").expect("the process has an owner").uid() == 0;
        let user = is_root.then(postgres_user);
        let postgres = Self { directory: directory.to_owned(), user };
        if let Some((uid, gid)) = user {
            chown(directory, Some(uid), Some(gid)).expect("root may give it away");
        }
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o711)).expect("it is ours");
        let data = postgres.data();
        let flags = ["--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8", "-D"];
        postgres.run("initdb", &[&flags, &[&*data][..]].concat());
        postgres.resume();
        postgres
    }

    /// Of one of its databases; at first there is `postgres`.
    pub(super) fn url(&self, database: &str) -> String {
        let host = self.directory.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{host}/{database}")
    }

    /// Starts it again after [`Self::stop`].
    pub(super) fn resume(&self) {
        let settings = format!(
            "-c listen_addresses= -c fsync=off -c unix_socket_directories={}",
            self.directory.display()
        );
        let log = self.directory.join("log").display().to_string();
        self.run("pg_ctl", &["start", "--wait", "-D", &self.data(), "-l", &log, "-o", &settings]);
    }

    /// Ends it without waiting for its clients.
    pub(super) fn stop(&self) {
        self.run("pg_ctl", &["stop", "--wait", "-m", "immediate", "-D", &self.data()]);
    }

    fn data(&self) -> String {
        self.directory.join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let output = self.command(program, arguments).output();
        let output = output.unwrap_or_else(|error| panic!("{program} of PostgreSQL is needed: {error}"));
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = match self.user {
            Some((uid, gid)) => {
                let mut command = Command::new("setpriv");
                command.args([
                    format!("--reuid={uid}"),
                    format!("--regid={gid}"),
                    "--clear-groups".to_owned(),
                ]);
                command.arg(program);
                command
            }
            None => Command::new(program),
        };
        // The server keeps what it inherits: it gets no pipe that the test would wait for.
        command.args(arguments).current_dir(&self.directory).stdin(Stdio::null());
        if arguments.first() == Some(&"start") {
            command.stdout(Stdio::null()).stderr(Stdio::null());
        }
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // It may have been stopped.
        let _ = self.command("pg_ctl", &["stop", "-m", "immediate", "-D", &self.data()]).output();
    }
}

fn postgres_user() -> (u32, u32) {
    let users = std::fs::read_to_string("/etc/passwd").expect("a list of users");
    let line = users.lines().find(|line| line.starts_with("postgres:")).expect("a user postgres");
    let mut numbers = line.split(':').skip(2).map(|part| part.parse().expect("a number"));
    let mut next = || numbers.next().expect("a number");
    (next(), next())
}
