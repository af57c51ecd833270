//! TLS on the server's own port: the certificate in use, and how it is replaced while connections go on. Connections keep what
//! they have begun with; a certificate that cannot be used changes nothing.

mod certificate;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::ServerConfig;
use tokio::{net::TcpStream, task::spawn_blocking, time::sleep};
use tokio_rustls::TlsAcceptor;

use self::certificate::{Loaded, load};
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
    /// A digest of the files as they were last read, good or not.
    seen: [u8; 32],
}

/// What reading the files again has led to.
#[derive(Debug, PartialEq, Eq)]
pub enum Reloaded {
    /// They hold the certificate in use.
    Unchanged,
    /// New connections get the certificate with this fingerprint.
    Replaced(String),
}

impl Tls {
    /// Reads or makes the certificate. Blocks for file IO.
    ///
    /// # Errors
    /// If it cannot be read or used.
    pub fn new(source: TlsSource) -> Result<Self, TlsError> {
        let found = load(&source)?;
        let Loaded { config, fingerprint } = found.usable?;
        Ok(Self { source, state: Mutex::new(State { config, fingerprint, seen: found.digest }) })
    }

    /// Reads the files again, and gives new connections the certificate in them. One that was made for a LAN stays. Blocks for
    /// file IO.
    ///
    /// # Errors
    /// If it cannot be read or used; the old one stays.
    pub fn reload(&self) -> Result<Reloaded, TlsError> {
        self.reload_if(|_| true)
    }

    /// The same, if the files have changed since they were last read: what cannot be used is an error once.
    ///
    /// # Errors
    /// As [`Self::reload`].
    pub fn reload_if_changed(&self) -> Result<Reloaded, TlsError> {
        self.reload_if(|has_changed| has_changed)
    }

    fn reload_if(&self, condition: impl FnOnce(bool) -> bool) -> Result<Reloaded, TlsError> {
        if self.is_self_signed() {
            return Ok(Reloaded::Unchanged);
        }
        let found = load(&self.source)?;
        let mut state = self.state();
        let has_changed = std::mem::replace(&mut state.seen, found.digest) != found.digest;
        if !condition(has_changed) {
            return Ok(Reloaded::Unchanged);
        }
        let Loaded { config, fingerprint } = found.usable?;
        // Even if the certificate is the same: the key or an authority's certificate may be another.
        state.config = config;
        if state.fingerprint == fingerprint {
            return Ok(Reloaded::Unchanged);
        }
        state.fingerprint.clone_from(&fingerprint);
        Ok(Reloaded::Replaced(fingerprint))
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
            let _ = read_and_log(&tls, Tls::reload_if_changed).await;
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
            if let Reloaded::Replaced(fingerprint) = &reloaded {
                tracing::info!("new connections get the certificate with SHA-256 {fingerprint}");
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
