//! What the network side sends as JSON on an arena's behalf: documents of the feed, and the entries of `/arenas`.

use std::sync::{Arc, Mutex, PoisonError};

use shared::{
    Vec2,
    engine::{
        feed::{ArenaEntry, FeedDocument},
        game_trait::{Arena, Game},
        protocol::to_json,
    },
};

use super::{
    net::{self, ArenaListing, Beside, Document, Topics},
    telemetry::{Gauge, Telemetry},
};

/// The topics of the feed: the parts of a [`FeedDocument`], in this order.
pub const FEED_TOPICS: [&str; 5] = ["scores", "events", "health", "today", "totals"];

impl<G: Game> Document for FeedDocument<G> {
    fn to_json(&self, topics: Topics, beside: &dyn Beside) -> String {
        let Self { scores, events, health, .. } = self.clone();
        to_json(&Self {
            arena: self.arena.clone(),
            scores: scores.filter(|_| topics.contains(0)),
            events: events.filter(|_| topics.contains(1)),
            health: health.filter(|_| topics.contains(2)),
            today: topics.contains(3).then(|| beside.today()).flatten(),
            totals: topics.contains(4).then(|| beside.totals()),
            ..*self
        })
    }
}

/// Writes the entry of one arena at `/arenas`.
#[derive(Debug)]
pub struct Listing {
    slug: String,
    /// The arena's name, mode and size. The file of an arena, or the host of a room, may change them.
    arena: Mutex<(String, &'static str, Vec2)>,
    max_players: usize,
    telemetry: Arc<Telemetry>,
}

impl Listing {
    /// `telemetry` is the arena's; the simulation updates it once a second.
    pub fn new(arena: &impl Arena, max_players: usize, telemetry: Arc<Telemetry>) -> Self {
        let name = arena.name().to_owned();
        let slug = net::slug(&name);
        Self { slug, arena: Mutex::new((name, arena.mode(), arena.size())), max_players, telemetry }
    }

    /// The same at another address.
    #[must_use]
    pub fn with_slug(self, slug: String) -> Self {
        Self { slug, ..self }
    }

    /// The game goes on in another arena, at the same address.
    pub fn move_to(&self, arena: &impl Arena) {
        *self.arena.lock().unwrap_or_else(PoisonError::into_inner) =
            (arena.name().to_owned(), arena.mode(), arena.size());
    }

    /// The arena as it is now.
    pub fn entry(&self) -> ArenaEntry {
        let count = |gauge: &Gauge| u32::try_from(gauge.get()).unwrap_or(u32::MAX);
        let Telemetry { players, player_seats_taken, bodies, .. } = &*self.telemetry;
        let (name, mode, size) = self.arena.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let max_players = u32::try_from(self.max_players).unwrap_or(u32::MAX);
        ArenaEntry {
            slug: self.slug.clone(),
            name,
            mode: mode.to_owned(),
            players: count(players),
            bodies: count(bodies),
            max_players,
            free: max_players.saturating_sub(count(player_seats_taken)),
            size,
            ..ArenaEntry::default()
        }
    }
}

impl ArenaListing for Listing {
    fn entry(&self) -> ArenaEntry {
        Self::entry(self)
    }

    fn mode(&self) -> &'static str {
        self.arena.lock().unwrap_or_else(PoisonError::into_inner).1
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::{feed::FeedTotals, ids::Tick, records::RecordEntry, testing::TestGame};

    use super::*;

    #[derive(Debug)]
    struct Others;

    impl Beside for Others {
        fn today(&self) -> Option<Vec<RecordEntry>> {
            Some(Vec::new())
        }

        fn totals(&self) -> FeedTotals {
            FeedTotals { nodes: 1, arenas: 2, players: 3 }
        }
    }

    #[test]
    fn document_has_only_the_topics_that_were_asked_for() {
        let document = FeedDocument::<TestGame> {
            arena: "a".into(),
            tick: Tick(5),
            time_ms: 7,
            scores: Some(Default::default()),
            events: Some(Default::default()),
            health: None,
            today: None,
            totals: None,
        };
        let text = Document::to_json(&document, Topics::from_bits(0b101), &Others);
        assert!(text.starts_with(r#"{"arena":"a","tick":5,"time_ms":7,"scores":{"#), "{text}");
        assert!(!["events", "today", "totals"].iter().any(|topic| text.contains(topic)), "{text}");
        let text = Document::to_json(&document, Topics::from_bits(0b11000), &Others);
        let expected =
            r#"{"arena":"a","tick":5,"time_ms":7,"today":[],"totals":{"nodes":1,"arenas":2,"players":3}}"#;
        assert_eq!(text, expected);
    }
}
