//! Tests of how apt's sources are read.

use super::*;

const SOURCES: &str = "\
Types: deb deb-src
# a comment inside
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Types: deb-src
URIs: http://mirror.example/debian
Suites: bookworm
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
";

#[test]
fn reads_deb822_stanzas() {
    let sources = parse_sources(SOURCES);
    assert_eq!(sources.len(), 2, "sources without packages, or switched off, are left out");
    assert_eq!(sources[0].uri, "http://mirror.example/debian");
    assert_eq!(sources[0].suites, ["bookworm", "bookworm-updates"]);
    assert_eq!(sources[0].components, ["main", "contrib"]);
    assert!(sources[0].is_main_archive("bookworm"));
    assert!(!sources[1].is_main_archive("bookworm"));
}

#[test]
fn carries_the_key_over() {
    let stanza = parse_sources(SOURCES)[0].stanza("trixie-backports");
    assert!(stanza.contains("\nSuites: trixie-backports\n"), "{stanza}");
    assert!(stanza.ends_with("Signed-By: \n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n"), "{stanza}");
}

#[test]
fn reads_one_line_entries() {
    let sources = parse_list(
        "# deb http://old.example/debian bookworm main\n\
         deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] http://mirror.example/debian bookworm main # here\n\
         deb-src http://mirror.example/debian bookworm main\n\
         deb http://other.example/apt cloud-bookworm main\n\
         deb cdrom:[disk]/ bookworm main\n\
         deb\n",
    );
    assert_eq!(sources.len(), 3);
    assert_eq!(sources[0].trust, [("signed-by".to_owned(), "/usr/share/keyrings/a.gpg".to_owned())]);
    assert!(sources[0].is_main_archive("bookworm"));
    assert!(!sources[1].is_main_archive("bookworm"));
    assert!(!sources[2].is_main_archive("bookworm"));
}

#[test]
fn a_rolling_release_is_known_by_its_class() {
    let sources = parse_list("deb http://mirror.example/debian unstable main");
    assert!(sources[0].is_main_archive("forky"));
}
