//! Numbers that must come out the same on every target: exact bits of movement, of shots, and of a whole session
//! with all that it draws. Natively it prints them; built for WASM its exported functions return them, and
//! `cargo xtask` compares. It takes the sources in rather than the library, because the library for the browser
//! brings imports that nobody is there to serve.

#![allow(unsafe_code, reason = "an exported name is unsafe by the language's rules; there is nothing else")]

#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    unused_imports,
    reason = "parts of the client, taken in as they are"
)]
#[path = "../src"]
mod client {
    pub mod engine;
    pub mod game;
}
#[path = "../src/game/testing.rs"]
mod rehearsal;

use client::{engine, game};
use game::{Session, scene::Scene};
use rehearsal::{Random, Rehearsal, Viewer};
use shared::{
    Vec2,
    engine::{
        angle::Angle,
        checksum::Checksum,
        ids::PlayerId,
        protocol::{ClientMessage, decode_client, quantize},
    },
    game::{
        ember::Ember,
        movement::{self, Motion},
        protocol::{CellChange, ShotRecord},
        shot::{self, ShotId, ShotStep},
    },
};

const TICK_RATE: u16 = 30;
const DT: f32 = 1.0 / TICK_RATE as f32;

fn main() {
    println!("golden_movement={:016x}", golden_movement());
    println!("golden_shots={:016x}", golden_shots());
    println!("golden_session={:016x}", golden_session());
}

fn place(sum: &mut Checksum, place: Vec2) {
    sum.float(place.x);
    sum.float(place.y);
}

/// Ten thousand ticks among rocks, with every hull and with boost.
#[unsafe(no_mangle)]
pub extern "C" fn golden_movement() -> u64 {
    let terrain = rehearsal::rocky();
    let (mut random, mut sum) = (Random(1), Checksum::default());
    let mut motion = Motion { position: Vec2::splat(1500.0), velocity: Vec2::ZERO };
    let mut input = random.input();
    for tick in 0..10_000 {
        if tick % 7 == 0 {
            input = random.input();
        }
        let hull = &terrain.arena().rules.hulls[tick / 2500];
        movement::step(&mut motion, input, hull, input.boosts(), &terrain, DT);
        place(&mut sum, motion.position);
        place(&mut sum, motion.velocity);
        sum.word(u32::from(Angle::of(motion.velocity).0));
    }
    sum.finish()
}

/// Two thousand salvos, each flown to its end.
#[unsafe(no_mangle)]
pub extern "C" fn golden_shots() -> u64 {
    let terrain = rehearsal::rocky();
    let rules = &terrain.arena().rules.shot;
    let (mut random, mut sum) = (Random(2), Checksum::default());
    for _ in 0..2000 {
        let start = Vec2::new((random.next() % 3072) as f32, (random.next() % 3072) as f32);
        let aim = Angle(random.next() as u16);
        for direction in shot::salvo(aim, 4, rules) {
            let way = shot::way(direction, rules, DT);
            let mut at = start;
            for _ in 0..26 {
                match shot::fly(at, way, &terrain) {
                    ShotStep::Flying(to) => at = to,
                    ShotStep::Struck(to) => {
                        at = to;
                        break;
                    }
                }
                place(&mut sum, at);
            }
            place(&mut sum, at);
        }
    }
    sum.finish()
}

/// A session of forty seconds on an uneven link, drawn sixty times a second.
#[unsafe(no_mangle)]
pub extern "C" fn golden_session() -> u64 {
    const ME: PlayerId = PlayerId(0);
    let (mut random, mut sum) = (Random(3), Checksum::default());
    let mut server = Rehearsal::new(rehearsal::rocky(), TICK_RATE, 60);
    let (mut session, mut viewer, mut scene) = (Session::new("Golden"), Viewer::default(), Scene::default());
    if session.handle_message(&server.welcome(ME), 0.0).is_err() {
        return 0;
    }
    let (mut drawn_ms, mut input) = (0.0, random.input());
    for tick in 0..1200_u32 {
        let tick_ms = f64::from(tick) * server.tick_ms();
        if tick % 5 == 0 {
            server.actors.iter_mut().for_each(|actor| actor.input = random.input());
        }
        tell(&mut server, tick);
        if tick % 3 == 0 {
            input = random.input();
        }
        session.advance(tick_ms, input);
        while let Some(message) = session.poll_transmit() {
            sum.bytes(&message);
            // Every fifth input is lost to the server, so that predictions are corrected.
            if let Ok(ClientMessage::Input { tick: own, input, .. }) = decode_client(&message)
                && tick % 5 > 0
            {
                server.hear(ME, own, input);
            }
        }
        let arrival_ms = tick_ms + f64::from(random.next() % 30);
        while drawn_ms < arrival_ms {
            drawn_ms += 1000.0 / 60.0;
            session.scene(drawn_ms, &mut scene);
            draw(&mut sum, &scene);
        }
        server.step();
        let frame = server.frame(ME, &mut viewer);
        if session.handle_message(&rehearsal::bytes(frame), arrival_ms).is_err() {
            return 0;
        }
        sum.float(session.stats().prediction_error);
    }
    sum.word(session.stats().checksum_mismatches as u32);
    sum.finish()
}

/// A shot and an ember now and then.
fn tell(server: &mut Rehearsal, tick: u32) {
    let grid = server.terrain.grid();
    let shooter = &server.actors[tick as usize % 60];
    let at = quantize(shooter.flight.motion.position, grid);
    let shot = ShotRecord {
        id: ShotId(tick as u16),
        owner: shooter.id,
        x: at.x,
        y: at.y,
        direction: shooter.input.aim,
        ticks_left: 25,
    };
    server.extra.push((at.cell, CellChange::Shots(vec![shot].into())));
    let ember = Ember { x: tick as u8, y: (tick / 256) as u8, value: 1 };
    server.extra.push((at.cell, CellChange::EmbersAdded(vec![ember].into())));
}

fn draw(sum: &mut Checksum, scene: &Scene) {
    place(sum, scene.camera);
    for ship in &scene.ships {
        place(sum, ship.position);
        place(sum, ship.velocity);
        sum.float(ship.aim_radians);
    }
    for shot in &scene.shots {
        place(sum, shot.position);
        sum.float(shot.direction_radians);
    }
    for ember in &scene.embers {
        place(sum, ember.position);
        sum.float(ember.phase);
    }
    sum.word(scene.events.len() as u32);
}
