//! The feed: a document once a second from each arena for its subscribers from outside. Each document is serialised once for
//! each combination of topics, whatever the number of subscribers. How it travels is in `websocket::feed` and `http::sse`.

use std::{
    fmt::Debug,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use tokio::sync::{mpsc, watch};

use shared::engine::{feed::FeedTotals, records::RecordEntry};

use crate::engine::{
    client_network::{ClientNetwork, Share, Shares},
    feed_channel::Subscribers,
    records::TodaysBest,
};

/// Subscribers that one arena has room for.
pub(super) const SUBSCRIBERS_MAX: usize = 128;
/// Of these, subscribers of one network.
pub(super) const SUBSCRIBERS_PER_NETWORK: usize = 16;

/// What the game publishes: one part for each topic.
pub trait Document: Debug + Send + Sync + 'static {
    /// The document with the parts of these topics only, and with what is beside the arena.
    fn to_json(&self, topics: Topics, beside: &dyn Beside) -> String;
}

/// What a document says that its arena does not know. Takes no time.
pub trait Beside: Debug + Send + Sync {
    /// The best runs of the day, if they are known.
    fn today(&self) -> Option<Vec<RecordEntry>>;

    /// All arenas together.
    fn totals(&self) -> FeedTotals;
}

/// A set of topics, as bits in the order of the feed's topic names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topics(u8);

impl Topics {
    /// Bit `i` stands for topic `i`.
    pub fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// Whether the topic with this index is in the set.
    pub fn contains(self, topic: usize) -> bool {
        self.0 & 1 << topic != 0
    }
}

/// One document, and its text for each set of topics that a subscriber has asked for.
#[derive(Debug)]
struct Snapshot {
    document: Box<dyn Document>,
    texts: Vec<OnceLock<Bytes>>,
}

impl Snapshot {
    fn text(&self, topics: Topics, beside: &dyn Beside) -> Bytes {
        let text = &self.texts[usize::from(topics.0)];
        text.get_or_init(|| self.document.to_json(topics, beside).into()).clone()
    }
}

/// Holds the newest document of one arena.
#[derive(Debug)]
pub struct Feed {
    newest: watch::Sender<Option<Arc<Snapshot>>>,
    subscribers: Subscribers,
    topic_names: &'static [&'static str],
    shares: Shares,
    pub(super) today: TodaysBest,
}

impl Feed {
    /// A feed without a document. The arena publishes only while `subscribers` are counted. There are at most 8 topics.
    pub fn new(subscribers: Subscribers, topic_names: &'static [&'static str]) -> Self {
        assert!(topic_names.len() <= u8::BITS as usize, "a topic is a bit of a byte");
        let shares = Shares::new(SUBSCRIBERS_PER_NETWORK);
        Self {
            newest: watch::Sender::new(None),
            subscribers,
            topic_names,
            shares,
            today: TodaysBest::default(),
        }
    }

    /// Publishes documents until the arena ends.
    pub async fn publish<D: Document>(&self, mut documents: mpsc::Receiver<D>) {
        while let Some(document) = documents.recv().await {
            let texts = (0..1 << self.topic_names.len()).map(|_| OnceLock::new()).collect();
            self.newest.send_replace(Some(Arc::new(Snapshot { document: Box::new(document), texts })));
        }
    }

    /// The topics in a query such as `topics=scores,health`; all topics without one. The error is an unknown name.
    pub(super) fn topics(&self, query: Option<&str>) -> Result<Topics, String> {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let mut bits = None;
        for (_, names) in pairs.filter(|(key, _)| key == "topics") {
            for name in names.split(',').map(str::trim) {
                let topic = self.topic_names.iter().position(|topic| *topic == name);
                let topic = topic.ok_or_else(|| name.to_owned())?;
                bits = Some(bits.unwrap_or(0) | 1 << topic);
            }
        }
        let all = (1_u16 << self.topic_names.len()) - 1;
        Ok(Topics(bits.unwrap_or(all as u8)))
    }

    pub(super) fn topic_names(&self) -> &'static [&'static str] {
        self.topic_names
    }

    /// Subscribes from the next document on; `None` if there are [`SUBSCRIBERS_MAX`] already, or
    /// [`SUBSCRIBERS_PER_NETWORK`] of this network.
    pub(super) fn subscribe(
        &self,
        topics: Topics,
        network: Option<ClientNetwork>,
        beside: Arc<dyn Beside>,
    ) -> Option<Subscription> {
        let share = self.shares.take(network)?;
        let subscribers = self.subscribers.clone();
        subscribers.enter(SUBSCRIBERS_MAX).then(|| Subscription {
            newest: self.newest.subscribe(),
            topics,
            beside,
            subscribers,
            _share: share,
        })
    }
}

