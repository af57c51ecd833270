//! Emberdrift's session: the engine's, and what it says in this game's words.

use shared::{
    Vec2,
    engine::{
        ids::PlayerId,
        roster::{Player, PlayerKind},
    },
    game::{
        protocol::{OwnShip, PilotState},
        terrain::Terrain,
    },
};

use super::view_model::ViewModel;
use crate::engine::session;

pub use crate::engine::session::SessionError;

/// The client's side of one connection.
pub type Session = session::Session<ViewModel>;

/// Another ship as the last frame described it, exact to the wire's 1/16 unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VisibleShip {
    /// Its pilot.
    pub id: PlayerId,
    /// Its centre.
    pub position: Vec2,
    /// In units a second.
    pub velocity: Vec2,
    /// 0 to 3.
    pub tier: u8,
    /// Cannot be harmed.
    pub shielded: bool,
    /// Steered by the server.
    pub drone: bool,
}

impl Session {
    /// The arena, once the welcome has arrived.
    pub fn terrain(&self) -> Option<&Terrain> {
        self.map().map(|map| &map.terrain)
    }

    /// The player's state in the last frame; `None` for a spectator.
    pub fn pilot(&self) -> Option<&PilotState> {
        self.own()
    }

    /// The own ship in the last frame, exactly, while it is alive.
    pub fn own_ship(&self) -> Option<&OwnShip> {
        self.pilot()?.ship()
    }

    /// Other ships in view in the last frame.
    pub fn visible_ships(&self) -> impl Iterator<Item = VisibleShip> + '_ {
        self.bodies().map(|body| VisibleShip {
            id: body.id,
            position: body.position,
            velocity: body.velocity,
            tier: body.look.status.tier() as u8,
            shielded: body.look.status.shielded(),
            drone: self.player(body.id).is_some_and(|pilot| pilot.kind == PlayerKind::Bot),
        })
    }

    /// Positions and values of the embers around a place: at least of those in view within `reach`.
    pub fn embers_near(&self, centre: Vec2, reach: f32) -> impl Iterator<Item = (Vec2, u8)> + '_ {
        self.items_near(centre, reach).map(|(place, ember)| (place, ember.0))
    }

    /// A pilot that the server has named. It stays known after it has left, until its id is given again.
    pub fn known_pilot(&self, id: PlayerId) -> Option<&Player> {
        self.player(id)
    }
}

#[cfg(test)]
mod tests;
