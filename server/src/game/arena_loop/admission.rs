//! Who comes into the game, with which ship, and who goes: for good, or until it is back. Must not know what happens in a
//! tick besides.

use shared::engine::{
    ids::Tick,
    name::PlayerName,
    protocol::{CloseReason, Role},
};

use super::ArenaLoop;
use crate::{
    engine::{
        ids::{ClientId, ConnectionId},
        outbox::OutboxSender,
        resume::Claim,
        sessions::Cut,
    },
    game::{replication::Seat, sim::Command},
};

/// One that is to be welcomed after the next step.
#[derive(Debug)]
pub(super) struct Joining {
    connection: ConnectionId,
    role: Role,
    link: OutboxSender,
    is_resumed: bool,
    is_hidden: bool,
}

impl ArenaLoop {
    /// Lets somebody in, in a ship of its own if it can show that it has one.
    pub(super) fn join(
        &mut self,
        connection: ConnectionId,
        name: Option<PlayerName>,
        colour: Option<u8>,
        role: Role,
        claim: Option<Claim>,
        mut link: OutboxSender,
    ) {
        // Who only watches has no use for a ship.
        let claim = claim.filter(|_| role == Role::Player);
        let resumed = claim.and_then(|claim| self.sessions.resume(claim, connection));
        if let Some(resumed) = resumed {
            if let Some(replaced) = resumed.replaces {
                for joining in self.joining.iter_mut().filter(|joining| joining.connection == replaced) {
                    joining.link.close(CloseReason::Replaced);
                }
                self.forget(replaced);
                self.publisher.replace(replaced);
            }
            self.metrics.resumed_total.inc();
            self.commands.push(Command::Back { client: resumed.client });
        } else {
            let seats = self.publisher.viewers() + self.joining.len() + self.sessions.waited_for();
            if seats >= self.max_players {
                // Those who are here come before those who may yet come back.
                match self.sessions.make_room() {
                    Some(client) => self.unseat(client),
                    None => return turn_away(&mut link),
                }
            }
            if role == Role::Player {
                let client = self.sessions.enter(connection);
                self.commands.push(Command::Join { client, name, colour });
            }
        }
        self.joining.push(Joining {
            connection,
            role,
            link,
            is_resumed: resumed.is_some(),
            is_hidden: false,
        });
    }

    /// A connection is gone, and so is its player, or it may come back for its ship.
    pub(super) fn part(&mut self, connection: ConnectionId, is_done: bool, now: Tick) {
        self.forget(connection);
        self.publisher.leave(connection);
        if is_done {
            if let Some(client) = self.sessions.leave(connection) {
                self.unseat(client);
            }
        } else {
            match self.sessions.cut(connection, now) {
                Some(Cut::WaitedFor(client)) => self.commands.push(Command::Idle { client }),
                Some(Cut::Gone(client)) => self.unseat(client),
                None => {}
            }
        }
    }

    /// Nobody looks at a connection, or somebody does again; it may have yet to be welcomed.
    pub(super) fn hide(&mut self, connection: ConnectionId, is_hidden: bool) {
        for joining in self.joining.iter_mut().filter(|joining| joining.connection == connection) {
            joining.is_hidden = is_hidden;
        }
        self.publisher.hide(connection, is_hidden, self.sim.world().tick);
        if let Some(client) = self.sessions.hears(connection) {
            self.commands.push(if is_hidden { Command::Idle { client } } else { Command::Back { client } });
        }
    }

    fn forget(&mut self, connection: ConnectionId) {
        self.chat.forget(connection);
        self.joining.retain(|joining| joining.connection != connection);
    }

    pub(super) fn unseat(&mut self, client: ClientId) {
        let player = self.sim.pilot_of(client);
        if let Some(pilot) = player.and_then(|id| self.sim.world().pilot(id)) {
            self.recorder.leaves(&pilot.name, self.is_heard());
        }
        self.commands.push(Command::Leave { client });
    }

    pub(super) fn welcome(&mut self) {
        for Joining { connection, role, mut link, is_resumed, is_hidden } in self.joining.drain(..) {
            let client = self.sessions.client(connection);
            let player = client.and_then(|client| self.sim.pilot_of(client));
            if player.is_none() && role == Role::Player {
                turn_away(&mut link);
                continue;
            }
            // Without randomness a cut costs the ship; the game goes on.
            let nonce = getrandom::u64().ok().filter(|_| player.is_some());
            let resume = client.zip(nonce).map(|(client, nonce)| {
                self.sessions.expect(client, nonce);
                self.key.seal(Claim { client, nonce })
            });
            self.publisher.join(connection, Seat { player, resume, is_resumed }, link, &self.sim);
            if is_hidden {
                self.publisher.hide(connection, true, self.sim.world().tick);
            }
        }
    }
}

fn turn_away(link: &mut OutboxSender) {
    link.close(CloseReason::Full);
}
