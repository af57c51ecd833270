//! The programs as their users meet them: exit codes and error messages.

use std::{
    io::Write,
    net::TcpListener,
    process::{Command, Output},
};

const BOTS: &str = env!("CARGO_BIN_EXE_emberdrift-bots");
const BASELINE: &str = env!("CARGO_BIN_EXE_emberdrift-baseline");
const CONDITIONER: &str = env!("CARGO_BIN_EXE_emberdrift-conditioner");
const NETCODE: &str = env!("CARGO_BIN_EXE_emberdrift-netcode");
const CAPACITY: &str = env!("CARGO_BIN_EXE_emberdrift-capacity");
const SOAK: &str = env!("CARGO_BIN_EXE_emberdrift-soak");
const RESTART: &str = env!("CARGO_BIN_EXE_emberdrift-restart");
const RECORDS: &str = env!("CARGO_BIN_EXE_emberdrift-records");
const ALL: [&str; 8] = [BOTS, BASELINE, CONDITIONER, NETCODE, CAPACITY, SOAK, RESTART, RECORDS];

fn output(program: &str, args: &[&str]) -> Output {
    Command::new(program).args(args).output().expect("the program runs")
}

/// Expects this exit code, nothing on standard output, and an error that contains `part`; returns the error.
fn fails(code: i32, program: &str, args: &[&str], part: &str) -> String {
    let output = output(program, args);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{program} {args:?}: {error}");
    assert!(output.stdout.is_empty() && error.contains(part), "{program} {args:?}: {error}");
    error
}

#[test]
fn wrong_flag_ends_with_2() {
    for program in ALL {
        fails(2, program, &["--no-such-flag"], "--no-such-flag");
    }
    fails(2, BOTS, &["--seconds", "0"], "from 0.1 to 86400");
    fails(2, BOTS, &["--link", "delay=fast"], "write delay=100ms");
    fails(2, BOTS, &["--game", "chess"], "[possible values: emberdrift, tag]");
    fails(2, CONDITIONER, &["--link", "delay=fast"], "write delay=100ms");
    fails(2, NETCODE, &["--seeds", "0"], "--seeds");
    fails(2, SOAK, &["--minutes", "0"], "from 0.1 to 10000");
    fails(2, RESTART, &["--players", "0"], "1..=2000");
    fails(2, RECORDS, &["--rows", "1"], "--data <DATA>");
}

#[test]
fn help_succeeds() {
    for program in ALL {
        let output = output(program, &["--help"]);
        assert!(
            output.status.success() && output.stderr.is_empty() && !output.stdout.is_empty(),
            "{program}"
        );
    }
}

#[test]
fn missing_server_is_one_line_and_ends_with_1() {
    // Port 9 is for discarding: no server listens there, and no other test can be given it.
    let address = "127.0.0.1:9";
    let url = format!("ws://{address}");
    let error = fails(1, BOTS, &["--url", &url], "cargo xtask play");
    assert!(error.lines().count() == 1 && error.contains(&url), "{error}");
    let error = fails(1, BOTS, &["--baseline", "9", "--url", &url], "`emberdrift-baseline`");
    assert!(error.lines().count() == 1 && error.contains(address), "{error}");
}

#[test]
fn closed_output_changes_no_exit_code() {
    // As after `emberdrift-bots 2>&1 | true`.
    let closed = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        writer
    };
    let cases: [(&str, &[&str], i32); 3] = [
        (BOTS, &["--url", "ws://127.0.0.1:9"], 1),
        (NETCODE, &["--seeds", "0"], 2),
        (CONDITIONER, &["--help"], 0),
    ];
    for (program, args, code) in cases {
        let status = Command::new(program).args(args).stdout(closed()).stderr(closed()).status();
        assert_eq!(status.expect("the program runs").code(), Some(code), "{program} {args:?}");
    }
}

#[test]
fn output_without_a_reader_keeps_no_program_from_its_end() {
    // As after `emberdrift-bots 2> fifo` whose reader does not read: a pipe has 64 KiB.
    let (reader, mut full) = std::io::pipe().expect("a pipe");
    full.write_all(&[b'-'; 64 * 1024]).expect("an empty pipe");
    let status = Command::new(BOTS).args(["--url", "ws://127.0.0.1:9"]).stderr(full).status();
    assert_eq!(status.expect("the program runs").code(), Some(1));
    drop(reader);
}

#[test]
fn address_in_use_ends_with_1() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    fails(1, CONDITIONER, &["--listen", &address], &address);
    fails(1, BASELINE, &["--listen", &address], &address);
}
