//! The program from outside: errors and exit codes when it cannot start, and how signals stop it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail there")]

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Command, Output, Stdio},
};

#[path = "common/program.rs"]
mod program;

fn emberdrift(args: &[&str]) -> Command {
    let mut command = program::emberdrift();
    command.args(args);
    command
}

fn output(args: &[&str]) -> Output {
    program::output(&mut emberdrift(args))
}

/// Expects one line on stderr that contains all of `parts`, and this exit code.
fn fails(args: &[&str], code: i32, parts: &[&str]) {
    let output = output(args);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
    assert_eq!(text.lines().count(), 1, "{args:?}: {text}");
    for part in parts {
        assert!(text.contains(part), "{args:?}: no {part:?} in {text}");
    }
}

/// A wrong flag.
fn misused(args: &[&str], parts: &[&str]) {
    fails(args, 2, parts);
}

/// A failure at run time.
fn failed(args: &[&str], parts: &[&str]) {
    fails(args, 1, parts);
}

#[test]
fn port_in_use_exits_with_1() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    failed(&["--listen", &address], &[&address, "in use", "--listen"]);
}

#[test]
fn wrong_flag_exits_with_2_and_says_what_was_expected() {
    misused(&["--tick-rate", "1000"], &["--tick-rate", "'1000'", "expected a whole number from 10 to 128"]);
    misused(&["--port", "8080"], &["--port", "--help"]);
    misused(&["--log", "=a=b="], &["--log"]);
    misused(&["--listen", "here"], &["'here'", "127.0.0.1:8080"]);
    misused(&["--seed", "x"], &["--seed", "'x'", "expected a whole number from 0 to"]);
    misused(&["--arena", "drift,expanse:9999"], &["expanse:9999", "0 to 8192"]);
    misused(&["--tls-cert", "a.pem"], &["--tls-cert and --tls-key belong together"]);
    misused(&["--tls-self-signed", "--tls-cert", "a", "--tls-key", "b"], &["--tls-self-signed makes"]);
}

#[test]
fn players_beyond_the_room_of_an_arena_exit_with_2() {
    misused(&["--max-players", "8193"], &["'8193'", "from 1 to 8192"]);
    misused(&["--max-players", "8192"], &["--max-players 8192", "24 bots", "drift", "at most 8192"]);
    misused(&["--max-players", "8000", "--drones", "8000"], &["--max-players 8000", "8000 bots", "16000"]);
    misused(&["--max-players", "8189", "--arena", "duel"], &["4 bots in arena duel", "--arena duel:COUNT"]);
}

#[test]
fn missing_certificate_exits_with_1() {
    failed(&["--tls-cert", "nowhere.pem", "--tls-key", "b"], &["cannot read nowhere.pem", "check the path"]);
}

#[test]
fn missing_or_broken_arena_exits_with_1() {
    failed(&["--arena", "nowhere"], &["nowhere", "drift"]);
    let path = env::temp_dir().join(format!("emberdrift-broken-{}.ron", std::process::id()));
    let name = path.to_str().unwrap();
    let duel = include_str!("../../assets/arenas/duel.ron");
    let line = |more: usize| {
        let before = duel.split("bounce:").next().unwrap();
        format!("line {}: ", before.lines().count() + more)
    };
    let (here, below) = (line(0), line(1));
    for (from, to, parts) in [
        ("bounce: 0.5", "bounce: 5", &[&here, "rules.bounce is 5", "0 to 1"][..]),
        ("bounce:", "bouncy:", &[&here, "unknown key 'bouncy'; expected one of"]),
        ("        bounce: 0.5,\n", "", &["line ", "no key 'bounce'; add it"]),
        ("bounce: 0.5", "bounce: high", &[&here, "expected a number", "bounce: high"]),
        ("bounce: 0.5,", "bounce: 0.5", &[&below, "comma"]),
        ("(1350, 450), radius", "(1850, 450), radius", &["line 12: rocks[2].centre.x is 1850", "0 to 1800"]),
        ("half: (130, 28)", "half: (2130, 28)", &["blocks[0].half.x is 2130", "24 to 2048"]),
        ("(900, 470), half: (130, 28)", "(900, 60), half: (130, 28)", &["blocks[0]", "gap", "at least 80"]),
    ] {
        assert!(duel.contains(from), "{from}");
        fs::write(&path, duel.replacen(from, to, 1)).unwrap();
        failed(&["--arena", name], &[&[name][..], parts].concat());
    }
    fs::write(&path, "(name: \"broken\", size: (1, ").unwrap();
    failed(&["--arena", name], &[name, "line 1", "too early"]);
    fs::write(&path, [0xff, 0xfe]).unwrap();
    failed(&["--arena", name], &[name, "cannot read", "UTF-8"]);
    failed(&["--arena", &format!("drift,{name}")], &[name]);
    fs::remove_file(&path).unwrap();
    failed(&["--arena", "drift,nowhere"], &["nowhere", "drift"]);
    failed(&["--arena", "drift,expanse,drift"], &["two arenas", "\"Drift\"", "--arena"]);
}

