//! The program as its user meets it: what it says when it cannot start, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail there")]

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Command, Output, Stdio},
};

fn emberdrift(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emberdrift"));
    // The variables of whoever runs the tests are not to change them.
    for (name, _) in env::vars().filter(|(name, _)| name.starts_with("EMBERDRIFT_")) {
        command.env_remove(name);
    }
    command.args(args);
    command
}

fn output(args: &[&str]) -> Output {
    emberdrift(args).output().unwrap()
}

/// Expects a refusal: one line that contains all of `parts`.
fn refused(args: &[&str], parts: &[&str]) {
    let output = output(args);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{args:?}: {text}");
    assert_eq!(text.lines().count(), 1, "{args:?}: {text}");
    for part in parts {
        assert!(text.contains(part), "{args:?}: no {part:?} in {text}");
    }
}

#[test]
fn a_port_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(&["--listen", &address], &[&address, "in use", "--listen"]);
}

#[test]
fn bad_flags() {
    refused(&["--tick-rate", "1000"], &["1000", "10..=128"]);
    refused(&["--port", "8080"], &["--port", "--help"]);
    refused(&["--max-players", "8000", "--drones", "8000"], &["8192"]);
    refused(&["--log", "=a=b="], &["--log"]);
    refused(&["--listen", "here"], &["here", "127.0.0.1:8080"]);
}

#[test]
fn arenas_that_are_missing_or_broken() {
    refused(&["--arena", "nowhere"], &["nowhere", "drift"]);
    let path = env::temp_dir().join(format!("emberdrift-broken-{}.ron", std::process::id()));
    let name = path.to_str().unwrap();
    let duel = include_str!("../../assets/arenas/duel.ron");
    let line = |more: usize| {
        let before = duel.split("bounce:").next().unwrap();
        format!("line {},", before.lines().count() + more)
    };
    let (here, below) = (line(0), line(1));
    for (from, to, parts) in [
        ("bounce: 0.5", "bounce: 5", &["rules.bounce is 5", "0 to 1"][..]),
        ("bounce:", "bouncy:", &[&here, "column", "no key `bouncy`"]),
        ("        bounce: 0.5,\n", "", &["line ", "`bounce` is missing"]),
        ("bounce: 0.5", "bounce: high", &[&here, "a number belongs", "bounce: high"]),
        ("bounce: 0.5,", "bounce: 0.5", &[&below, "comma"]),
        ("(1350, 450), radius: 62", "(1850, 450), radius: 62", &["rocks[2].centre.x is 1850", "0 to 1800"]),
        ("half: (130, 28)", "half: (2130, 28)", &["blocks[0].half.x is 2130", "24 to 2048"]),
        ("(900, 470), half: (130, 28)", "(900, 60), half: (130, 28)", &["blocks[0]", "gap", "at least 80"]),
    ] {
        assert!(duel.contains(from), "{from}");
        fs::write(&path, duel.replacen(from, to, 1)).unwrap();
        refused(&["--arena", name], &[&[name][..], parts].concat());
    }
    fs::write(&path, "(name: \"broken\", size: (1, ").unwrap();
    refused(&["--arena", name], &[name, "line 1", "too early"]);
    fs::write(&path, [0xff, 0xfe]).unwrap();
    refused(&["--arena", name], &[name, "cannot read", "UTF-8"]);
    refused(&["--arena", &format!("drift,{name}")], &[name]);
    fs::remove_file(&path).unwrap();
    refused(&["--arena", "drift,nowhere"], &["nowhere", "drift"]);
    refused(&["--arena", "drift,"], &["no arena ``"]);
    refused(&["--arena", "drift,expanse,drift"], &["two arenas", "\"Drift\"", "--arena"]);
    refused(&["--arena", "drift,expanse:9999"], &["expanse:9999", "0 to 8192"]);
}

#[test]
fn a_variable_counts_as_its_flag_does() {
    let output = emberdrift(&[]).env("EMBERDRIFT_TICK_RATE", "5").output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("10..=128"), "{text}");
}

#[test]
fn help_and_version_succeed() {
    for flag in ["--help", "--version"] {
        let output = output(&[flag]);
        assert!(output.status.success() && output.stderr.is_empty());
        assert!(String::from_utf8_lossy(&output.stdout).contains("emberdrift") || flag == "--help");
    }
    let help = output(&["--help"]).stdout;
    assert!(String::from_utf8_lossy(&help).contains("drift, duel, expanse, ruins"));
}

#[cfg(unix)]
mod signals {
    use std::{
        io::{Lines, Read, Write},
        net::TcpStream,
        process::{Child, ChildStdout},
        time::{Duration, Instant},
    };

    use super::*;

    struct Server {
        process: Child,
        log: Lines<BufReader<ChildStdout>>,
        address: String,
    }

    impl Server {
        fn start() -> Self {
            let mut process =
                emberdrift(&["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
            let mut log = BufReader::new(process.stdout.take().unwrap()).lines();
            let address = log.by_ref().map_while(Result::ok).find_map(|line| {
                let address = line.split("open http://").nth(1)?.split(' ').next()?;
                Some(address.to_owned())
            });
            Self { process, log, address: address.expect("it never said where it listens") }
        }

        fn signal(&self, signal: &str) {
            let id = self.process.id().to_string();
            assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        }

        /// A WebSocket that never answers a goodbye.
        fn deaf_client(&self) -> TcpStream {
            let mut stream = TcpStream::connect(&self.address).unwrap();
            let request = format!(
                "GET /ws HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                self.address
            );
            stream.write_all(request.as_bytes()).unwrap();
            let mut status = [0; 12];
            stream.read_exact(&mut status).unwrap();
            assert_eq!(&status, b"HTTP/1.1 101");
            stream
        }

        /// Its exit code, and how long it took from now.
        fn ended(mut self) -> (Option<i32>, Duration) {
            let asked = Instant::now();
            // Whatever it still says must not block it.
            self.log.by_ref().for_each(drop);
            (self.process.wait().unwrap().code(), asked.elapsed())
        }
    }

    #[test]
    fn end_it_in_good_order() {
        for signal in ["-TERM", "-INT"] {
            let server = Server::start();
            server.signal(signal);
            let (code, took) = server.ended();
            assert_eq!(code, Some(0));
            assert!(took < Duration::from_secs(3), "{took:?}");
        }
    }

    #[test]
    fn end_it_in_time_although_a_client_is_deaf() {
        let server = Server::start();
        let _client = server.deaf_client();
        server.signal("-TERM");
        let (code, took) = server.ended();
        assert_eq!(code, Some(0));
        assert!(took < Duration::from_secs(3), "{took:?}");
    }

    #[test]
    fn a_second_one_ends_it_at_once() {
        let mut server = Server::start();
        let _client = server.deaf_client();
        server.signal("-TERM");
        let heard = server.log.by_ref().map_while(Result::ok).any(|line| line.contains("SIGTERM"));
        assert!(heard);
        server.signal("-INT");
        let (code, took) = server.ended();
        assert_eq!(code, Some(130));
        assert!(took < Duration::from_millis(1500), "{took:?}");
    }
}
