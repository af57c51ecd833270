//! Parties as their members are told of them: once a second, who of the party is in the arena, and where. No other player is told.

use shared::engine::{
    game_trait::{Arena as _, Game},
    ids::PlayerId,
    protocol::Notice,
    roster::PartyMember,
};

use super::viewer::Notices;
use crate::engine::{party::PartyId, simulation::Simulation};

/// Most members that one player is told of.
const MEMBERS_MAX: usize = 16;

/// The members of all parties in this tick, if it is one in which they are told.
#[derive(Debug, Default)]
pub(super) struct Parties {
    members: Vec<(PartyId, PartyMember)>,
}

impl Parties {
    /// Looks where all members are, or forgets it in a tick in which nothing is told.
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

    /// Adds what this player is told: who else is in its party.
    pub(super) fn push_for<G: Game>(&self, player: PlayerId, notices: &mut Notices) {
        let Some((party, _)) = self.members.iter().find(|(_, member)| member.player == player) else {
            return;
        };
        let others = self.members.iter().filter(|(of, member)| of == party && member.player != player);
        notices.push::<G>(&Notice::Party(others.map(|(_, member)| *member).take(MEMBERS_MAX).collect()));
    }
}
