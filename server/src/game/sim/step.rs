//! What the systems of a tick work on. Each system is a function that takes a [`Step`].

use shared::game::{terrain::Terrain, timing::Timing};

use super::{events::Events, pilot::NewShot, ship_grid::ShipGrid, world::World};

/// One tick in the making.
pub(super) struct Step<'a> {
    pub(super) world: &'a mut World,
    pub(super) events: &'a mut Events,
    /// Fired in this tick.
    pub(super) new_shots: &'a mut Vec<NewShot>,
    /// Where the ships were when [`Self::index_ships`] was last called.
    pub(super) ships: &'a mut ShipGrid,
    pub(super) terrain: &'a Terrain,
    pub(super) timing: &'a Timing,
}

/// The same, to look at only.
#[derive(Clone, Copy)]
pub(in crate::game) struct View<'a> {
    pub(in crate::game) world: &'a World,
    pub(in crate::game) ships: &'a ShipGrid,
    pub(in crate::game) terrain: &'a Terrain,
    pub(in crate::game) timing: &'a Timing,
}

impl Step<'_> {
    /// Sorts the ships in flight into squares by where they are now.
    pub(super) fn index_ships(&mut self) {
        self.ships.rebuild(self.terrain.arena().size, self.world.flying());
    }

    pub(super) fn view(&self) -> View<'_> {
        View { world: self.world, ships: self.ships, terrain: self.terrain, timing: self.timing }
    }
}
