//! A real server, a real proxy before it, and what the server logs.

use std::{
    env,
    ffi::OsString,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

/// Far longer than any step takes. It turns a hanging test into a failure.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

/// A process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // SIGTERM first: killed at once, a proxy leaves its workers.
        let _ = Command::new("kill").arg(self.0.id().to_string()).stderr(Stdio::null()).status();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(5) {
            if matches!(self.0.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server behind a proxy.
pub(crate) struct Proxied {
    /// Where the proxy listens.
    pub(crate) address: SocketAddr,
    /// An empty folder for the proxy's files.
    pub(crate) folder: PathBuf,
    log: Receiver<String>,
    // In the order in which they end.
    _proxy: Process,
    _server: Process,
}

/// A file of `server/deploy/`.
pub(crate) fn deploy_file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)).unwrap()
}

impl Proxied {
    /// Starts a server with these flags, and the proxy that `variable` names. `configure` writes the proxy's file for a port, the
    /// server's address and a folder, and returns the proxy's arguments.
    pub(crate) fn start(
        variable: &str,
        flags: &[&str],
        configure: impl Fn(u16, &str, &Path) -> Vec<OsString>,
    ) -> Self {
        let program =
            env::var_os(variable).unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask test`"));
        let (server, address, log) = server(flags);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{variable}-{}", address.port()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let start = Instant::now();
        loop {
            // No proxy takes a free port by itself. This one may be taken before the proxy listens.
            let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).unwrap();
            let arguments = configure(free.port(), &address.to_string(), &folder);
            let mut proxy = Command::new(&program);
            proxy.args(arguments).env("HOME", &folder).stdout(Stdio::null());
            let mut proxy = Process(proxy.spawn().unwrap());
            while matches!(proxy.0.try_wait(), Ok(None)) {
                assert!(start.elapsed() < TIMEOUT, "{} does not listen", program.display());
                if TcpStream::connect(free).is_ok() {
                    return Self { address: free, folder, log, _proxy: proxy, _server: server };
                }
                thread::sleep(Duration::from_millis(20));
            }
            assert!(start.elapsed() < TIMEOUT, "{} ends at once", program.display());
        }
    }

    /// Waits for a line of the server's log that contains `part`.
    pub(crate) fn logged(&self, part: &str) -> String {
        let (start, mut lines) = (Instant::now(), String::new());
        while let Ok(line) = self.log.recv_timeout(TIMEOUT.saturating_sub(start.elapsed())) {
            if line.contains(part) {
                return line;
            }
            lines += &line;
            lines.push('\n');
        }
        panic!("the server did not log {part:?}, but:\n{lines}");
    }
}

/// Flags with which the server trusts proxies on 127.0.0.1 alone: its clients have other addresses of this machine.
pub(crate) const TRUSTS_PROXY: [&str; 2] = ["--trusted-proxy", "127.0.0.1"];

fn server(flags: &[&str]) -> (Process, SocketAddr, Receiver<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emberdrift"));
    for (name, _) in env::vars().filter(|(name, _)| name.starts_with("EMBERDRIFT_")) {
        command.env_remove(name);
    }
    command.args(["--listen", "127.0.0.1:0", "--drones", "4"]).args(flags);
    let mut server = Process(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let address = lines.find_map(|line| line.split(" address=").nth(1)?.split(' ').next()?.parse().ok());
    let (sender, log) = channel();
    // Also drains the pipe, at which the server would drop lines.
    thread::spawn(move || lines.for_each(|line| drop(sender.send(line))));
    let address = address.expect("the server logs its address");
    let start = Instant::now();
    while !is_ready(address) {
        assert!(start.elapsed() < TIMEOUT, "the server is not ready");
        thread::sleep(Duration::from_millis(20));
    }
    (server, address, log)
}

/// Whether the server admits players. A proxy that checks it would first find that it does not.
fn is_ready(server: SocketAddr) -> bool {
    let mut stream = TcpStream::connect(server).unwrap();
    stream.write_all(b"GET /readyz HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.0 200")
}
