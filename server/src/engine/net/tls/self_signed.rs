//! Certificates for a LAN, where no authority gives one. With a directory to keep it in, a certificate outlives the process: a
//! browser that has accepted it does not ask again after a restart.
//!
//! The file has the names and the end above the certificate and its key, all in one, so that they always fit together. A crate
//! that reads them from the certificate would add eight dependencies.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

use super::certificate::{Loaded, TlsError, loaded};
use crate::engine::files;

/// In the state directory, whose check knows it as a file that only the owner may read.
pub(super) const FILE: &str = "self-signed.pem";
/// Most bytes of it that are read; it has about one kilobyte.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// In Unix time: 2026. A clock that is earlier has not been set.
const CLOCK_IS_SET: u64 = 1_767_225_600;
const DAY: Duration = Duration::from_hours(24);
/// How long a certificate is valid. Safari takes none of more than 825 days, even if its user would accept it.
const VALID: Duration = Duration::from_hours(24 * 800);
/// How long before its end a certificate is replaced. A server that is started again within this time asks its players only once.
const RENEWED_BEFORE_END: Duration = Duration::from_hours(24 * 30);

/// A certificate that no authority has signed, and its key.
#[derive(Clone, Debug)]
pub(super) struct SelfSigned {
    /// What it is for, in this order.
    names: Vec<String>,
    /// Unix time in seconds.
    ends: u64,
    /// Both in PEM.
    pair: String,
}

/// What a directory holds.
#[derive(Debug)]
pub(super) enum Kept {
    Nothing,
    /// A certificate for these names that is valid for a while.
    Usable(SelfSigned, Loaded),
    /// One that is to be replaced, and why.
    Outdated(&'static str),
    /// A file that cannot be used, and why.
    Broken(String),
}

/// Now, as Unix time in seconds.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

impl SelfSigned {
    /// A new one for these names and addresses.
    pub(super) fn make(names: &[String], now: u64) -> Result<(Self, Loaded), TlsError> {
        let make = |error: rcgen::Error| TlsError::Make(error.to_string());
        let key = rcgen::KeyPair::generate().map_err(make)?;
        let mut params = rcgen::CertificateParams::new(names).map_err(make)?;
        let now = Duration::from_secs(now);
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        // A visitor's clock may be slow.
        params.not_before = epoch + now.saturating_sub(DAY);
        params.not_after = epoch + (now + VALID);
        let certificate = params.self_signed(&key).map_err(make)?;
        let pair = format!("{}{}", certificate.pem(), key.serialize_pem());
        let made = Self { names: names.to_vec(), ends: (now + VALID).as_secs(), pair };
        let loaded = made.load().map_err(TlsError::Make)?;
        Ok((made, loaded))
    }

