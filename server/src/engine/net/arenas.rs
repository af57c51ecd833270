//! The arenas of one server as the network sees them: an address, a way in, a feed, and whether the simulation ticks.

use std::{
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use shared::engine::{feed::ArenaEntry, protocol::CloseReason};
use tokio::sync::watch;

use super::feed::Feed;
use crate::engine::{
    connection_state::{Admission, Close},
    telemetry::Telemetry,
};

/// The name of an arena in addresses: lower-case letters and digits, with one hyphen for anything between them.
/// `The Old Ruins!` is at `/ws/the-old-ruins`.
pub fn slug(name: &str) -> String {
    let lower = name.to_lowercase();
    let words: Vec<_> =
        lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    match words.join("-").as_str() {
        // `/feed/sse` is taken.
        "" | "sse" => "arena".to_owned(),
        slug => slug.to_owned(),
    }
}

/// Describes an arena to clients that choose one.
pub trait ArenaListing: Debug + Send + Sync {
    /// The arena's entry at `/arenas`.
    fn entry(&self) -> ArenaEntry;
    /// How it is played, in a word.
    fn mode(&self) -> &'static str;
}

/// An arena of a test, which is not listed.
#[cfg(test)]
impl ArenaListing for () {
    fn entry(&self) -> ArenaEntry {
        ArenaEntry::default()
    }

    fn mode(&self) -> &'static str {
        "free"
    }
}

impl<L: ArenaListing> ArenaListing for Arc<L> {
    fn entry(&self) -> ArenaEntry {
        L::entry(self)
    }

    fn mode(&self) -> &'static str {
        L::mode(self)
    }
}

/// One arena: all that a connection needs of it.
#[derive(Debug)]
pub struct ArenaHandle {
    /// The way into the simulation, and the arena's metrics.
    pub admission: Admission,
    /// For subscribers from outside.
    pub feed: Feed,
    /// Whether the simulation ticks; `run` keeps this up to date.
    pub ready: AtomicBool,
    slug: String,
    name: String,
    listing: Box<dyn ArenaListing>,
    /// Whether it has ended while the server goes on, and what its clients are told.
    ended: watch::Sender<Option<Close>>,
}

impl ArenaHandle {
    /// An arena that does not tick yet. `listing` is its entry at `/arenas`.
    pub fn new(name: &str, admission: Admission, feed: Feed, listing: impl ArenaListing + 'static) -> Self {
        Self {
            admission,
            feed,
            ready: AtomicBool::new(false),
            slug: slug(name),
            name: name.to_owned(),
            listing: Box::new(listing),
            ended: watch::Sender::new(None),
        }
    }

    /// The same at another address.
    #[must_use]
    pub fn with_slug(self, slug: String) -> Self {
        Self { slug, ..self }
    }

    /// Its connections are to be closed, although the server goes on.
    pub fn end(&self) {
        self.ended.send_replace(Some(CloseReason::ShuttingDown.into()));
    }

    /// Its clients are to go on at this address, although the server goes on.
    pub fn send_to(&self, address: String) {
        self.ended.send_replace(Some(Close::with_detail(CloseReason::Moved, address)));
    }

    /// Waits until it has ended while the server goes on. Returns what its clients are told.
    pub(super) async fn ended(&self) -> Close {
        let mut ended = self.ended.subscribe();
        // The sender is not dropped before this returns.
        let ended = ended.wait_for(Option::is_some).await;
        let close = ended.ok().and_then(|close| (*close).clone());
        close.unwrap_or_else(|| CloseReason::ShuttingDown.into())
    }

    /// Its entry at `/arenas`.
    pub fn entry(&self) -> ArenaEntry {
        self.listing.entry()
    }

    /// How it is played now, in a word.
    pub(super) fn mode(&self) -> &'static str {
        self.listing.mode()
    }

    /// Its name in addresses.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether new clients are admitted.
    pub(super) fn is_open(&self) -> bool {
        self.admission.inbox.gate().is_open()
    }
}

/// All arenas of a server, at least one. The first is the default.
#[derive(Debug)]
pub struct Arenas(Vec<Arc<ArenaHandle>>);

impl Arenas {
    /// No two may have the same slug.
    ///
    /// # Panics
    /// If there are none.
    pub fn new(all: Vec<Arc<ArenaHandle>>) -> Self {
        assert!(!all.is_empty(), "a server needs an arena");
        Self(all)
    }

    /// The default. It also counts what belongs to no arena.
    pub fn first(&self) -> &Arc<ArenaHandle> {
        &self.0[0]
    }

    /// The arena with this slug; the first without one.
    pub(super) fn find(&self, slug: Option<&str>) -> Option<&Arc<ArenaHandle>> {
        match slug {
            Some(slug) => self.0.iter().find(|arena| arena.slug == slug),
            None => Some(self.first()),
        }
    }

    /// How the arena with this slug is played.
    pub(super) fn mode(&self, slug: &str) -> Option<&'static str> {
        self.find(Some(slug)).map(|arena| arena.mode())
    }

    /// The telemetry of each, by slug.
    pub(super) fn telemetry(&self) -> impl Iterator<Item = (&str, &Telemetry)> {
        self.0.iter().map(|arena| (arena.slug(), &*arena.admission.telemetry))
    }

    pub(super) fn slugs(&self) -> Vec<&str> {
        self.0.iter().map(|arena| arena.slug()).collect()
    }

    /// Whether all of them tick.
    pub(super) fn are_ready(&self) -> bool {
        self.0.iter().all(|arena| arena.ready.load(Ordering::Relaxed))
    }

    /// Whether any of them admits new clients.
    pub(super) fn is_any_open(&self) -> bool {
        self.0.iter().any(|arena| arena.is_open())
    }

    /// The entries at `/arenas`.
    pub fn entries(&self) -> Vec<ArenaEntry> {
        self.0.iter().map(|arena| arena.entry()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn slug_is_valid_in_an_address_and_never_empty() {
        for (name, expected) in [
            ("Drift", "drift"),
            ("The Old Ruins!", "the-old-ruins"),
            ("  a/../b?c#d ", "a-b-c-d"),
            ("\u{706b}\u{661f} 2", "\u{706b}\u{661f}-2"),
            ("!?", "arena"),
            ("SSE", "arena"),
        ] {
            assert_eq!(slug(name), expected, "{name}");
        }
    }
}
