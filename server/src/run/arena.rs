//! Starts one arena: its simulation thread, and what the network side needs of it. Must not know how the network serves it.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use crossbeam_channel::Sender;
use shared::engine::game_trait::Arena as _;
use tokio::task::JoinHandle;

use super::{
    StartError,
    storage::{Storage, StorageError},
};
use crate::engine::{
    arena_loop::{self, AnotherArena, ArenaSettings, NetworkSide, SimulationThread},
    clock::Clock,
    connection_state::Admission,
    feed_channel::FeedSender,
    inbox::Inbox,
    join_ticket::JoinKey,
    json::{FEED_TOPICS, Listing},
    net::{self, ArenaHandle, Feed},
    network_delay::NetworkDelay,
    notifier::Notifier,
    resume::ResumeKey,
    simulation::{ArenaOf, Simulation},
    telemetry::Telemetry,
    token_bucket::Rate,
};

/// An arena, its simulation thread and its feed.
#[derive(Debug)]
pub(super) struct Simulated {
    pub(super) arena: Arc<ArenaHandle>,
    pub(super) listing: Arc<Listing>,
    pub(super) thread: SimulationThread,
    /// Publishes the feed until the simulation ends.
    pub(super) feed: JoinHandle<()>,
}

/// An arena that was started, and where another one to go on in is put.
pub(super) type Opened<G> = (Simulated, Sender<AnotherArena<G>>);

/// What all arenas of a server have in common.
pub(super) struct Common<'a> {
    /// A viewer whose acknowledgement does not advance for this time is disconnected.
    pub(super) stall_timeout: Duration,
    pub(super) notifier: &'a Notifier,
    pub(super) delay: NetworkDelay,
    pub(super) join_key: Option<&'a JoinKey>,
    /// How often each network may join each arena.
    pub(super) join_rate: Rate,
    /// Keeps the state, if it is to be kept.
    pub(super) storage: &'a Storage,
    /// Ends the simulations.
    pub(super) stop: &'a Arc<AtomicBool>,
}

impl Common<'_> {
    /// Starts one arena: its simulation, and what the network needs of it. Also returns where another arena to go on in is put.
    pub(super) fn open<S: Simulation>(
        &self,
        game: ArenaSettings<ArenaOf<S>>,
    ) -> Result<Opened<S::Game>, StartError> {
        let telemetry = Arc::new(Telemetry::new(S::GAUGES));
        let persistence = self.storage.of::<S>(&game, &telemetry).map_err(StorageError::from)?;
        // Of its own, so that a token of one arena claims nothing in another.
        let key = persistence.saved().map_or_else(ResumeKey::new, |saved| Ok(saved.key.clone()))?;
        let (inbox, receiver) = Inbox::new(game.seats.inbox_capacity());
        let gate = inbox.gate();
        let (feed_sender, documents) = FeedSender::new();
        let feed = Feed::new(feed_sender.subscribers(), &FEED_TOPICS);
        let listing = Arc::new(Listing::new(&game.arena, game.seats.players, Arc::clone(&telemetry)));
        let admission = Admission::new(inbox, Arc::clone(&telemetry), key.clone())
            .with_join_rate(self.join_rate)
            .with_tickets(self.join_key.cloned(), &net::slug(game.arena.name()));
        let arena = Arc::new(ArenaHandle::new(game.arena.name(), admission, feed, Arc::clone(&listing)));
        let network = NetworkSide {
            inbox: receiver,
            gate,
            feed: feed_sender,
            notifier: self.notifier.clone(),
            telemetry,
            resume_key: key,
            delay: self.delay.clone(),
            stall_timeout: self.stall_timeout,
            clock: Clock::default(),
        };
        let (thread, another) = arena_loop::spawn(game, network, persistence, Arc::clone(self.stop))
            .map_err(StartError::Thread)?;
        let publisher = Arc::clone(&arena);
        // Ends with the simulation, whose end of the feed goes with it.
        let feed = tokio::spawn(async move { publisher.feed.publish(documents).await });
        Ok((Simulated { arena, listing, thread, feed }, another))
    }
}