#[test]
fn environment_variable_is_checked_like_its_flag() {
    let output = program::output(emberdrift(&[]).env("EMBERDRIFT_TICK_RATE", "5"));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && text.contains("from 10 to 128"), "{text}");
}

#[test]
fn help_and_version_exit_with_0() {
    for flag in ["--help", "--version"] {
        let output = output(&[flag]);
        assert!(output.status.success() && output.stderr.is_empty());
        assert!(String::from_utf8_lossy(&output.stdout).contains("emberdrift") || flag == "--help");
    }
    let help = output(&["--help"]).stdout;
    assert!(String::from_utf8_lossy(&help).contains("drift, duel, expanse, ruins"));
}

/// The limit is that of a user, and does not hold for root: only root can become a user without other processes.
#[cfg(target_os = "linux")]
#[test]
fn process_that_may_start_too_few_threads_says_so_in_one_line() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("emberdrift");
    fs::copy(env!("CARGO_BIN_EXE_emberdrift"), &program).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for limit in 1..=3 {
        let output = Command::new("setpriv")
            .args(["--reuid=54321", "--regid=54321", "--clear-groups", "prlimit"])
            .arg(format!("--nproc={limit}:{limit}"))
            .arg(&program)
            .args(["--listen", "127.0.0.1:0"])
            .output();
        let Ok(output) = output else { return skipped("there is no setpriv") };
        let text = String::from_utf8_lossy(&output.stderr);
        if text.starts_with("setpriv") {
            return skipped(&text);
        }
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains("ulimit -u") && text.lines().count() == 1, "{limit}: {text}");
    }
}

/// Says that a test cannot run here, for example because it takes root. Where everything must run, that is a failure.
#[cfg(unix)]
fn skipped(why: &str) {
    let must_run = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!must_run, "cannot run: {why}");
    println!("skipped: {why}");
}

#[cfg(unix)]
mod signals {
    use std::{
        io::{self, Lines, Read, Write},
        net::TcpStream,
        process::{Child, ChildStdout},
        thread,
        time::{Duration, Instant},
    };

    use super::{program::Watchdog, *};

    /// Where the server listens, which its log says.
    fn address_in(log: impl Iterator<Item = io::Result<String>>) -> String {
        let address = log.map_while(Result::ok).find_map(|line| {
            let address = line.split("open http").nth(1)?.split_once("://")?.1.split(' ').next()?;
            Some(address.to_owned())
        });
        address.expect("the server logs its address")
    }

    struct Server {
        process: Child,
        log: Option<Lines<BufReader<ChildStdout>>>,
        address: String,
        _watchdog: Watchdog,
    }

    impl Server {
        fn start() -> Self {
            Self::spawn(&mut emberdrift(&["--listen", "127.0.0.1:0"]))
        }

        fn spawn(command: &mut Command) -> Self {
            let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
            let watchdog = Watchdog::of(&process);
            let mut log = BufReader::new(process.stdout.take().unwrap()).lines();
            let address = address_in(log.by_ref());
            Self { process, log: Some(log), address, _watchdog: watchdog }
        }

        fn signal(&self, signal: &str) {
            let id = self.process.id().to_string();
            assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        }

        /// Sends a request's head. A server that does not answer in time fails the test.
        fn request(&self, path: &str, headers: &str) -> TcpStream {
            let mut stream = TcpStream::connect(&self.address).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", self.address);
            stream.write_all(head.as_bytes()).unwrap();
            stream
        }

        /// The value of a metric of the whole process.
        fn metric(&self, name: &str) -> u64 {
            let mut page = String::new();
            self.request("/metrics", "Connection: close\r\n").read_to_string(&mut page).unwrap();
            let value = page.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
            value.unwrap_or_else(|| panic!("no {name} in {page}"))
        }

        /// A client whose first message is no message of the game, which the server logs.
        fn malformed_client(&self) {
            let mut stream = self.unresponsive_client();
            // A masked binary frame of one byte, with a mask of zeros.
            stream.write_all(&[0x82, 0x81, 0, 0, 0, 0, 0xff]).unwrap();
            let mut close = [0; 1];
            stream.read_exact(&mut close).unwrap();
            assert_eq!(close, [0x88]);
        }

        /// A WebSocket that never answers a close frame.
        fn unresponsive_client(&self) -> TcpStream {
            let mut stream = self.request(
                "/ws",
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                 Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            );
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.extend(byte);
            }
            assert!(head.starts_with(b"HTTP/1.1 101"));
            stream
        }

        /// Waits for the end: the exit code, and the lines of the log until then.
        fn rest(mut self) -> (Option<i32>, Vec<String>) {
            let log = self.log.take().into_iter().flatten().map_while(Result::ok).collect();
            (self.process.wait().unwrap().code(), log)
        }

