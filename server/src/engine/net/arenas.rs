//! The arenas of one server as the network sees them: which there are, the way into each, what each tells, whether it
//! ticks. Must not know what happens in them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use prometheus::IntGauge;
use shared::{
    Vec2,
    game::{arena::Arena, feed::ArenaEntry},
};

use super::{Admission, Feed, error::HandshakeError};

/// The name of an arena as it stands in addresses: letters and digits in lower case, and one hyphen for whatever is
/// between them. `The Old Ruins!` is at `/ws/the-old-ruins`.
pub fn slug(name: &str) -> String {
    let lower = name.to_lowercase();
    let words: Vec<_> =
        lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    match words.join("-").as_str() {
        // Nothing to write, or what stands for something else at `/feed/sse`.
        "" | "sse" => "arena".to_owned(),
        slug => slug.to_owned(),
    }
}

/// One arena: all that a connection needs of it.
#[derive(Debug)]
pub struct ArenaHandle {
    /// The way into the game, and where things are counted.
    pub admission: Admission,
    /// What is told to those who watch from outside.
    pub feed: Feed,
    /// Whether the simulation ticks, kept up to date by whoever watches it.
    pub ready: AtomicBool,
    slug: String,
    name: String,
    size: Vec2,
    max_players: usize,
}

impl ArenaHandle {
    /// An arena that does not tick yet.
    pub fn new(arena: &Arena, max_players: usize, admission: Admission, feed: Feed) -> Self {
        Self {
            admission,
            feed,
            ready: AtomicBool::new(false),
            slug: slug(&arena.name),
            name: arena.name.clone(),
            size: arena.size,
            max_players,
        }
    }

    /// Its name as it stands in addresses.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether newcomers are let in.
    pub(super) fn is_open(&self) -> bool {
        self.admission.inbox.gate().is_open()
    }

    /// What a visitor is told who is to choose: as it was at the last full second.
    fn entry(&self) -> ArenaEntry {
        let metrics = &self.admission.metrics;
        let count = |gauge: &IntGauge| u32::try_from(gauge.get()).unwrap_or(0);
        ArenaEntry {
            slug: self.slug.clone(),
            name: self.name.clone(),
            players: count(&metrics.players),
            ships: count(&metrics.ships),
            max_players: u32::try_from(self.max_players).unwrap_or(u32::MAX),
            size: self.size,
        }
    }
}

/// All of them, at least one. The first is for those who name none.
#[derive(Debug)]
pub struct Arenas(Vec<Arc<ArenaHandle>>);

impl Arenas {
    /// The first and the others, no two with the same slug.
    ///
    /// # Panics
    /// If there are none.
    pub fn new(all: Vec<Arc<ArenaHandle>>) -> Self {
        assert!(!all.is_empty(), "a server has an arena");
        Self(all)
    }

    /// The one for those who name none. What belongs to no arena is counted here too.
    pub fn first(&self) -> &Arc<ArenaHandle> {
        &self.0[0]
    }

    /// The one with this slug, or the first if none is named.
    pub(super) fn named(&self, slug: Option<&str>) -> Result<&Arc<ArenaHandle>, HandshakeError> {
        let Some(slug) = slug else { return Ok(self.first()) };
        self.0.iter().find(|arena| arena.slug == slug).ok_or_else(|| HandshakeError::Arena {
            wanted: slug.to_owned(),
            known: self.0.iter().map(|arena| arena.slug()).collect::<Vec<_>>().join(", "),
        })
    }

    /// Whether all of them tick.
    pub(super) fn are_ready(&self) -> bool {
        self.0.iter().all(|arena| arena.ready.load(Ordering::Relaxed))
    }

    /// Whether any of them lets newcomers in.
    pub(super) fn is_any_open(&self) -> bool {
        self.0.iter().any(|arena| arena.is_open())
    }

    /// What stands at `/arenas`.
    pub(super) fn entries(&self) -> Vec<ArenaEntry> {
        self.0.iter().map(|arena| arena.entry()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_slug_can_stand_in_an_address_and_is_never_empty() {
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