/// One subscriber. It gets the newest document whenever it asks, and none twice.
#[derive(Debug)]
pub(super) struct Subscription {
    newest: watch::Receiver<Option<Arc<Snapshot>>>,
    topics: Topics,
    beside: Arc<dyn Beside>,
    subscribers: Subscribers,
    _share: Share,
}

impl Subscription {
    /// The next document; `None` once the arena has ended. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        loop {
            self.newest.changed().await.ok()?;
            let snapshot = self.newest.borrow_and_update().clone();
            if let Some(snapshot) = snapshot {
                return Some(snapshot.text(self.topics, &*self.beside));
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

    #[derive(Debug)]
    struct Numbered(u32);

    impl Document for Numbered {
        fn to_json(&self, topics: Topics, _: &dyn Beside) -> String {
            format!("{} {:03b}", self.0, topics.0)
        }
    }

    #[derive(Debug)]
    struct Nothing;

    impl Beside for Nothing {
        fn today(&self) -> Option<Vec<RecordEntry>> {
            None
        }

        fn totals(&self) -> FeedTotals {
            FeedTotals::default()
        }
    }

    fn subscribe(feed: &Feed, topics: u8) -> Option<Subscription> {
        feed.subscribe(Topics(topics), None, Arc::new(Nothing))
    }

    fn feed() -> Feed {
        Feed::new(Subscribers::default(), &["scores", "events", "health"])
    }

    #[test]
    fn topics_come_in_any_order_and_unknown_ones_are_named() {
        let feed = feed();
        for (query, bits) in [
            (None, 7),
            (Some(""), 7),
            (Some("x=1"), 7),
            (Some("topics=scores"), 1),
            (Some("topics=health,scores"), 5),
            (Some("topics=events%2Chealth"), 6),
            (Some("topics=events&topics=scores"), 3),
        ] {
            assert_eq!(feed.topics(query), Ok(Topics(bits)), "{query:?}");
        }
        for (query, unknown) in
            [("topics=", ""), ("topics=scores,", ""), ("topics=Scores", "Scores"), ("topics=all", "all")]
        {
            assert_eq!(feed.topics(Some(query)), Err(unknown.to_owned()), "{query}");
        }
    }

    #[tokio::test]
    async fn late_subscriber_gets_only_the_newest_document_with_its_topics() {
        let feed = feed();
        let mut late = subscribe(&feed, 0b101).unwrap();
        let (sender, receiver) = mpsc::channel(9);
        for number in 1..=5 {
            sender.send(Numbered(number)).await.unwrap();
        }
        drop(sender);
        feed.publish(receiver).await;
        assert_eq!(late.next().await.unwrap(), "5 101");
        drop(feed);
        assert_eq!(late.next().await, None);
    }

    #[test]
    fn subscribers_beyond_the_limit_are_refused_until_one_leaves() {
        let feed = feed();
        let mut all: Vec<_> = (0..SUBSCRIBERS_MAX).map(|_| subscribe(&feed, 7).unwrap()).collect();
        assert!(subscribe(&feed, 7).is_none());
        all.pop();
        assert!(subscribe(&feed, 7).is_some());
        drop(all);
        assert_eq!(feed.subscribers.count(), 0);
    }
}
