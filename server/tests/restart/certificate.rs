//! The certificate that the server made for a LAN is the same after a restart, so that browsers that have accepted it do not ask
//! again.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    time::Duration,
};

use super::process::{Arena, Server};

const MADE: &[&str] = &["--tls-self-signed"];

/// Waits for a line of the log with these words.
fn wait_for_line(server: &Server, words: &str) -> String {
    for _ in 0..1000 {
        let log = [&server.log_before_start[..], &server.log()].concat();
        if let Some(line) = log.into_iter().find(|line| line.contains(words)) {
            return line;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("no {words:?} in {:?}", server.log());
}

/// The SHA-256 of the certificate in use.
fn fingerprint(server: &Server) -> String {
    let line = wait_for_line(server, "TLS with a certificate ");
    line.split("SHA-256 ").nth(1).unwrap_or_else(|| panic!("{line}")).to_owned()
}

#[test]
fn certificate_for_a_lan_outlives_the_process_and_a_broken_file_is_set_aside() {
    let arena = Arena::new();
    let file = arena.state().join("self-signed.pem");
    let server = Server::start(&arena, MADE);
    wait_for_line(&server, "the certificate is kept in");
    let first = fingerprint(&server);
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    server.kill();

    // What an operator's copy may have done.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let server = Server::start(&arena, MADE);
    assert_eq!(fingerprint(&server), first);
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));

    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, &text[..text.len() / 2]).unwrap();
    let server = Server::start(&arena, MADE);
    let line = wait_for_line(&server, "cannot be used");
    assert!(line.contains("self-signed.pem.refused-1"), "{line}");
    wait_for_line(&server, "the certificate is kept in");
    let second = fingerprint(&server);
    assert_ne!(second, first);
    server.kill();
    let server = Server::start(&arena, MADE);
    assert_eq!(fingerprint(&server), second);
}

#[test]
fn next_process_has_the_certificate_of_the_one_that_it_takes_over_from() {
    let arena = Arena::new();
    let socket = arena.state().with_file_name("takeover");
    let flags = ["--tls-self-signed", "--takeover", socket.to_str().unwrap()];
    let old = Server::start(&arena, &flags);
    wait_for_line(&old, "the certificate is kept in");
    let new = Server::start_at(&old.address, &arena, &flags);
    assert_eq!(fingerprint(&new), fingerprint(&old));
    assert_eq!(old.wait(), Some(0));
}
