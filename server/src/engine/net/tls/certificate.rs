//! Where certificates come from, and those in the operator's files.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use sha2::{Digest, Sha256};

/// Most bytes of a file: a chain of certificates has a few kilobytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsSource {
    /// Files in PEM: the certificate with those of the authorities between, and its private key.
    Files {
        /// The server's certificate first.
        certificate: PathBuf,
        /// In PKCS #8, PKCS #1 or SEC 1.
        key: PathBuf,
    },
    /// Made by the server, for a LAN.
    SelfSigned {
        /// Names and addresses that it is for.
        names: Vec<String>,
        /// The directory that it is kept in for the next process; `None`: it is made at each start.
        kept_in: Option<PathBuf>,
    },
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}: {error}; check the path and who may read it", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file of the certificate holds none.
    #[error("{}: {why}; it must hold the certificate in PEM, then those of the authorities between", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The file of the key holds none.
    #[error("{}: {why}; it must hold one private key in PEM without a password", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// They do not fit together.
    #[error("the certificate in {} cannot be used with the key in {}: {error}", certificate.display(), key.display())]
    Pair {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// What is wrong.
        error: rustls::Error,
    },
    /// The certificate for a LAN cannot be kept.
    #[error(
        "cannot write {}: {error}; until it can be written, a restart brings another certificate, which browsers ask about",
        path.display()
    )]
    Keep {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The certificate for a LAN cannot be made.
    #[error("cannot make a certificate: {0}; name one with --tls-cert and --tls-key")]
    Make(String),
}

/// A certificate as it is served.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) config: Arc<ServerConfig>,
    pub(super) fingerprint: String,
}

/// What the operator's files hold.
#[derive(Debug)]
pub(super) struct Contents<'a> {
    certificate: (&'a Path, Vec<u8>),
    key: (&'a Path, Vec<u8>),
}

impl<'a> Contents<'a> {
    pub(super) fn read(certificate: &'a Path, key: &'a Path) -> Result<Self, TlsError> {
        Ok(Self { certificate: (certificate, read(certificate)?), key: (key, read(key)?) })
    }

    /// Tells contents apart.
    pub(super) fn digest(&self) -> [u8; 32] {
        Sha256::new().chain_update(&self.certificate.1).chain_update(&self.key.1).finalize().into()
    }

    /// The certificate in them, if it can be used with the key.
    pub(super) fn parse(&self) -> Result<Loaded, TlsError> {
        let ((certificate, chain), (key, private)) = (&self.certificate, &self.key);
        let faulty = |why: String| TlsError::Certificate { path: certificate.to_path_buf(), why };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain).collect();
        let chain = chain.map_err(|error| faulty(error.to_string()))?;
        if chain.is_empty() {
            return Err(faulty("there is no certificate".to_owned()));
        }
        let private = PrivateKeyDer::from_pem_slice(private)
            .map_err(|error| TlsError::Key { path: key.to_path_buf(), why: error.to_string() })?;
        loaded(chain, private).map_err(|error| TlsError::Pair {
            certificate: certificate.to_path_buf(),
            key: key.to_path_buf(),
            error,
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let checked = || {
        let length = fs::metadata(path)?.len();
        if length > FILE_BYTES_MAX { Err(io::ErrorKind::FileTooLarge.into()) } else { fs::read(path) }
    };
    checked().map_err(|error| TlsError::Read { path: path.to_owned(), error })
}

/// The certificate and those of the authorities between, if they can be used with the key.
pub(super) fn loaded(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Loaded, rustls::Error> {
    let hash = Sha256::digest(chain.first().map(AsRef::as_ref).unwrap_or_default());
    let fingerprint: Vec<_> = hash.iter().map(|byte| format!("{byte:02X}")).collect();
    // The provider is named, because a program may have several and then has no default.
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    // WebSockets need it, and the page loads in six requests.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Loaded { config: Arc::new(config), fingerprint: fingerprint.join(":") })
}
