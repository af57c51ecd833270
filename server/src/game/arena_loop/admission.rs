//! Who is in the arena: clients that join, reconnect, hide their page and leave. Must not know what else happens in a
//! tick.

use shared::engine::{
    ids::Tick,
    protocol::{CloseReason, Role},
};

use super::ArenaLoop;
use crate::{
    engine::{
        ids::ConnectionId,
        inbox::Join,
        resume::Claim,
        sessions::{Disconnected, PendingWelcome, Session},
    },
    game::{replication::Seat, sim::Command},
};

impl ArenaLoop {
    /// Lets a client in, with the session that it had if it can show that it had one.
    pub(super) fn join(&mut self, join: Join) {
        let Join { connection, name, colour, role, claim, mut outbox } = join;
        // A spectator has no use for a session that plays.
        let claim = claim.filter(|_| role == Role::Player);
        if let Some(session) = claim.and_then(|claim| self.sessions.reconnect(claim, connection)) {
            if let Some(mut replaced) = session.pending.take() {
                replaced.outbox.close(CloseReason::Replaced);
            }
            if let Some(replaced) = session.viewer.take() {
                self.publisher.replace(replaced);
            }
            session.pending = Some(PendingWelcome { outbox, is_resumed: true, is_hidden: false });
            self.commands.push(Command::Back { client: session.id });
            self.metrics.resumed_total.inc();
            return;
        }
        if self.sessions.len() >= self.max_players {
            // Connected players come before disconnected ones that may reconnect.
            match self.sessions.make_room() {
                Some(session) => self.remove_player(&session),
                None => return outbox.close(CloseReason::Full),
            }
        }
        let pending = PendingWelcome { outbox, is_resumed: false, is_hidden: false };
        let session = self.sessions.enter(connection, role, pending);
        if role == Role::Player {
            self.commands.push(Command::Join { client: session, name, colour });
        }
    }

    /// Takes a client out whose connection ended: its player for good (`is_final`), or until it reconnects.
    pub(super) fn part(&mut self, connection: ConnectionId, is_final: bool, now: Tick) {
        let viewer = match self.sessions.disconnect(connection, is_final, now) {
            Some(Disconnected::Kept(session)) => {
                self.commands.push(Command::Idle { client: session.id });
                session.viewer.take()
            }
            Some(Disconnected::Removed(session)) => {
                self.remove_player(&session);
                session.viewer
            }
            None => None,
        };
        if let Some(viewer) = viewer {
            self.publisher.leave(viewer);
        }
    }

    /// Notes that a client's page is hidden or shown. The client may have yet to be welcomed.
    pub(super) fn hide(&mut self, connection: ConnectionId, is_hidden: bool) {
        let Some(session) = self.sessions.get_mut(connection) else { return };
        session.confirm_token();
        if let Some(pending) = &mut session.pending {
            pending.is_hidden = is_hidden;
        }
        if let Some(viewer) = session.viewer {
            self.publisher.hide(viewer, is_hidden, self.sim.world().tick);
        }
        if session.role == Role::Player {
            let client = session.id;
            self.commands.push(if is_hidden { Command::Idle { client } } else { Command::Back { client } });
        }
    }

    /// Takes the player of a removed session, if it has one, out of the world with the next step.
    pub(super) fn remove_player(&mut self, session: &Session) {
        if session.role != Role::Player {
            return;
        }
        if let Some(pilot) = session.player.and_then(|player| self.sim.world().pilot(player)) {
            self.recorder.leaves(&pilot.name, self.is_heard());
        }
        self.commands.push(Command::Leave { client: session.id });
    }

    /// Welcomes the clients that joined before the step that is done.
    pub(super) fn welcome(&mut self) {
        while let Some((session, mut pending)) = self.sessions.next_newcomer() {
            session.player = self.sim.pilot_of(session.id);
            if session.player.is_none() && session.role == Role::Player {
                // Drones have taken every player number.
                pending.outbox.close(CloseReason::Full);
                let id = session.id;
                self.sessions.remove(id);
                continue;
            }
            // Without randomness there is no token, so a disconnect costs the session; the game goes on.
            let nonce = session.player.and_then(|_| getrandom::u64().ok());
            let resume = nonce.map(|nonce| {
                session.issue_token(nonce);
                self.key.seal(Claim { session: session.id, nonce })
            });
            let seat = Seat { player: session.player, resume, is_resumed: pending.is_resumed };
            session.viewer = self.publisher.join(seat, pending.outbox, &self.sim);
            if pending.is_hidden
                && let Some(viewer) = session.viewer
            {
                self.publisher.hide(viewer, true, self.sim.world().tick);
            }
        }
    }
}
