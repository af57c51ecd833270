//! Starts one arena: its simulation, and what the network side needs of it. Must not know how the network serves it.

use std::{sync::Arc, time::Duration};

use crossbeam_channel::Sender;
use shared::engine::game_trait::Arena as _;
use tokio::task::JoinHandle;
use tracing::info_span;

use super::{
    StartError,
    storage::{Storage, StorageError},
};
use crate::engine::{
    arena_loop::{self, AnotherArena, ArenaSettings, HostedArena, NetworkSide, Persistence, Runs},
    arena_status::ArenaStatus,
    chat_relay::ChatRelay,
    clock::Clock,
    connection_state::Admission,
    feed_channel::FeedSender,
    inbox::Inbox,
    join_ticket::JoinKey,
    json::{FEED_TOPICS, Listing},
    known_players::KnownPlayers,
    net::{self, ArenaHandle, Feed},
    network_delay::NetworkDelay,
    notifier::Notifier,
    resume::{NoRandomness, ResumeKey},
    room_access::RoomAccess,
    simulation::{ArenaOf, Simulation},
    simulation_threads::SimulationThreads,
    telemetry::Telemetry,
    token_bucket::Rate,
};

/// An arena, the state of its simulation, and its feed.
#[derive(Debug)]
pub(super) struct Simulated {
    pub(super) arena: Arc<ArenaHandle>,
    pub(super) listing: Arc<Listing>,
    pub(super) status: Arc<ArenaStatus>,
    /// Publishes the feed until the simulation ends.
    pub(super) feed: JoinHandle<()>,
}

/// An arena that was started, and where another one to go on in is put.
pub(super) type Opened<G> = (Simulated, Sender<AnotherArena<G>>);

/// What is kept of an arena, and of its players.
struct Kept<S: Simulation> {
    persistence: Persistence<S>,
    runs: Runs,
}

/// What all arenas of a server have in common.
#[derive(Debug)]
pub(super) struct Opener<S: Simulation> {
    /// A viewer whose acknowledgement does not advance for this time is disconnected.
    pub(super) stall_timeout: Duration,
    pub(super) notifier: Notifier,
    pub(super) delay: NetworkDelay,
    pub(super) join_key: Option<JoinKey>,
    /// Knows players again; `None` if no records are kept of them.
    pub(super) known: Option<KnownPlayers>,
    /// How often each network may join each arena.
    pub(super) join_rate: Rate,
    /// Takes what players say to all arenas.
    pub(super) relay: ChatRelay,
    /// Run the arenas.
    pub(super) threads: Arc<SimulationThreads<HostedArena<S>>>,
}

impl<S: Simulation> Opener<S> {
    /// Starts an arena of the server, as it was kept. Also returns where another arena to go on in is put.
    pub(super) fn open(
        &self,
        game: ArenaSettings<ArenaOf<S>>,
        storage: &Storage,
    ) -> Result<Opened<S::Game>, StartError> {
        let telemetry = Arc::new(Telemetry::new(S::GAUGES));
        let persistence = storage.of::<S>(&game, &telemetry).map_err(StorageError::from)?;
        let slug = net::slug(game.arena.name());
        let kept = Kept { persistence, runs: Runs::new(storage.record_queue(), &slug) };
        Ok(self.start_kept(game, &slug, kept, telemetry, None)?)
    }

    /// Starts an arena of which no records are kept, at this address; `room` says which clients may enter it, if it is a room. Also
    /// returns where another arena to go on in is put.
    pub(super) fn start(
        &self,
        game: ArenaSettings<ArenaOf<S>>,
        slug: &str,
        persistence: Persistence<S>,
        telemetry: Arc<Telemetry>,
        room: Option<Arc<RoomAccess>>,
    ) -> Result<Opened<S::Game>, NoRandomness> {
        let kept = Kept { persistence, runs: Runs::default() };
        self.start_kept(game, slug, kept, telemetry, room)
    }

    fn start_kept(
        &self,
        game: ArenaSettings<ArenaOf<S>>,
        slug: &str,
        kept: Kept<S>,
        telemetry: Arc<Telemetry>,
        room: Option<Arc<RoomAccess>>,
    ) -> Result<Opened<S::Game>, NoRandomness> {
        let Kept { persistence, runs } = kept;
        // Of its own, so that a token of one arena claims nothing in another.
        let key = persistence.saved().map_or_else(ResumeKey::new, |saved| Ok(saved.key.clone()))?;
        let (inbox, receiver) = Inbox::new(game.seats.inbox_capacity());
        let gate = inbox.gate();
        let (feed_sender, documents) = FeedSender::new();
        let feed = Feed::new(feed_sender.subscribers(), &FEED_TOPICS);
        let listing = Listing::new(&game.arena, game.seats.players, Arc::clone(&telemetry));
        let listing = Arc::new(listing.with_slug(slug.to_owned()));
        let admission = Admission::new(inbox, Arc::clone(&telemetry), key.clone())
            .with_join_rate(self.join_rate)
            .with_tickets(self.join_key.clone(), slug)
            .with_known_players(self.known.clone())
            .with_room_access(room);
        let arena = ArenaHandle::new(game.arena.name(), admission, feed, Arc::clone(&listing));
        let arena = Arc::new(arena.with_slug(slug.to_owned()));
        let network = NetworkSide {
            inbox: receiver,
            gate,
            feed: feed_sender,
            notifier: self.notifier.clone(),
            telemetry,
            resume_key: key,
            delay: self.delay.clone(),
            stall_timeout: self.stall_timeout,
            runs,
            clock: Clock::default(),
            relay: self.relay.for_arena(),
        };
        let (tick_rate, span) = (game.tick_rate, info_span!("arena", name = game.arena.name()));
        let (hosted, another) = arena_loop::hosted(game, network, persistence);
        let status = self.threads.add(hosted, tick_rate, span);
        let publisher = Arc::clone(&arena);
        // Ends with the simulation, whose end of the feed goes with it.
        let feed = tokio::spawn(async move { publisher.feed.publish(documents).await });
        Ok((Simulated { arena, listing, status, feed }, another))
    }
}
