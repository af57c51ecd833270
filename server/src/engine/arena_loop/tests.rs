//! Who is let in, with which player, and who is turned away: the arena's loop with outboxes instead of sockets.

mod restart;
mod social;

use shared::engine::{
    ids::{PlayerId, PlayerName},
    protocol::{self, CloseReason, ResumeToken, Role, ServerMessage, decode_server},
    testing::{Square, TestGame},
};

use super::*;
use crate::engine::{
    client_network::ClientNetwork,
    inbox::Join,
    outbox::{Outbound, OutboxReceiver, OutboxSender},
    party::PartyId,
    records::LastingId,
    room_access::Arrival,
    sessions::{ConnectionId, HeldSessions},
    testing::TestSimulation,
};

type Settings = ArenaSettings<Square>;
type Welcome = protocol::Welcome<TestGame>;

struct Rig {
    arena: ArenaLoop<TestSimulation>,
    inbox: Inbox,
    key: ResumeKey,
    connections: u64,
    settings: Settings,
    /// Of the clients that join from now on.
    network: Option<ClientNetwork>,
    /// How they come.
    arrival: Arrival,
    /// The party that they come with.
    party: Option<PartyId>,
}

/// The connection's end of a client.
struct Client {
    connection: ConnectionId,
    outbox: OutboxReceiver,
}

impl Rig {
    fn new(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = ArenaSettings {
            arena: Square(2048.0),
            tick_rate: 20,
            bots: 0,
            seats: Seats { players: 2, spectators: 1, per_network: 2 },
            seed: 1,
            reconnect_grace: Duration::from_secs(10),
            slow_tick: None,
            fail_after: None,
        };
        change(&mut settings);
        Self::of(settings, Runs::default())
    }

    fn of(settings: Settings, runs: Runs) -> Self {
        let (network, inbox) = NetworkSide::detached(100).unwrap();
        let network = NetworkSide { runs, ..network };
        let key = network.resume_key.clone();
        let arena = ArenaLoop::new(settings.clone(), network);
        Self::around(arena, inbox, key, settings)
    }

    /// Without clients.
    fn around(arena: ArenaLoop<TestSimulation>, inbox: Inbox, key: ResumeKey, settings: Settings) -> Self {
        let arrival = Arrival::default();
        Self { arena, inbox, key, connections: 0, settings, network: None, arrival, party: None }
    }

    fn tick(&mut self) {
        self.arena.tick(Instant::now());
    }

    fn offer(&self, inbound: Inbound) {
        self.inbox.offer(inbound).expect("the inbox has room");
    }

    /// Sends a hello; the answer comes with the next tick.
    fn hello(&mut self, role: Role, token: Option<ResumeToken>) -> Client {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        let (outbox, receiver) = OutboxSender::new();
        let claim = token.and_then(|token| self.key.open(&token));
        let name = PlayerName::new("Ada").ok();
        let network = self.network;
        self.offer(Inbound::Joined(Box::new(Join {
            connection,
            name,
            colour: None,
            role,
            network,
            claim,
            entry: Ok(()),
            arrival: self.arrival,
            party: self.party,
            outbox,
        })));
        Client { connection, outbox: receiver }
    }

    fn join(&mut self, role: Role, token: Option<ResumeToken>) -> (Client, Result<Welcome, CloseReason>) {
        let mut client = self.hello(role, token);
        self.tick();
        let answer = client.answer();
        (client, answer)
    }

    /// A player that is let in.
    fn player(&mut self) -> (Client, Welcome) {
        let (client, welcome) = self.join(Role::Player, None);
        (client, welcome.expect("there is room"))
    }

    fn disconnect(&mut self, client: &Client) {
        self.offer(Inbound::Left { connection: client.connection, is_final: false });
        self.tick();
    }

    fn names(&self) -> Vec<String> {
        self.arena.arena.sim.players.iter().map(|player| player.name.as_str().to_owned()).collect()
    }

    fn players(&self) -> Vec<PlayerId> {
        self.arena.arena.sim.players.iter().map(|player| player.id).collect()
    }
}

impl Client {
    /// The first message: the welcome, or why the client is turned away.
    fn answer(&mut self) -> Result<Welcome, CloseReason> {
        match self.outbox.try_recv().expect("an answer") {
            Outbound::Message(bytes) => match decode_server(&bytes) {
                Ok(ServerMessage::Welcome(welcome)) => Ok(*welcome),
                other => panic!("not a welcome: {other:?}"),
            },
            Outbound::Close(reason) => Err(reason),
        }
    }

    /// Why the server closes it, after any messages.
    fn closed(&mut self) -> Option<CloseReason> {
        std::iter::from_fn(|| self.outbox.try_recv()).find_map(|outbound| match outbound {
            Outbound::Close(reason) => Some(reason),
            Outbound::Message(_) => None,
        })
    }
}

#[test]
fn player_is_welcomed_with_a_number_and_a_token() {
    let mut rig = Rig::new(|_| {});
    let (_ada, welcome) = rig.player();
    assert_eq!((welcome.player, welcome.is_resumed), (Some(PlayerId(0)), false));
    assert!(welcome.resume.is_some());
    assert_eq!(rig.players(), [PlayerId(0)]);
}

