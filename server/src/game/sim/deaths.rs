//! What becomes of ships without health.
//!
//! Embers are conserved: what a dead ship carried is scattered, or returns to the reserve.

use rand::RngExt;
use shared::{
    engine::{input::Angle, roster::PlayerKind},
    game::{
        ember::EMBER_WORTH_MAX,
        shot::{Kill, KilledBy},
    },
};

use super::{
    events::{Death, EndedLife},
    pilot::Life,
    world::{Step, World},
};

/// Most pieces that a ship's embers are scattered in.
const PIECES_MAX: u32 = 24;

/// Takes dead ships out of the arena and scatters embers where they died: half of what they carried, or all of the
/// leader's. The rest returns to the reserve.
pub(super) fn remove_dead(step: &mut Step<'_>) {
    let Step { world, events, terrain, timing, .. } = step;
    let leader = world.leader();
    let World { tick, pilots, embers, rng, history, .. } = &mut **world;
    for pilot in pilots.iter_mut() {
        let Life::Flying(ship) = &pilot.state else { continue };
        if ship.health > 0.0 {
            continue;
        }
        let (position, carried, by) = (ship.flight.motion.position, ship.flight.embers, ship.hit_by);
        let was_leader = leader == Some(pilot.id);
        let scattered = if was_leader { carried } else { carried / 2 };
        let pieces = scattered.min(PIECES_MAX);
        embers.add_to_reserve(carried - scattered);
        for piece in 0..pieces {
            let value = scattered / pieces + u32::from(piece < scattered % pieces);
            let offset = Angle(rng.random()).unit() * rng.random_range(10.0..90.0);
            let worth = value.min(EMBER_WORTH_MAX.into());
            embers.add_to_reserve(value - worth);
            embers.drop(position + offset, worth as u8, terrain, events);
        }
        let lived = ship.lived(*tick);
        let kill = by.map(|by| Kill { by, streak: 0, ended: ship.streak.min(255) as u8 });
        events.deaths.push(Death { ship: pilot.id, position, carried, by: kill, was_leader });
        events.lives.extend(pilot.session.map(|session| EndedLife::of(session, ship, *tick)));
        history.forget(pilot.id);
        pilot.state = Life::Waiting {
            until: tick.after(timing.respawn),
            wants_ship: pilot.kind == PlayerKind::Bot,
            killed_by: None,
            lived,
            last_motion: Some(ship.flight.motion),
        };
    }
    // In a second pass, so that of two ships that killed each other neither has a streak.
    for index in 0..events.deaths.len() {
        let Some(kill) = &mut events.deaths[index].by else { continue };
        let player = kill.by;
        let embers = world.ship_mut(player).map(|ship| {
            ship.streak = ship.streak.saturating_add(1);
            kill.streak = ship.streak.min(255) as u8;
            ship.flight.embers
        });
        let carried = || events.deaths.iter().find(|death| death.ship == player).map(|death| death.carried);
        let embers = embers.or_else(carried).unwrap_or(0);
        let victim = world.pilots.get_mut(events.deaths[index].ship);
        if let Some(Life::Waiting { killed_by, .. }) = victim.map(|victim| &mut victim.state) {
            *killed_by = Some(KilledBy { player, embers });
        }
    }
}
