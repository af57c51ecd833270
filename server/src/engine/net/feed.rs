//! The feed: what the arena tells once a second, written out once and handed to all who watch. Knows documents and topics;
//! how they travel is in `subscriber` (WebSocket) and `sse` (Server-Sent Events).

pub(super) mod sse;
pub(super) mod subscriber;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use shared::{engine::protocol::to_json, game::feed::FeedDocument};
use tokio::sync::{mpsc, watch};

use super::error::{HandshakeError, SUBSCRIBERS_MAX};
use crate::engine::feed_channel::Subscribers;

/// Which parts of a document somebody wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Topics(u8);

impl Topics {
    const NAMES: [&str; 3] = ["scores", "events", "health"];
    const ALL: Self = Self(7);

    /// From a request's query, as in `topics=scores,health`; without it all of them. What else is in the query is ignored.
    pub(super) fn of_query(query: Option<&str>) -> Result<Self, HandshakeError> {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let mut topics = None;
        for (_, names) in pairs.filter(|(key, _)| key == "topics") {
            for name in names.split(',').map(str::trim) {
                let bit = Self::NAMES.iter().position(|topic| *topic == name);
                let bit = bit.ok_or_else(|| HandshakeError::Topic(name.to_owned()))?;
                topics = Some(Self(topics.map_or(0, |Self(bits)| bits) | 1 << bit));
            }
        }
        Ok(topics.unwrap_or(Self::ALL))
    }

    fn of(self, document: &FeedDocument) -> FeedDocument {
        let FeedDocument { scores, events, health, .. } = document.clone();
        FeedDocument {
            arena: document.arena.clone(),
            scores: scores.filter(|_| self.0 & 1 != 0),
            events: events.filter(|_| self.0 & 2 != 0),
            health: health.filter(|_| self.0 & 4 != 0),
            ..*document
        }
    }
}

/// One document as text, for each choice of topics written out when somebody first asks.
#[derive(Debug)]
pub(super) struct Edition {
    document: FeedDocument,
    texts: [OnceLock<Bytes>; 8],
}

impl Edition {
    fn text(&self, topics: Topics) -> Bytes {
        let text = &self.texts[usize::from(topics.0)];
        text.get_or_init(|| to_json(&topics.of(&self.document)).into()).clone()
    }
}

/// Where the newest edition hangs out.
#[derive(Debug)]
pub struct Feed {
    newest: watch::Sender<Option<Arc<Edition>>>,
    subscribers: Subscribers,
}

impl Feed {
    /// With nothing to tell yet. `subscribers` is who the arena tells something for.
    pub fn new(subscribers: Subscribers) -> Self {
        Self { newest: watch::Sender::new(None), subscribers }
    }

    /// Hangs out what the arena tells until it ends.
    pub async fn publish(&self, mut documents: mpsc::Receiver<FeedDocument>) {
        while let Some(document) = documents.recv().await {
            self.newest.send_replace(Some(Arc::new(Edition { document, texts: Default::default() })));
        }
    }

    /// One more who watches, from the next edition on.
    pub(super) fn subscribe(&self, topics: Topics) -> Result<Subscription, HandshakeError> {
        if !self.subscribers.enter(SUBSCRIBERS_MAX) {
            return Err(HandshakeError::Subscribers);
        }
        let subscribers = self.subscribers.clone();
        Ok(Subscription { newest: self.newest.subscribe(), topics, subscribers })
    }
}

/// One who watches. It gets the newest edition whenever it is ready for one, and never one that is older.
#[derive(Debug)]
pub(super) struct Subscription {
    newest: watch::Receiver<Option<Arc<Edition>>>,
    topics: Topics,
    subscribers: Subscribers,
}

impl Subscription {
    /// The next edition; `None` when there will be no more. May be dropped and called again.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        loop {
            self.newest.changed().await.ok()?;
            let edition = self.newest.borrow_and_update().clone();
            if let Some(edition) = edition {
                return Some(edition.text(self.topics));
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.subscribers.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_come_in_any_order_and_nonsense_is_refused() {
        for (query, bits) in [
            (None, 7),
            (Some(""), 7),
            (Some("x=1"), 7),
            (Some("topics=scores"), 1),
            (Some("topics=health,scores"), 5),
            (Some("topics=events%2Chealth"), 6),
            (Some("topics=events&topics=scores"), 3),
        ] {
            assert_eq!(Topics::of_query(query), Ok(Topics(bits)), "{query:?}");
        }
        for query in ["topics=", "topics=scores,", "topics=Scores", "topics=all"] {
            assert!(matches!(Topics::of_query(Some(query)), Err(HandshakeError::Topic(_))), "{query}");
        }
    }

    #[tokio::test]
    async fn who_is_late_gets_the_newest_and_only_its_topics() {
        let feed = Feed::new(Subscribers::default());
        let mut late = feed.subscribe(Topics(1)).unwrap();
        let (sender, receiver) = mpsc::channel(9);
        for tick in 1..=5 {
            let document = FeedDocument {
                arena: "a".into(),
                tick: shared::engine::ids::Tick(tick),
                time_ms: 7,
                scores: Some(Default::default()),
                events: Some(Default::default()),
                health: None,
            };
            sender.send(document).await.unwrap();
        }
        drop(sender);
        feed.publish(receiver).await;
        let text = late.next().await.unwrap();
        let text = std::str::from_utf8(&text).unwrap();
        assert!(text.starts_with(r#"{"arena":"a","tick":5,"time_ms":7,"scores":{"#), "{text}");
        assert!(!text.contains("events"), "{text}");
        drop(feed);
        assert_eq!(late.next().await, None);
    }

    #[test]
    fn there_is_room_for_so_many() {
        let feed = Feed::new(Subscribers::default());
        let all: Vec<_> = (0..SUBSCRIBERS_MAX).map(|_| feed.subscribe(Topics::ALL).unwrap()).collect();
        assert_eq!(feed.subscribe(Topics::ALL).err(), Some(HandshakeError::Subscribers));
        drop(all);
        assert!(feed.subscribe(Topics::ALL).is_ok());
        assert_eq!(feed.subscribers.count(), 0);
    }
}
