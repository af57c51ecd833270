//! TLS on the server's own port: the certificate in use, and how it is replaced while connections go on. Connections keep what
//! they have begun with; a certificate that cannot be used changes nothing.

mod certificate;
pub(super) mod handshakes;
mod self_signed;
mod unchecked;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::ServerConfig;
use tokio::{net::TcpStream, task::spawn_blocking, time::sleep};
use tokio_rustls::TlsAcceptor;

use self::{
    certificate::{Contents, Loaded},
    self_signed::{FILE, Kept, SelfSigned, now},
};
pub use self::{
    certificate::{TlsError, TlsSource},
    unchecked::unchecked_client,
};
use super::prefixed_io::PrefixedIo;
use crate::engine::files;

/// How often the files are compared.
const WATCH_EVERY: Duration = Duration::from_secs(10);

/// A socket with TLS. What was read of it before its handshake stands in front.
pub(super) type TlsStream = tokio_rustls::server::TlsStream<PrefixedIo<TcpStream>>;

/// The certificate in use.
#[derive(Debug)]
pub struct Tls {
    source: TlsSource,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    config: Arc<ServerConfig>,
    fingerprint: String,
    origin: Origin,
    failures: Failures,
}

/// Where the certificate came from.
#[derive(Debug)]
enum Origin {
    /// The digest of the files that hold it.
    Files([u8; 32]),
    /// Made by the server.
    SelfSigned {
        pair: SelfSigned,
        /// Whether it is still to be written to its directory.
        is_to_be_kept: bool,
    },
}

/// That the files cannot be used now.
#[derive(Debug, Default)]
struct Failures {
    /// Checks in a row.
    count: u64,
    /// What the operator was told last.
    told: String,
}

impl Failures {
    /// Counts one more. Whether the operator is to be told: once for each fault, and not at the first check, because a certificate
    /// and its key are replaced one after the other.
    fn is_to_be_told(&mut self, error: &TlsError) -> bool {
        let text = error.to_string();
        self.count += 1;
        let is_news = self.count > 1 && self.told != text;
        if is_news {
            self.told = text;
        }
        is_news
    }
}

/// What reading the files again has led to.
#[derive(Debug, PartialEq, Eq)]
pub enum Reloaded {
    /// They hold the certificate in use.
    Unchanged,
    /// New connections get the certificate with this fingerprint.
    Replaced(String),
    /// The certificate is in this file for the next process.
    Kept(PathBuf),
    /// They hold the certificate in use again, after this many checks at which they could not be used.
    UsableAgain(u64),
}

impl Tls {
    /// Reads or makes the certificate. Writes nothing, because the process before this one may still use the directory. Blocks for
    /// file IO.
    ///
    /// # Errors
    /// If it cannot be read or used.
    pub fn new(source: TlsSource) -> Result<Self, TlsError> {
        let (loaded, origin) = match &source {
            TlsSource::Files { certificate, key } => {
                let contents = Contents::read(certificate, key)?;
                (contents.parse()?, Origin::Files(contents.digest()))
            }
            TlsSource::SelfSigned { names, kept_in } => {
                let kept = kept_in.as_deref().map(|dir| SelfSigned::read(dir, names, now())).transpose()?;
                let (pair, loaded, is_to_be_kept) = match kept {
                    Some(Kept::Usable(pair, loaded)) => (pair, loaded, false),
                    _ => {
                        let (pair, loaded) = SelfSigned::make(names, now())?;
                        (pair, loaded, kept_in.is_some())
                    }
                };
                (loaded, Origin::SelfSigned { pair, is_to_be_kept })
            }
        };
        let Loaded { config, fingerprint } = loaded;
        let state = Mutex::new(State { config, fingerprint, origin, failures: Failures::default() });
        Ok(Self { source, state })
    }

    /// Reads the files again, and gives new connections the certificate in them. One that was made for a LAN is written to its
    /// directory, if it is not there yet, and replaced before it expires. Blocks for file IO.
    ///
    /// # Errors
    /// If it cannot be read, used or written; the old one stays.
    pub fn reload(&self) -> Result<Reloaded, TlsError> {
        match &self.source {
            TlsSource::Files { certificate, key } => self.reload_files(certificate, key),
            TlsSource::SelfSigned { names, kept_in } => self.renew(names, kept_in.as_deref(), now()),
        }
    }

    fn reload_files(&self, certificate: &Path, key: &Path) -> Result<Reloaded, TlsError> {
        let contents = Contents::read(certificate, key)?;
        let digest = contents.digest();
        let mut state = self.state();
        if matches!(state.origin, Origin::Files(before) if before == digest) {
            return Ok(state.usable_again().unwrap_or(Reloaded::Unchanged));
        }
        let Loaded { config, fingerprint } = contents.parse()?;
        let again = state.usable_again();
        // Even if the certificate is the same: the key or an authority's certificate may be another.
        (state.config, state.origin) = (config, Origin::Files(digest));
        if state.fingerprint == fingerprint {
            return Ok(again.unwrap_or(Reloaded::Unchanged));
        }
        state.fingerprint.clone_from(&fingerprint);
        Ok(Reloaded::Replaced(fingerprint))
    }

