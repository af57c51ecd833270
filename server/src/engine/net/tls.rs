//! TLS on the server's own port: the certificate in use, and how it is replaced while connections go on. Connections keep what
//! they have begun with; a certificate that cannot be used changes nothing.

mod certificate;
pub(super) mod handshakes;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::ServerConfig;
use tokio::{net::TcpStream, task::spawn_blocking, time::sleep};
use tokio_rustls::TlsAcceptor;

use self::certificate::{Contents, Loaded, made_for_a_lan};
pub use self::certificate::{TlsError, TlsSource};
use super::{phase::PhaseReceiver, prefixed_io::PrefixedIo};

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
    /// Of the files that hold it.
    digest: [u8; 32],
    failures: Failures,
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
    /// They hold the certificate in use again, after this many checks at which they could not be used.
    UsableAgain(u64),
}

impl Tls {
    /// Reads or makes the certificate. Blocks for file IO.
    ///
    /// # Errors
    /// If it cannot be read or used.
    pub fn new(source: TlsSource) -> Result<Self, TlsError> {
        let (loaded, digest) = match &source {
            TlsSource::Files { certificate, key } => {
                let contents = Contents::read(certificate, key)?;
                (contents.parse()?, contents.digest())
            }
            TlsSource::SelfSigned(names) => (made_for_a_lan(names)?, [0; 32]),
        };
        let Loaded { config, fingerprint } = loaded;
        let state = Mutex::new(State { config, fingerprint, digest, failures: Failures::default() });
        Ok(Self { source, state })
    }

    /// Reads the files again, and gives new connections the certificate in them. One that was made for a LAN stays. Blocks for
    /// file IO.
    ///
    /// # Errors
    /// If it cannot be read or used; the old one stays.
    pub fn reload(&self) -> Result<Reloaded, TlsError> {
        let TlsSource::Files { certificate, key } = &self.source else { return Ok(Reloaded::Unchanged) };
        let contents = Contents::read(certificate, key)?;
        let digest = contents.digest();
        let mut state = self.state();
        if state.digest == digest {
            return Ok(state.usable_again().unwrap_or(Reloaded::Unchanged));
        }
        let Loaded { config, fingerprint } = contents.parse()?;
        let again = state.usable_again();
        // Even if the certificate is the same: the key or an authority's certificate may be another.
        (state.config, state.digest) = (config, digest);
        if state.fingerprint == fingerprint {
            return Ok(again.unwrap_or(Reloaded::Unchanged));
        }
        state.fingerprint.clone_from(&fingerprint);
        Ok(Reloaded::Replaced(fingerprint))
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
        matches!(self.source, TlsSource::SelfSigned(_))
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

/// Logs which certificate is in use, and reads it again whenever its files change, until the server stops.
pub async fn watch_certificate(tls: Arc<Tls>, phase: PhaseReceiver) {
    let kind =
        if tls.is_self_signed() { "made for a LAN, which browsers ask about" } else { "from its files" };
    tracing::info!("TLS with a certificate {kind}, SHA-256 {}", tls.fingerprint());
    let watch = async {
        // The files are small and mostly in the kernel's cache, and they are compared: a time can be the same for two writes.
        loop {
            sleep(WATCH_EVERY).await;
            // An error is logged, and the next change is another chance.
            let _ = read_and_log(&tls, Tls::check).await;
        }
    };
    tokio::select! {
        () = watch => {}
        () = phase.draining() => {}
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
