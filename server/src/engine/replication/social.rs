//! What players are sent about each other besides the roster: the badges that they wear, and once a second the places of the others
//! of their party. A party's notice goes to its members only.

use std::mem;

use shared::engine::{
    game_trait::{Arena as _, Game},
    ids::PlayerId,
    protocol::Notice,
    roster::{Badge, PartyMember},
};

use super::viewer::Notices;
use crate::engine::{party::PartyId, simulation::Simulation};

/// Most members in one notice.
const MEMBERS_MAX: usize = 16;

/// The badges of the players in the arena.
#[derive(Debug, Default)]
pub(super) struct Badges {
    worn: Vec<Badge>,
    /// Those that changed since the last tick.
    changed: Vec<Badge>,
}

impl Badges {
    /// A player wears another badge. An empty sign takes it off.
    pub(super) fn set(&mut self, badge: Badge) {
        self.on_left(badge.player);
        if !badge.sign.is_empty() {
            self.worn.push(badge.clone());
        }
        self.changed.push(badge);
    }

    /// A player has left.
    pub(super) fn on_left(&mut self, player: PlayerId) {
        self.worn.retain(|badge| badge.player != player);
    }

    /// Adds the notice about those that changed, if there are any.
    pub(super) fn push_changed<G: Game>(&mut self, notices: &mut Notices) {
        if !self.changed.is_empty() {
            notices.push::<G>(&Notice::Badges(mem::take(&mut self.changed)));
        }
    }

    /// Adds the notice about all, for a client that knows none.
    pub(super) fn push_all<G: Game>(&self, notices: &mut Notices) {
        if !self.worn.is_empty() {
            notices.push::<G>(&Notice::Badges(self.worn.clone()));
        }
    }
}

/// The members of all parties, in a tick in which they are sent.
#[derive(Debug, Default)]
pub(super) struct Parties {
    members: Vec<(PartyId, PartyMember)>,
}

impl Parties {
    /// Lists all members and their places if they are sent in this tick.
    pub(super) fn update<S: Simulation>(&mut self, sim: &S, is_due: bool) {
        self.members.clear();
        if !is_due {
            return;
        }
        for player in sim.players().iter() {
            let Some(party) = player.party else { continue };
            let at = sim.body(player).map(|body| {
                let share = body.position / sim.arena().size() * 255.0;
                (share.x as u8, share.y as u8)
            });
            self.members.push((party, PartyMember { player: player.id, at }));
        }
    }

    /// Adds the notice for this player, if it is a member: the others of its party.
    pub(super) fn push_for<G: Game>(&self, player: PlayerId, notices: &mut Notices) {
        let Some((party, _)) = self.members.iter().find(|(_, member)| member.player == player) else {
            return;
        };
        let others = self.members.iter().filter(|(of, member)| of == party && member.player != player);
        notices.push::<G>(&Notice::Party(others.map(|(_, member)| *member).take(MEMBERS_MAX).collect()));
    }
}