    /// The one in this directory, if it can be used for these names.
    pub(super) fn read(dir: &Path, names: &[String], now: u64) -> Result<Kept, TlsError> {
        let path = dir.join(FILE);
        let mut text = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut text));
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Kept::Nothing),
            Err(error) => return Err(TlsError::Read { path, error }),
            Ok(_) => {}
        }
        let parsed = String::from_utf8(text)
            .map_err(|error| error.to_string())
            .and_then(|text| Self::parse(&text))
            .and_then(|kept| kept.load().map(|loaded| (kept, loaded)));
        Ok(match parsed {
            Err(why) => Kept::Broken(why),
            Ok((kept, _)) if kept.names != names => Kept::Outdated("the server has other addresses now"),
            Ok((kept, _)) if kept.ends_soon(now) => Kept::Outdated("it is about to expire"),
            Ok((kept, loaded)) => Kept::Usable(kept, loaded),
        })
    }

    /// Writes it to this directory, where only the owner may read it. Returns the file.
    pub(super) fn write(&self, dir: &Path) -> Result<PathBuf, TlsError> {
        let (path, Self { names, ends, pair }) = (dir.join(FILE), self);
        let text = format!("names {}\nends {ends}\n{pair}", names.join(" "));
        let written = files::create_private(dir).and_then(|()| files::replace(&path, text.as_bytes()));
        match written {
            Ok(()) => Ok(path),
            Err(error) => Err(TlsError::Keep { path, error }),
        }
    }

    /// Whether it is to be replaced, also because the clock was wrong when it was made. A clock that is not set yet, as of a machine
    /// without a battery after its start, says nothing.
    pub(super) fn ends_soon(&self, now: u64) -> bool {
        self.ends < now.saturating_add(RENEWED_BEFORE_END.as_secs())
            || now >= CLOCK_IS_SET && self.ends > now.saturating_add((VALID + DAY).as_secs())
    }

    fn parse(text: &str) -> Result<Self, String> {
        let line = |at: usize, key: &str| {
            let value = text.lines().nth(at).and_then(|line| line.strip_prefix(key)?.strip_prefix(' '));
            value.ok_or_else(|| format!("line {} does not begin with {key:?}", at + 1))
        };
        let names = line(0, "names")?.split(' ').map(str::to_owned).collect();
        let ends = line(1, "ends")?.parse().map_err(|error| format!("line 2: {error}"))?;
        let pair = text.splitn(3, '\n').nth(2).unwrap_or_default().to_owned();
        Ok(Self { names, ends, pair })
    }

    /// An error if the two do not fit together.
    fn load(&self) -> Result<Loaded, String> {
        let certificate = CertificateDer::from_pem_slice(self.pair.as_bytes());
        let certificate = certificate.map_err(|error| format!("the certificate: {error}"))?;
        let key = PrivateKeyDer::from_pem_slice(self.pair.as_bytes());
        let key = key.map_err(|error| format!("the private key: {error}"))?;
        loaded(vec![certificate], key).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn names() -> Vec<String> {
        ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec()
    }

    #[test]
    fn kept_certificate_is_the_one_that_was_made() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let state = dir.path().join("state");
        assert!(matches!(SelfSigned::read(&state, &names(), NOW), Ok(Kept::Nothing)));
        let (made, loaded) = SelfSigned::make(&names(), NOW).expect("it can be made");
        let path = made.write(&state).expect("it can be written");
        let Ok(Kept::Usable(_, kept)) = SelfSigned::read(&state, &names(), NOW) else { panic!("unusable") };
        assert_eq!(kept.fingerprint, loaded.fingerprint);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(path).expect("it is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn certificate_is_replaced_for_other_names_and_before_its_end() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (made, _) = SelfSigned::make(&names(), NOW).expect("it can be made");
        made.write(dir.path()).expect("it can be written");
        let days = |days: u64| NOW + days * DAY.as_secs();
        for (now, is_usable) in [
            (days(0) - 3600, true),
            (days(769), true),
            (days(771), false),
            (days(900), false),
            // It was made while the clock was years ahead.
            (days(0) - 365 * DAY.as_secs(), false),
            // The clock is not set yet.
            (3600, true),
        ] {
            let kept = SelfSigned::read(dir.path(), &names(), now).expect("readable");
            assert_eq!(matches!(kept, Kept::Usable(..)), is_usable, "{now}");
            assert_eq!(matches!(kept, Kept::Outdated(_)), !is_usable, "{now}");
        }
        let mut others = names();
        others.push("192.168.1.5".to_owned());
        assert!(matches!(SelfSigned::read(dir.path(), &others, NOW), Ok(Kept::Outdated(_))));
    }

    #[test]
    fn file_that_is_no_pair_is_broken() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (path, write) = (dir.path().join(FILE), |pair: &SelfSigned| {
            pair.write(dir.path()).expect("it can be written");
        });
        let (made, _) = SelfSigned::make(&names(), NOW).expect("it can be made");
        let (other, _) = SelfSigned::make(&names(), NOW).expect("it can be made");
        write(&made);
        let whole = fs::read(&path).expect("readable");
        let is_broken = || matches!(SelfSigned::read(dir.path(), &names(), NOW), Ok(Kept::Broken(_)));
        for length in [0, 5, 40, whole.len() / 2, whole.len() - 40] {
            fs::write(&path, &whole[..length]).expect("writable");
            assert!(is_broken(), "the first {length} bytes");
        }
        let mut flipped = whole;
        flipped[3] = 0xff;
        fs::write(&path, &flipped).expect("writable");
        assert!(is_broken(), "not UTF-8");
        // The certificate of one and the key of another.
        let key = other.pair.find("-----BEGIN PRIVATE").expect("a key");
        let own = made.pair.find("-----BEGIN PRIVATE").expect("a key");
        write(&SelfSigned { pair: format!("{}{}", &made.pair[..own], &other.pair[key..]), ..made });
        assert!(is_broken(), "they do not fit together");
    }
}
