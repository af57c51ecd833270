//! Parties: their members begin near each other, and in an arena with teams on one team, as long as that is fair to the others.

use rand::RngExt;
use shared::{
    Vec2,
    engine::{ids::PlayerId, input::Angle},
    game::{arena::SPAWN_CLEARANCE, mode::Mode},
};

use super::{
    teams,
    world::{Step, World},
};
use crate::engine::party::PartyId;

/// How far from a member another one begins, in units: in its view, and not in its way.
const NEAR: (f32, f32) = (220.0, 480.0);
/// No ship that is not of the party is nearer than this to where a member begins.
const FOES_AWAY: f32 = 360.0;
/// Random places that are tried before a member begins elsewhere.
const TRIES: usize = 24;
/// Width of the edge in which no ship begins, as a share of the arena.
const EDGE: f32 = 0.06;

/// A player has come with a party. If it has just joined, and others of the party are on another team, it joins that team.
pub(super) fn join(world: &mut World, mode: Mode, id: PlayerId, party: PartyId) {
    let Some(pilot) = world.pilots.get_mut(id) else { return };
    pilot.party = Some(party);
    let (colour, is_new) = (pilot.colour, pilot.is_new());
    let team = members(world, id, party).find_map(|other| world.pilot(other)).map(|other| other.colour);
    if let Some(team) = team.filter(|team| is_new && teams::may_change(world, mode, colour, *team))
        && let Some(pilot) = world.pilots.get_mut(id)
    {
        pilot.colour = team;
    }
}

/// The others of a player's party.
fn members(world: &World, id: PlayerId, party: PartyId) -> impl Iterator<Item = PlayerId> + '_ {
    let others = world.in_order().filter(move |other| other.party == Some(party) && other.id != id);
    others.map(|other| other.id)
}

/// Where a player begins beside a member of its party; `None` without one in flight, or if there is no quiet place around it.
pub(super) fn find_place(step: &mut Step<'_>, id: PlayerId) -> Option<Vec2> {
    let Step { world, ships, terrain, .. } = step;
    let (mode, size) = (terrain.arena().mode, terrain.arena().size);
    let pilot = world.pilot(id)?;
    let (party, colour) = (pilot.party?, pilot.colour);
    if matches!(mode, Mode::Duel { .. }) {
        return None;
    }
    // Team mates only: a member of another team is a foe.
    let is_mate = |other: PlayerId| {
        let other = world.pilot(other)?;
        let is_on_team = mode.teams() == 0 || mode.are_mates(colour, other.colour);
        other.ship().filter(|_| is_on_team).map(|ship| ship.flight.motion.position)
    };
    let centre = members(world, id, party).find_map(is_mate)?;
    let is_foe = |other| world.pilot(other).is_none_or(|other| other.party != Some(party));
    let mut rng = world.rng.clone();
    let place = (0..TRIES).find_map(|_| {
        let place = centre + Angle(rng.random()).unit() * rng.random_range(NEAR.0..NEAR.1);
        let share = place / size;
        let is_inside = share.cmpge(Vec2::splat(EDGE)).all() && share.cmple(Vec2::splat(1.0 - EDGE)).all();
        let is_quiet = || ships.nearest(place, FOES_AWAY, is_foe).is_none();
        (is_inside && terrain.is_free(place, SPAWN_CLEARANCE) && is_quiet()).then_some(place)
    });
    world.rng = rng;
    place
}
