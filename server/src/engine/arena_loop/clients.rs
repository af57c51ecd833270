//! The clients of one arena: turns what they send into commands for the next step. Clients join, play, chat, disconnect and
//! reconnect here. Must not know what a step does.

use std::time::Instant;

use shared::engine::{
    chat::ChatRejection,
    game_trait::Game,
    ids::{PlayerId, Tick},
    protocol::{CloseReason, Notice, Role},
};

use super::{runs::Runs, state::ArenaState, unlocking};
use crate::engine::{
    chat::{ChatRoom, Heard, Said},
    inbox::{Inbound, Join, RemovedPlayer},
    input_queue::{TimedInput, WAITING_MAX},
    names::Names,
    replication::{JoinedAs, Publisher, Viewer},
    resume::{Claim, ResumeKey},
    sessions::{ConnectionId, Disconnected, HeldSessions, PendingWelcome, Session, Sessions},
    simulation::{Command, Simulation},
};

/// How much an arena holds of its clients, for checks that nothing is left behind. All of it is 0 once every client has left and no
/// grace period runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// In the table of sessions.
    pub sessions: HeldSessions,
    /// Those that are sent frames, each with an outbox.
    pub viewers: usize,
    /// Names that no other player may take.
    pub names: usize,
}

/// All clients of one arena.
#[derive(Debug)]
pub(super) struct Clients {
    sessions: Sessions,
    names: Names,
    chat: ChatRoom,
    resume_key: ResumeKey,
    runs: Runs,
}

impl Clients {
    /// With `sessions` to begin with, whose players are in `sim`.
    pub(super) fn new<S: Simulation>(sessions: Sessions, sim: &S, resume_key: ResumeKey, runs: Runs) -> Self {
        let mut names = Names::new(S::name_words());
        for player in sim.players().iter() {
            if let Some(session) = player.session {
                // One that was given by the server needs no place.
                let _ = names.take(session, player.name.clone());
            }
        }
        Self { sessions, names, chat: ChatRoom::default(), resume_key, runs }
    }

    /// What is kept of them across a restart: the sessions, and the key of their tokens.
    pub(super) fn kept(&self) -> (&ResumeKey, &Sessions) {
        (&self.resume_key, &self.sessions)
    }

    /// No session has a viewer any more.
    pub(super) fn forget_viewers(&mut self) {
        self.sessions.iter_mut().for_each(|session| session.viewer = None);
    }

    /// How much is held of them, `publisher`'s part included.
    pub(super) fn held<G: Game>(&self, publisher: &Publisher<G>) -> Held {
        Held { sessions: self.sessions.held(), viewers: publisher.viewers(), names: self.names.taken() }
    }

    /// Seats that players have: connected, hidden or disconnected ones.
    pub(super) fn player_seats_taken(&self) -> usize {
        self.sessions.player_seats_taken()
    }

    /// Players that are disconnected and may reconnect.
    pub(super) fn reconnecting(&self) -> usize {
        self.sessions.reconnecting()
    }

    /// Handles a message. Messages of a connection without a session are ignored: it was turned away, or another
    /// connection has replaced it.
    pub(super) fn on_message<S: Simulation>(
        &mut self,
        inbound: Inbound,
        arena: &mut ArenaState<S>,
        now: Instant,
    ) {
        match inbound {
            Inbound::Joined(join) => self.join(*join, arena),
            Inbound::Input { connection, tick, input, rewind, ack, arrived } => {
                let Some(session) = self.sessions.get_mut(connection) else { return };
                session.confirm_token();
                if let Some(viewer) = session.viewer.and_then(|viewer| arena.publisher.viewer(viewer)) {
                    let last = arena.sim.tick();
                    let ticks_early = tick.since(last.after(1)).min(WAITING_MAX as u32);
                    let seconds = now.saturating_duration_since(arrived).as_secs_f32()
                        + ticks_early as f32 / f32::from(arena.sim.tick_rate());
                    viewer.on_ack(ack, last);
                    viewer.on_input_delay(seconds * 1000.0);
                }
                if session.role == Role::Player {
                    // The connection has decoded it before.
                    if let Ok(input) = input.decode() {
                        let input = TimedInput { tick, input, rewind };
                        arena.commands.push(Command::Input { session: session.id, input });
                    }
                }
            }
            Inbound::Hidden { connection, is_hidden } => self.set_hidden(connection, is_hidden, arena),
            Inbound::Ack { connection, ack } => {
                let Some(session) = self.sessions.get_mut(connection) else { return };
                // The welcome comes before the first frame, so the client has its new token.
                session.confirm_token();
                if let Some(viewer) = session.viewer.and_then(|viewer| arena.publisher.viewer(viewer)) {
                    viewer.on_ack(ack, arena.sim.tick());
                }
            }
            Inbound::ResyncCell { connection, cell } => {
                if let Some(viewer) = self.viewer(connection, &mut arena.publisher) {
                    viewer.request_cell(cell);
                }
            }
            Inbound::Said { connection, said } => self.say(connection, said, arena, now),
            Inbound::Badge { connection, number } => {
                unlocking::on_badge(connection, number, &mut self.sessions, arena);
            }
            Inbound::Known { connection, unlocked } => {
                unlocking::on_known(connection, unlocked, &mut self.sessions, arena);
            }
            Inbound::Left { connection, is_final } => self.leave(connection, is_final, arena),
            // What waits for an answer may have given up.
            Inbound::Remove { player, removed } => _ = removed.try_send(self.remove(player, arena)),
            Inbound::HandOver { player, key, told } => _ = told.try_send(hand_over(player, key, arena)),
            Inbound::Chat { is_on } => self.chat.set_on(is_on),
            Inbound::SaidToAll { line } => {
                let author = (arena.relay.author_of(&line), line.name.clone());
                if let Some(line) = self.chat.hear_all(author, line.text.clone(), arena.clock.unix_ms()) {
                    arena.publish_chat(line);
                }
            }
            Inbound::Announced { text } => {
                if let Some(line) = self.chat.announce(text, arena.clock.unix_ms()) {
                    arena.publish_chat(line);
                }
            }
        }
    }

