//! How certificates are loaded and replaced.

use std::{
    env, fs,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use super::*;

/// A folder with `cert.pem` and `key.pem`.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("emberdrift-tls-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).expect("it is written");
    }

    fn source(&self) -> TlsSource {
        TlsSource::Files { certificate: self.0.join("cert.pem"), key: self.0.join("key.pem") }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A certificate and its key.
fn pair() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    (made.cert.pem(), made.signing_key.serialize_pem())
}

#[test]
fn pair_is_loaded_and_replaced_when_it_changes() {
    let folder = Folder::new();
    let (certificate, key) = pair();
    folder.write("cert.pem", &certificate);
    folder.write("key.pem", &key);
    let tls = Tls::new(folder.source()).expect("a good pair");
    let first = tls.fingerprint();
    assert_eq!(first.len(), 32 * 3 - 1);
    assert_eq!(tls.reload().expect("the same"), Reloaded::Unchanged);

    let (certificate, key) = pair();
    folder.write("cert.pem", &certificate);
    // Between the two writes they do not fit together, which is an error whenever the operator asks.
    let error = tls.reload().expect_err("half a pair").to_string();
    assert!(error.contains("cert.pem") && error.contains("key.pem"), "{error}");
    assert_eq!(tls.check().expect("it may be between two writes"), Reloaded::Unchanged);
    assert_eq!(tls.fingerprint(), first, "the old one stays");
    folder.write("key.pem", &key);
    let Ok(Reloaded::Replaced(second)) = tls.check() else { panic!("not replaced") };
    assert_ne!(second, first);
    assert_eq!(tls.fingerprint(), second);
}

#[test]
fn files_that_cannot_be_used_are_told_once_and_so_is_their_end() {
    let folder = Folder::new();
    let (certificate, key) = pair();
    folder.write("cert.pem", &certificate);
    folder.write("key.pem", &key);
    let tls = Tls::new(folder.source()).expect("a good pair");
    // As if the files were on a disk that is gone, or belonged to another user.
    let lose = || fs::remove_file(folder.0.join("key.pem")).expect("it is there");
    lose();
    let told: Vec<_> = (0..9).map(|_| tls.check().is_err()).collect();
    assert_eq!(told, [false, true, false, false, false, false, false, false, false]);
    // Another fault is news.
    folder.write("key.pem", &pair().1);
    assert!(tls.check().is_err() && tls.check().is_ok());
    folder.write("key.pem", &key);
    assert_eq!(tls.check().expect("as at the start"), Reloaded::UsableAgain(11));
    assert_eq!(tls.check().expect("told already"), Reloaded::Unchanged);
    // One that lasts for a single check is nothing.
    lose();
    assert_eq!(tls.check().expect("not told yet"), Reloaded::Unchanged);
    folder.write("key.pem", &key);
    assert_eq!(tls.check().expect("nothing was told"), Reloaded::Unchanged);
}

#[test]
fn error_names_the_file_and_what_it_must_hold() {
    let folder = Folder::new();
    let (certificate, key) = pair();
    let error = |certificate: &str, key: &str| {
        folder.write("cert.pem", certificate);
        folder.write("key.pem", key);
        Tls::new(folder.source()).expect_err("faulty").to_string()
    };
    assert!(error("", &key).contains("cert.pem: there is no certificate"));
    assert!(error(&key, &key).contains("cert.pem"));
    assert!(error(&certificate.replace("MII", "M!I"), &key).contains("cert.pem"));
    assert!(error(&certificate, "").contains("key.pem"));
    assert!(error(&certificate, &certificate).contains("one private key in PEM"));
    assert!(error(&certificate, &pair().1).contains("cannot be used with the key"));
    fs::remove_file(folder.0.join("key.pem")).expect("it is there");
    let error = Tls::new(folder.source()).expect_err("no key").to_string();
    assert!(error.contains("cannot read") && error.contains("key.pem"), "{error}");
}

fn self_signed(dir: Option<&Folder>) -> TlsSource {
    let names = vec!["localhost".to_owned(), "192.0.2.1".to_owned()];
    TlsSource::SelfSigned { names, kept_in: dir.map(|dir| dir.0.clone()) }
}

#[test]
fn certificate_for_a_lan_is_made_and_stays() {
    let tls = Tls::new(self_signed(None)).expect("it is made");
    assert!(tls.is_self_signed());
    assert_eq!(tls.reload().expect("it stays"), Reloaded::Unchanged);
}

#[test]
fn certificate_for_a_lan_is_kept_for_the_next_process() {
    let folder = Folder::new();
    let start = || Tls::new(self_signed(Some(&folder))).expect("it is made or read");
    let (tls, path) = (start(), folder.0.join(FILE));
    assert!(!path.exists(), "another process may still use the directory");
    assert_eq!(tls.reload().expect("writable"), Reloaded::Kept(path.clone()));
    assert_eq!(tls.reload().expect("it is there"), Reloaded::Unchanged);
    let next = start();
    assert_eq!(next.fingerprint(), tls.fingerprint());
    assert_eq!(next.reload().expect("it is there"), Reloaded::Unchanged);

    folder.write(FILE, "names localhost\nends soon");
    let next = start();
    assert_ne!(next.fingerprint(), tls.fingerprint());
    assert_eq!(next.reload().expect("writable"), Reloaded::Kept(path.clone()));
    let aside = fs::read_to_string(path.with_extension("pem.refused-1")).expect("it was moved");
    assert!(aside.ends_with("ends soon"), "{aside}");
    assert_eq!(start().fingerprint(), next.fingerprint());
}

#[test]
fn certificate_that_the_server_before_has_kept_meanwhile_is_used() {
    let folder = Folder::new();
    let start = || Tls::new(self_signed(Some(&folder))).expect("it is made");
    // The second one starts to take over before the first has written its certificate.
    let (first, second) = (start(), start());
    assert!(matches!(first.reload(), Ok(Reloaded::Kept(_))));
    assert_eq!(second.reload().expect("readable"), Reloaded::Replaced(first.fingerprint()));
    assert_eq!(second.fingerprint(), first.fingerprint());
    assert_eq!(start().fingerprint(), first.fingerprint());
}

#[test]
fn certificate_for_a_lan_that_cannot_be_kept_is_used_and_told() {
    let folder = Folder::new();
    let tls = Tls::new(self_signed(Some(&folder))).expect("it is made");
    // In the way of the file that is written first.
    let obstacle = folder.0.join(format!("{FILE}.tmp"));
    fs::create_dir(&obstacle).expect("a folder");
    let error = tls.reload().expect_err("it cannot be written").to_string();
    assert!(error.contains(FILE) && error.contains("browsers ask about"), "{error}");
    fs::remove_dir(&obstacle).expect("it is there");
    assert!(matches!(tls.check(), Ok(Reloaded::Kept(_))));
}

#[test]
fn certificate_for_a_lan_is_renewed_while_the_server_runs() {
    let folder = Folder::new();
    let source = self_signed(Some(&folder));
    let TlsSource::SelfSigned { names, kept_in } = &source else { unreachable!() };
    let tls = Tls::new(source.clone()).expect("it is made");
    assert!(matches!(tls.reload(), Ok(Reloaded::Kept(_))));
    let first = tls.fingerprint();
    let late = now() + 790 * 24 * 3600;
    let renew = || tls.renew(names, kept_in.as_deref(), late).expect("writable");
    assert!(matches!(renew(), Reloaded::Replaced(second) if second != first));
    assert_eq!(renew(), Reloaded::Kept(folder.0.join(FILE)));
    assert_eq!(renew(), Reloaded::Unchanged);
}