    /// One step at a time: what replaces a certificate is written at the next check. The lock is not held meanwhile, because a
    /// handshake must not wait for the disk.
    fn renew(&self, names: &[String], dir: Option<&Path>, now: u64) -> Result<Reloaded, TlsError> {
        let (pair, is_to_be_kept) = match &self.state().origin {
            Origin::SelfSigned { pair, is_to_be_kept } => (pair.clone(), *is_to_be_kept),
            Origin::Files(_) => return Ok(Reloaded::Unchanged),
        };
        if pair.ends_soon(now) {
            let (pair, Loaded { config, fingerprint }) = SelfSigned::make(names, now)?;
            let mut state = self.state();
            (state.config, state.origin) =
                (config, Origin::SelfSigned { pair, is_to_be_kept: dir.is_some() });
            state.fingerprint.clone_from(&fingerprint);
            return Ok(Reloaded::Replaced(fingerprint));
        }
        let Some(dir) = dir.filter(|_| is_to_be_kept) else { return Ok(Reloaded::Unchanged) };
        match SelfSigned::read(dir, names, now)? {
            // The server before this one has renewed it meanwhile: browsers know that one.
            Kept::Usable(pair, Loaded { config, fingerprint }) => {
                let mut state = self.state();
                (state.config, state.failures) = (config, Failures::default());
                state.origin = Origin::SelfSigned { pair, is_to_be_kept: false };
                state.fingerprint.clone_from(&fingerprint);
                return Ok(Reloaded::Replaced(fingerprint));
            }
            Kept::Nothing => {}
            Kept::Outdated(why) => tracing::info!("the kept certificate is replaced: {why}"),
            Kept::Broken(why) => {
                let (path, shown) = (dir.join(FILE), dir.display());
                let aside = files::set_aside(&path).map_err(|error| TlsError::Keep { path, error })?;
                let aside = aside.display();
                tracing::warn!(
                    "the certificate in '{shown}' cannot be used: {why}; it is now '{aside}', and browsers ask about a new one"
                );
            }
        }
        let path = pair.write(dir)?;
        let mut state = self.state();
        state.failures = Failures::default();
        state.origin = Origin::SelfSigned { pair, is_to_be_kept: false };
        Ok(Reloaded::Kept(path))
    }

    /// The same for a regular check, at which only news is an error: a fault at the second check in a row, and once.
    ///
    /// # Errors
    /// As [`Self::reload`].
    pub fn check(&self) -> Result<Reloaded, TlsError> {
        match self.reload() {
            Err(error) if !self.state().failures.is_to_be_told(&error) => Ok(Reloaded::Unchanged),
            result => result,
        }
    }

    /// Whether no authority has signed the certificate, so that browsers ask the visitor.
    pub fn is_self_signed(&self) -> bool {
        matches!(self.source, TlsSource::SelfSigned { .. })
    }

    /// The SHA-256 of the certificate, as browsers show it.
    pub fn fingerprint(&self) -> String {
        self.state().fingerprint.clone()
    }

    /// For a handshake with the certificate in use.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.state().config).into()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // The state is valid after a panic elsewhere too.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The files can be used. Says so if the operator was told that they could not.
    fn usable_again(&mut self) -> Option<Reloaded> {
        let Failures { count, told } = std::mem::take(&mut self.failures);
        (!told.is_empty()).then_some(Reloaded::UsableAgain(count))
    }
}

/// Reads the certificate again because the operator asks for it, and logs what comes of it.
pub async fn reload_certificate(tls: &Arc<Tls>) {
    if let Ok(Reloaded::Unchanged) = read_and_log(tls, Tls::reload).await {
        tracing::info!("the certificate is the same as before");
    }
}

/// Logs which certificate is in use, keeps one that was made, and reads it again whenever its files change. Never returns.
pub async fn watch_certificate(tls: Arc<Tls>) {
    let kind =
        if tls.is_self_signed() { "made for a LAN, which browsers ask about" } else { "from its files" };
    tracing::info!("TLS with a certificate {kind}, SHA-256 {}", tls.fingerprint());
    // A certificate that was made is kept from the start, and a fault there is told at once.
    let _ = read_and_log(&tls, Tls::reload).await;
    // The files are small and mostly in the kernel's cache, and they are compared: a time can be the same for two writes.
    loop {
        sleep(WATCH_EVERY).await;
        // An error is logged, and the next change is another chance.
        let _ = read_and_log(&tls, Tls::check).await;
    }
}

async fn read_and_log(tls: &Arc<Tls>, read: fn(&Tls) -> Result<Reloaded, TlsError>) -> Result<Reloaded, ()> {
    let tls = Arc::clone(tls);
    match spawn_blocking(move || read(&tls)).await {
        Ok(Ok(reloaded)) => {
            match &reloaded {
                Reloaded::Unchanged => {}
                Reloaded::Replaced(fingerprint) => {
                    tracing::info!("new connections get the certificate with SHA-256 {fingerprint}");
                }
                Reloaded::Kept(path) => {
                    let path = path.display();
                    tracing::info!("the certificate is kept in '{path}': a restart brings no other");
                }
                Reloaded::UsableAgain(failures) => {
                    tracing::info!(failures, "the certificate's files can be used again");
                }
            }
            Ok(reloaded)
        }
        Ok(Err(error)) => {
            tracing::warn!("the certificate stays as it was: {error}");
            Err(())
        }
        Err(error) => {
            tracing::error!(%error, "the certificate was not read");
            Err(())
        }
    }
}

#[cfg(test)]
mod tests;