    /// Removes a player, whose client cannot resume. `None` if there is no such player, or it is a bot.
    fn remove<S: Simulation>(
        &mut self,
        player: PlayerId,
        arena: &mut ArenaState<S>,
    ) -> Option<RemovedPlayer> {
        let id = arena.sim.players().get(player)?.session?;
        let session = self.sessions.remove(id)?;
        remove_player(&session, &mut self.names, arena);
        if let Some(mut pending) = session.pending {
            pending.outbox.close(CloseReason::Removed);
        }
        if let Some(viewer) = session.viewer {
            arena.publisher.close(viewer, CloseReason::Removed);
        }
        Some(RemovedPlayer { network: session.network })
    }

    fn viewer<'a, G: Game>(
        &mut self,
        connection: ConnectionId,
        publisher: &'a mut Publisher<G>,
    ) -> Option<&'a mut Viewer> {
        publisher.viewer(self.sessions.get_mut(connection)?.viewer?)
    }

    /// Admits a client. With a valid resume token it continues its session.
    fn join<S: Simulation>(&mut self, join: Join, arena: &mut ArenaState<S>) {
        let Join { connection, name, colour, role, network, claim, entry, arrival, party, mut outbox } = join;
        // A spectator has no use for a player's session.
        let claim = claim.filter(|_| role == Role::Player);
        if let Some(session) = claim.and_then(|claim| self.sessions.reconnect(claim, connection, network)) {
            if let Some(mut replaced) = session.pending.take() {
                replaced.outbox.close(CloseReason::Replaced);
            }
            if let Some(replaced) = session.viewer.take() {
                arena.publisher.close(replaced, CloseReason::Replaced);
            }
            session.pending = Some(PendingWelcome { outbox, is_resumed: true, is_hidden: false });
            // One that does not prove it again is still the same.
            session.profile.lasting = arrival.lasting.or(session.profile.lasting);
            arena.commands.push(Command::Active { session: session.id });
            let joins = party.map(|party| Command::Party { session: session.id, party });
            arena.commands.extend(joins);
            arena.telemetry.reconnects_total.inc();
            return;
        }
        if let Err(reason) = entry.and_then(|()| self.sessions.check_seat(role, network, arrival.held)) {
            return outbox.close(reason);
        }
        let pending = PendingWelcome { outbox, is_resumed: false, is_hidden: false };
        let session = self.sessions.enter(connection, role, network, pending);
        if let Some(session) = self.sessions.get_mut(connection) {
            session.profile.lasting = arrival.lasting;
        }
        if role == Role::Player {
            let name = name.and_then(|name| self.names.take(session, name));
            arena.commands.push(Command::Join { session, name, colour });
            arena.commands.extend(party.map(|party| Command::Party { session, party }));
        }
    }

    /// Welcomes the clients that joined before the step that is done.
    pub(super) fn welcome<S: Simulation>(&mut self, arena: &mut ArenaState<S>) {
        while let Some((session, mut pending)) = self.sessions.next_newcomer() {
            session.player = arena.sim.player_of(session.id);
            if session.player.is_none() && session.role == Role::Player {
                // Bots have taken every player number.
                pending.outbox.close(CloseReason::Full);
                let id = session.id;
                self.sessions.remove(id);
                self.names.release(id);
                continue;
            }
            let resume = session.player.map(|_| {
                let claim = Claim { session: session.id, nonce: session.issue_token() };
                self.resume_key.seal(claim)
            });
            let joined = JoinedAs { player: session.player, resume, is_resumed: pending.is_resumed };
            session.viewer = arena.publisher.join(joined, pending.outbox, &arena.sim);
            if session.profile.badge > 0 {
                unlocking::show_badge(session, arena);
            }
            if pending.is_hidden
                && let Some(viewer) = session.viewer.and_then(|viewer| arena.publisher.viewer(viewer))
            {
                viewer.set_hidden(true, arena.sim.tick());
            }
        }
    }

    /// Notes that a client's page is hidden or shown. The client may have yet to be welcomed.
    fn set_hidden<S: Simulation>(
        &mut self,
        connection: ConnectionId,
        is_hidden: bool,
        arena: &mut ArenaState<S>,
    ) {
        let Some(session) = self.sessions.get_mut(connection) else { return };
        session.confirm_token();
        if let Some(pending) = &mut session.pending {
            pending.is_hidden = is_hidden;
        }
        if let Some(viewer) = session.viewer.and_then(|viewer| arena.publisher.viewer(viewer)) {
            viewer.set_hidden(is_hidden, arena.sim.tick());
        }
        if session.role == Role::Player {
            let session = session.id;
            arena.commands.push(if is_hidden {
                Command::Idle { session }
            } else {
                Command::Active { session }
            });
        }
    }

    /// Passes a chat line on, or tells its author why not.
    fn say<S: Simulation>(
        &mut self,
        connection: ConnectionId,
        said: Result<Said, ChatRejection>,
        arena: &mut ArenaState<S>,
        now: Instant,
    ) {
        let Some(session) = self.sessions.get_mut(connection) else { return };
        let players = arena.sim.players();
        // A spectator has no name to say it by.
        let Some(speaker) = session.player.and_then(|player| players.get(player)) else { return };
        let (speaker, viewer, network) = ((speaker.id, &speaker.name), session.viewer, session.network);
        let players = players.iter().map(|player| (player.id, &player.name));
        let (budget, unix_ms) = ((&mut session.chat, network), arena.clock.unix_ms());
        match self.chat.say(budget, speaker, said, players, now, unix_ms) {
            Ok(Heard::Line(line)) => arena.publish_chat(line),
            Ok(Heard::ToAll(text)) => {
                if let Err(rejection) = arena.relay.offer(speaker, text, network, now) {
                    arena.notify(viewer, &Notice::ChatRejected(rejection));
                }
            }
            Ok(Heard::Whisper(whisper)) => {
                let (from, to) = (whisper.from, whisper.to);
                let notice = Notice::Whisper(whisper);
                arena.notify(viewer, &notice);
                if from != to
                    && let Some(viewer) = arena.publisher.viewer_of(to)
                {
                    viewer.send_notice(&notice);
                }
            }
            Err(rejection) => arena.notify(viewer, &Notice::ChatRejected(rejection)),
        }
    }

    /// Handles the end of a connection: its player leaves for good (`is_final`), or until it reconnects.
    fn leave<S: Simulation>(&mut self, connection: ConnectionId, is_final: bool, arena: &mut ArenaState<S>) {
        let now: Tick = arena.sim.tick();
        let viewer = match self.sessions.disconnect(connection, is_final, now) {
            Some(Disconnected::Kept(session)) => {
                arena.commands.push(Command::Idle { session: session.id });
                session.viewer.take()
            }
            Some(Disconnected::Removed(session)) => {
                self.runs.on_leave(&session, &arena.sim);
                remove_player(&session, &mut self.names, arena);
                session.viewer
            }
            None => None,
        };
        if let Some(viewer) = viewer {
            arena.publisher.leave(viewer);
        }
    }

    /// Records the runs that ended in the step that is done, and what was achieved in it.
    pub(super) fn record<S: Simulation>(&mut self, arena: &mut ArenaState<S>) {
        self.runs.record(&self.sessions, arena);
        if let Some(queue) = self.runs.queue() {
            unlocking::unlock(&mut self.sessions, queue, arena);
        }
    }

    /// `ticks` were skipped because the server did not run.
    pub(super) fn on_skip(&mut self, ticks: u32) {
        self.sessions.on_skip(ticks);
    }

    /// Removes the players whose reconnect grace period is over.
    pub(super) fn expire<S: Simulation>(&mut self, arena: &mut ArenaState<S>) {
        while let Some(session) = self.sessions.expire(arena.sim.tick()) {
            self.runs.on_leave(&session, &arena.sim);
            remove_player(&session, &mut self.names, arena);
        }
    }
}

/// Sends a connected player the key of the room. Returns whether there is such a player.
fn hand_over<S: Simulation>(player: PlayerId, key: String, arena: &mut ArenaState<S>) -> bool {
    let viewer = arena.publisher.viewer_of(player);
    viewer.map(|viewer| viewer.send_notice::<S::Game>(&Notice::RoomKey(key))).is_some()
}

/// Takes the player of a removed session, if it has one, out of the world with the next step. Its name is free.
fn remove_player<S: Simulation>(session: &Session, names: &mut Names, arena: &mut ArenaState<S>) {
    if session.role != Role::Player {
        return;
    }
    names.release(session.id);
    if let Some(player) = session.player.and_then(|player| arena.sim.players().get(player)) {
        arena.feed.on_leave(&player.name);
    }
    arena.commands.push(Command::Leave { session: session.id });
}