#[test]
fn spectator_is_welcomed_without_a_player_and_leaves_nothing_behind() {
    let mut rig = Rig::new(|_| {});
    let (spectator, welcome) = rig.join(Role::Spectator, None);
    let welcome = welcome.expect("there is room");
    assert_eq!((welcome.player, welcome.resume), (None, None));
    assert_eq!((rig.players().len(), rig.arena.arena.publisher.spectators()), (0, 1));
    rig.disconnect(&spectator);
    assert_eq!((rig.arena.arena.publisher.spectators(), rig.arena.clients.reconnecting()), (0, 0));
}

#[test]
fn clients_that_join_in_one_tick_are_counted_too() {
    let mut rig = Rig::new(|settings| settings.seats.players = 1);
    let (mut first, mut second) = (rig.hello(Role::Player, None), rig.hello(Role::Player, None));
    rig.tick();
    assert!(first.answer().is_ok());
    assert_eq!(second.answer().err(), Some(CloseReason::Full));
}

#[test]
fn disconnected_player_keeps_its_seat_however_many_join() {
    let mut rig = Rig::new(|_| {});
    let (_ada, _) = rig.player();
    let (bo, bo_welcome) = rig.player();
    rig.disconnect(&bo);
    for _ in 0..5 {
        assert_eq!(rig.join(Role::Player, None).1.err(), Some(CloseReason::Full));
    }
    let (_bo, answer) = rig.join(Role::Player, bo_welcome.resume);
    assert!(answer.is_ok_and(|welcome| welcome.is_resumed && welcome.player == bo_welcome.player));
}

#[test]
fn spectators_have_seats_of_their_own() {
    let mut rig = Rig::new(|_| {});
    let (_watching, answer) = rig.join(Role::Spectator, None);
    assert!(answer.is_ok());
    assert_eq!(rig.join(Role::Spectator, None).1.err(), Some(CloseReason::Full));
    let _players = [rig.player(), rig.player()];
    let (mut late, answer) = rig.join(Role::Player, None);
    assert_eq!(answer.err(), Some(CloseReason::Full));
    assert!(late.outbox.try_recv().is_none(), "nothing is sent after the close");
    assert_eq!(rig.players().len(), 2);
}

#[test]
fn network_has_only_its_part_of_the_seats_and_gets_them_back() {
    let mut rig = Rig::new(|settings| settings.seats.players = 9);
    rig.network = ClientNetwork::of([192, 0, 2, 1].into());
    let _ada = rig.player();
    let (bo, _) = rig.player();
    assert_eq!(rig.join(Role::Player, None).1.err(), Some(CloseReason::TooManyFromNetwork));
    rig.offer(Inbound::Left { connection: bo.connection, is_final: true });
    rig.player();
    rig.network = ClientNetwork::of([192, 0, 2, 2].into());
    rig.player();
}

#[test]
fn reconnected_player_counts_for_the_network_it_comes_from_now() {
    let mut rig = Rig::new(|settings| settings.seats.players = 9);
    let (here, there) = ([192, 0, 2, 1], [192, 0, 2, 2]);
    rig.network = ClientNetwork::of(here.into());
    let before = [rig.player(), rig.player()];
    rig.network = ClientNetwork::of(there.into());
    for (client, welcome) in &before {
        rig.disconnect(client);
        assert!(rig.join(Role::Player, welcome.resume).1.is_ok_and(|welcome| welcome.is_resumed));
    }
    assert_eq!(rig.join(Role::Player, None).1.err(), Some(CloseReason::TooManyFromNetwork));
    rig.network = ClientNetwork::of(here.into());
    rig.player();
}

#[test]
fn reconnected_player_is_the_same_and_replaces_its_old_connection() {
    let mut rig = Rig::new(|settings| settings.seats.players = 1);
    let (mut old, first) = rig.player();
    let (new, second) = rig.join(Role::Player, first.resume);
    let second = second.expect("it has its place");
    assert_eq!((second.player, second.is_resumed), (first.player, true));
    assert_eq!(old.closed(), Some(CloseReason::Replaced));
    // The old connection's end is no longer the player's.
    rig.disconnect(&old);
    assert_eq!((rig.players(), rig.arena.clients.reconnecting()), (vec![PlayerId(0)], 0));
    rig.disconnect(&new);
    assert_eq!(rig.arena.clients.reconnecting(), 1);
}

#[test]
fn hello_that_comes_late_does_not_replace_a_client_that_has_acknowledged_a_frame() {
    let mut rig = Rig::new(|_| {});
    let (ada, first) = rig.player();
    rig.disconnect(&ada);
    let (mut ada, answer) = rig.join(Role::Player, first.resume);
    assert!(answer.is_ok_and(|welcome| welcome.is_resumed));
    rig.offer(Inbound::Ack { connection: ada.connection, ack: 0 });
    // Sent before the one that was answered, over a link that has stalled.
    let (_late, answer) = rig.join(Role::Player, first.resume);
    assert!(answer.is_ok_and(|welcome| !welcome.is_resumed));
    assert_eq!(ada.closed(), None);
}

