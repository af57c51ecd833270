//! The simulation and its replication: a ship's step, a tick, changes encoded, frames made.

use std::hint::black_box;

use benches::worlds::{BusyWorld, TICK_RATE};
use client_web::game::Session;
use shared::{
    Vec2,
    engine::input::{Angle, Buttons, PlayerInput},
    game::{flight::Flight, terrain::Terrain, timing::Timing},
};

use super::{units, value};

const SHIPS: u32 = 300;
const TICKS: usize = 30;
/// Frames over which the bytes of a moving ship are averaged.
const FRAMES: usize = 200;
/// Viewers over which the bytes of a full view are averaged.
const NEWCOMERS: u32 = 50;

pub(crate) fn run() {
    let mut world = BusyWorld::new(SHIPS, SHIPS, 2);
    let mut frames = 0;
    for _ in 0..TICKS {
        world.steer();
        count_simulation_tick(&mut world);
        count_cell_encode(&mut world);
        frames += count_viewer_frame(&mut world);
        world.drain(|_, _| {});
    }
    units("simulation_tick", TICKS * SHIPS as usize);
    units("cell_encode", TICKS * SHIPS as usize);
    units("viewer_frame", frames as usize);
    ship_steps(&world);
    value("moving_ship_bytes", moving_ship_bytes());
    value("full_view_bytes", full_view_bytes());
}

#[inline(never)]
fn count_simulation_tick(world: &mut BusyWorld) {
    world.step();
}

#[inline(never)]
fn count_cell_encode(world: &mut BusyWorld) {
    world.publisher.encode(&world.sim);
}

#[inline(never)]
fn count_viewer_frame(world: &mut BusyWorld) -> u64 {
    world.publisher.send(&world.sim).frames
}

/// What both ends do for each ship that they fly.
#[inline(never)]
fn count_ship_step(flights: &mut [Flight], input: PlayerInput, terrain: &Terrain, timing: &Timing) {
    for flight in flights {
        black_box(flight.step(input, terrain, timing));
    }
}

fn ship_steps(world: &BusyWorld) {
    let terrain = world.sim.sim().terrain();
    let timing = Timing::new(TICK_RATE, &terrain.arena().rules);
    let ships = world.sim.sim().world().in_order().filter_map(|pilot| Some(pilot.ship()?.flight));
    let mut flights: Vec<_> = ships.collect();
    for tick in 0..TICKS as u16 {
        let aim = Angle(tick.wrapping_mul(2741));
        let held = PlayerInput::towards(aim.unit()).with(Buttons::BOOST, tick.is_multiple_of(8));
        let input = PlayerInput { buttons: held.with(Buttons::FIRE, tick.is_multiple_of(3)), aim };
        count_ship_step(&mut flights, input, terrain, &timing);
    }
    units("ship_step", TICKS * flights.len());
}

/// Bytes of frames for each other ship in view that moves, on average.
fn moving_ship_bytes() -> f64 {
    let mut world = BusyWorld::new(SHIPS, 0, 3);
    let mut session = Session::new("cost");
    let (mut bytes, mut moving) = (0, 0);
    world.watch(0);
    for tick in 0..FRAMES {
        world.steer();
        world.step();
        world.publisher.publish(&world.sim);
        world.drain(|_, message| {
            session.handle_message(message, tick as f64 * 50.0).expect("the server's own message");
            // The first frame is a full view.
            if tick > 0 {
                bytes += message.len();
                moving += session.visible_ships().filter(|ship| ship.velocity != Vec2::ZERO).count();
            }
        });
    }
    bytes as f64 / moving as f64
}

/// Bytes of the first frame that a viewer gets, on average.
fn full_view_bytes() -> f64 {
    let mut world = BusyWorld::new(SHIPS, 0, 4);
    (0..NEWCOMERS).for_each(|player| world.watch(player));
    world.steer();
    world.step();
    world.publisher.publish(&world.sim);
    let mut last = vec![0; NEWCOMERS as usize];
    world.drain(|viewer, message| last[viewer] = message.len());
    last.iter().sum::<usize>() as f64 / last.len() as f64
}