        /// Waits for the end: the exit code, and how long it took.
        fn wait(mut self) -> (Option<i32>, Duration) {
            let started = Instant::now();
            // A full pipe would block the server.
            self.log.take().into_iter().flatten().for_each(drop);
            (self.process.wait().unwrap().code(), started.elapsed())
        }
    }

    /// Otherwise its players are one network, and learn of it when the seats of that network are taken.
    #[test]
    fn proxy_that_is_not_trusted_is_named_once() {
        let server = Server::start();
        let mut answer = String::new();
        for _ in 0..3 {
            let headers = "X-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n";
            server.request("/healthz", headers).read_to_string(&mut answer).unwrap();
        }
        server.signal("-TERM");
        let (code, log) = server.rest();
        let told: Vec<_> = log.iter().filter(|line| line.contains("--trusted-proxy 127.0.0.1")).collect();
        assert_eq!((code, told.len()), (Some(0), 1), "{log:?}");
    }

    impl Drop for Server {
        /// A test that fails must leave no process behind.
        fn drop(&mut self) {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }

    #[test]
    fn sigterm_and_ctrl_c_exit_with_0() {
        for signal in ["-TERM", "-INT"] {
            let server = Server::start();
            server.signal(signal);
            let (code, took) = server.wait();
            assert_eq!(code, Some(0));
            assert!(took < Duration::from_secs(3), "{took:?}");
        }
    }

    #[test]
    fn sighup_reads_the_certificate_again_and_the_process_lives() {
        let folder = env::temp_dir().join(format!("emberdrift-sighup-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        let write = || {
            let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
            fs::write(&certificate, made.cert.pem()).unwrap();
            fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        };
        write();
        let flags = ["--tls-cert", certificate.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
        let flags = [&["--listen", "127.0.0.1:0"], &flags[..]].concat();
        let mut server = Server::spawn(&mut emberdrift(&flags));
        let mut log = server.log.take().unwrap();
        let mut logs = |part: &str| {
            let found = log.by_ref().map_while(Result::ok).any(|line| line.contains(part));
            assert!(found, "no {part:?} in the log");
        };
        write();
        server.signal("-HUP");
        logs("new connections get the certificate with SHA-256");
        fs::write(&key, "nonsense").unwrap();
        server.signal("-HUP");
        logs("the certificate stays as it was");
        fs::remove_dir_all(&folder).unwrap();
        server.signal("-TERM");
        assert_eq!(server.wait().0, Some(0));
    }

    #[test]
    fn unresponsive_client_does_not_delay_the_exit() {
        let server = Server::start();
        let _client = server.unresponsive_client();
        server.signal("-TERM");
        let (code, took) = server.wait();
        assert_eq!(code, Some(0));
        assert!(took < Duration::from_secs(3), "{took:?}");
    }

    #[test]
    fn closed_output_harms_nothing() {
        let mut server = Server::spawn(emberdrift(&["--listen", "127.0.0.1:0"]).stderr(Stdio::piped()));
        // As after `emberdrift 2>&1 | head -1`.
        drop((server.log.take(), server.process.stderr.take()));
        let mut client = server.unresponsive_client();
        for _ in 0..3 {
            server.malformed_client();
        }
        assert!(server.metric("emberdrift_log_lines_dropped_total") > 0);
        server.signal("-TERM");
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).unwrap();
        assert!(rest.contains(&0x88), "the client gets a close frame");
        assert_eq!(server.wait().0, Some(0));
    }

    #[test]
    fn log_without_a_reader_delays_nothing() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let mut command = emberdrift(&["--listen", "127.0.0.1:0"]);
        let process = command.stdout(writer.try_clone().unwrap()).spawn().unwrap();
        drop(command);
        let _watchdog = Watchdog::of(&process);
        let mut log = BufReader::new(reader);
        let address = address_in(log.by_ref().lines());
        // More than any pipe holds, so from now on nothing else fits in.
        let filler = thread::spawn(move || writer.write_all(&[b'.'; 1 << 22]));
        let mut server = Server { process, log: None, address, _watchdog };
        for _ in 0..50 {
            server.malformed_client();
        }
        assert!(server.metric("emberdrift_log_lines_dropped_total") < 50);
        assert!(!filler.is_finished(), "the pipe is full");
        server.signal("-TERM");
        let started = Instant::now();
        assert_eq!(server.process.wait().unwrap().code(), Some(0));
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        drop(log);
        assert!(filler.join().unwrap().is_err());
    }

    #[test]
    fn second_signal_exits_with_130_at_once() {
        let mut server = Server::start();
        let _client = server.unresponsive_client();
        server.signal("-TERM");
        let is_logged =
            server.log.iter_mut().flatten().map_while(Result::ok).any(|line| line.contains("SIGTERM"));
        assert!(is_logged);
        server.signal("-INT");
        let (code, took) = server.wait();
        assert_eq!(code, Some(130));
        assert!(took < Duration::from_millis(1500), "{took:?}");
    }
}