#[test]
fn client_that_is_replaced_before_its_welcome_is_closed() {
    let mut rig = Rig::new(|_| {});
    let (ada, first) = rig.player();
    rig.disconnect(&ada);
    let mut twice = [rig.hello(Role::Player, first.resume), rig.hello(Role::Player, first.resume)];
    rig.tick();
    assert_eq!(twice[0].answer().err(), Some(CloseReason::Replaced));
    assert!(twice[1].answer().is_ok_and(|welcome| welcome.player == first.player));
}

#[test]
fn spectator_with_a_token_does_not_take_the_players_session() {
    let mut rig = Rig::new(|_| {});
    let (mut ada, first) = rig.player();
    let (_, answer) = rig.join(Role::Spectator, first.resume);
    assert!(answer.is_ok_and(|welcome| welcome.player.is_none() && !welcome.is_resumed));
    assert_eq!(ada.closed(), None);
}

#[test]
fn name_is_taken_until_its_player_is_removed() {
    let mut rig = Rig::new(|settings| settings.reconnect_grace = Duration::from_secs(1));
    let (ada, first) = rig.player();
    rig.disconnect(&ada);
    // Both ask for the same name.
    let (second, _) = rig.player();
    assert_eq!(rig.names(), ["Ada", "Ada 2"]);
    let (ada, _) = rig.join(Role::Player, first.resume);
    assert_eq!(rig.names(), ["Ada", "Ada 2"], "a player who is back has its own name");
    rig.disconnect(&second);
    for _ in 0..20 {
        rig.tick();
    }
    rig.disconnect(&ada);
    assert_eq!(rig.names(), ["Ada"]);
    rig.player();
    assert_eq!(rig.names(), ["Ada", "Ada 2"], "the name is free again");
}

#[test]
fn disconnected_player_leaves_the_world_after_the_grace_period() {
    let mut rig = Rig::new(|settings| settings.reconnect_grace = Duration::from_secs(1));
    let (ada, first) = rig.player();
    rig.disconnect(&ada);
    for _ in 0..19 {
        rig.tick();
        assert_eq!(rig.players(), [PlayerId(0)]);
    }
    rig.tick();
    assert_eq!(rig.players(), []);
    let (_, answer) = rig.join(Role::Player, first.resume);
    assert!(answer.is_ok_and(|welcome| !welcome.is_resumed));
}

#[test]
fn all_that_is_held_of_a_client_is_counted_and_gone_after_its_grace_period() {
    let mut rig = Rig::new(|settings| settings.reconnect_grace = Duration::from_secs(1));
    let (ada, _) = rig.player();
    let connected = HeldSessions { rows: 1, connected: 1, seats: 1, ..HeldSessions::default() };
    assert_eq!(rig.arena.held(), Held { sessions: connected, viewers: 1, names: 1 });
    rig.disconnect(&ada);
    let disconnected = HeldSessions { rows: 1, disconnects: 1, seats: 1, ..HeldSessions::default() };
    assert_eq!(rig.arena.held(), Held { sessions: disconnected, viewers: 0, names: 1 });
    (0..20).for_each(|_| rig.tick());
    assert_eq!(rig.arena.held(), Held::default());
}

#[test]
fn player_that_leaves_for_good_is_gone_with_the_next_tick() {
    let mut rig = Rig::new(|_| {});
    let (ada, first) = rig.player();
    rig.offer(Inbound::Left { connection: ada.connection, is_final: true });
    rig.tick();
    assert_eq!((rig.players(), rig.arena.clients.reconnecting()), (Vec::new(), 0));
    let (_, answer) = rig.join(Role::Player, first.resume);
    assert!(answer.is_ok_and(|welcome| !welcome.is_resumed));
}

#[test]
fn client_that_leaves_before_its_welcome_leaves_no_player() {
    let mut rig = Rig::new(|_| {});
    let client = rig.hello(Role::Player, None);
    rig.disconnect(&client);
    assert_eq!((rig.players().len(), rig.arena.clients.reconnecting()), (0, 0));
}

#[test]
fn overloaded_arena_closes_its_gate_and_opens_it_again() {
    let mut rig = Rig::new(|settings| settings.bots = 8);
    let ticked = |rig: &mut Rig, seconds: u32, ms: u64| {
        for _ in 0..seconds * 20 {
            rig.tick();
            rig.arena.ticked(Duration::from_millis(ms), Duration::ZERO);
        }
        rig.tick();
        (rig.inbox.gate().is_open(), rig.players().len())
    };
    assert_eq!(ticked(&mut rig, 1, 5), (true, 8));
    assert!(ticked(&mut rig, 3, 45).0, "new players are turned away last");
    assert_eq!(ticked(&mut rig, 1, 45), (false, 2), "most bots have left");
    assert_eq!(ticked(&mut rig, 5, 5), (true, 2));
}
