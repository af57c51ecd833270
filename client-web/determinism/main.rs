//! One long course through all that both ends compute, reported tick by tick: ships that chase one another through one arena
//! after the other, each with its own rules and tick rate, and shoot; a client flies one of them. Natively it is a program that
//! prints the report; as WASM it is a module for node that returns it. `cargo xtask determinism` compares the two.

mod arena;
mod player;
mod scripted;
mod shots;
mod tally;

use std::fmt::Write as _;

use shared::{
    engine::{
        checksum::Checksum,
        input::{Angle, Buttons, PlayerInput},
        protocol::{dequantize, quantize},
    },
    game::{
        ember::Ember,
        flight::{Collected, Flight},
        timing::Timing,
    },
};

use self::{
    player::Player,
    scripted::{Random, ScriptedServer},
    shots::Shots,
    tally::Tally,
};

/// A lap is one arena; all laps together are ten thousand ticks.
const LAPS: usize = 20;
const TICKS_PER_LAP: usize = 500;
/// The slowest, the usual and the fastest.
const TICK_RATES: [u16; 5] = [10, 20, 30, 60, 128];
const SHIPS: u16 = 16;
/// What an ember is worth that a ship comes across.
const EMBER: u8 = 20;

/// Natively only: a module's `main` would run when node loads it.
#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), String> {
    print!("{}", run()?);
    Ok(())
}

#[cfg(target_arch = "wasm32")]
fn main() {}

/// The whole report, for node to print.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn report() -> Result<String, String> {
    run()
}

// Each large function is called once, so all of them would be inlined into one, which takes the compiler minutes:
// `inline(never)` keeps them apart.

/// Flies the whole course. The text has a line for each tick, the checksum of the whole state after it, and a last one for
/// the tally. An error if something never happened, because then the course would prove nothing about it.
fn run() -> Result<String, String> {
    let (mut report, mut tally) = (String::new(), Tally::default());
    let mut random = Random(2026);
    for lap in 0..LAPS {
        let mut course = Lap::new(TICK_RATES[lap % TICK_RATES.len()], &mut random)?;
        for tick in 0..TICKS_PER_LAP {
            course.steer(tick, &mut random);
            course.step(&mut random, &mut tally)?;
            let _ = writeln!(report, "{:016x}", course.checksum());
        }
    }
    let _ = writeln!(report, "{tally}");
    match tally.missing() {
        None => Ok(report),
        Some(thing) => Err(format!(
            "there were no {thing} on the whole course, so it proves nothing about them: change its inputs"
        )),
    }
}

struct Lap {
    server: ScriptedServer,
    timing: Timing,
    shots: Shots,
    player: Player,
}

impl Lap {
    fn new(tick_rate: u16, random: &mut Random) -> Result<Self, String> {
        let mut server = ScriptedServer::new(arena::terrain(random), tick_rate, SHIPS);
        for (place, ship) in server.actors.iter_mut().enumerate() {
            ship.flight.motion.position = arena::place(random);
            ship.flight.embers = place as u32 * 24;
        }
        // In the very middle of a rock, where every way out is as good, and for a moment at rest.
        server.actors[0].flight.motion.position = server.terrain.arena().rocks[0].centre;
        let timing = Timing::new(tick_rate, &server.terrain.arena().rules);
        let player = Player::join(&server)?;
        Ok(Self { server, timing, shots: Shots::default(), player })
    }

    /// Every other ship goes after the one before it, by what others see of that one; the rest fly as chance has it.
    #[inline(never)]
    fn steer(&mut self, tick: usize, random: &mut Random) {
        let grid = self.server.terrain.grid();
        for place in 0..self.server.actors.len() {
            let chance = random.input();
            if place % 2 == 0 {
                if (tick + place) % 16 == 15 {
                    self.server.actors[place].input = chance;
                }
                continue;
            }
            let seen = quantize(self.server.actors[place - 1].flight.motion.position, grid);
            let seen = dequantize(seen.cell, i32::from(seen.x), i32::from(seen.y), grid);
            let ship = &mut self.server.actors[place];
            let way = seen - ship.flight.motion.position;
            // The nose follows, a third of the way at a time.
            let aim = ship.input.aim;
            let turn = Angle::from_radians(aim.difference(Angle::of(way)) / 3.0);
            let chance = Buttons(chance.buttons.0 & (Buttons::FIRE.0 | Buttons::BOOST.0));
            let buttons = Buttons(PlayerInput::towards(way).0 | chance.0);
            ship.input = PlayerInput { buttons, aim: aim.turned(turn) };
        }
    }

    #[inline(never)]
    fn step(&mut self, random: &mut Random, tally: &mut Tally) -> Result<(), String> {
        self.player.send(&mut self.server, random);
        let before = self.server.actors.clone();
        self.server.step();
        let ScriptedServer { terrain, actors, .. } = &mut self.server;
        for (ship, before) in actors.iter_mut().zip(before) {
            tally.look(ship, &before, terrain);
            // An ember somewhere.
            let ember = Ember(EMBER);
            if ship.flight.takes(ember, arena::place(random), &terrain.arena().rules) {
                let mut collected = Collected::default();
                collected.add(ember);
                ship.flight.collect(collected, &self.timing);
                tally.gathered += u32::from(EMBER);
            }
        }
        self.shots.step(actors, terrain, &self.timing, tally);
        self.player.receive(&self.server, random, tally)
    }

    /// Of every ship, every shot, every cell as its viewers know it, and the client.
    #[inline(never)]
    fn checksum(&self) -> u64 {
        let mut sum = Checksum::default();
        for ship in &self.server.actors {
            let Flight { motion, embers, burnt, reload, held, power_ups } = ship.flight;
            for number in [motion.position.x, motion.position.y, motion.velocity.x, motion.velocity.y] {
                sum.float(number);
            }
            sum.word(u32::from(ship.input.aim.0) | u32::from(ship.input.buttons.0) << 16);
            sum.word(u32::from(burnt) | u32::from(reload) << 8 | u32::from(held) << 16);
            sum.word(embers);
            sum.word(u32::from(power_ups.rapid) | u32::from(power_ups.magnet) << 16);
        }
        self.shots.sum(&mut sum);
        for cell in &self.server.cells {
            sum.word(cell.checksum());
        }
        self.player.sum(&mut sum);
        sum.finish()
    }
}
