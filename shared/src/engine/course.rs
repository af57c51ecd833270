//! A course for the function that both ends compute: a body steps through it with seeded inputs, and every tick is reported. A report made
//! by native code and one made by WASM must be the same text, or a client would predict what its server does not do.

use core::fmt::Write as _;

use glam::Vec2;

use super::{checksum::Checksum, game_trait::Game, limits::INPUT_BYTES_MAX, protocol::decode_prefix};

/// A lap for each: the slowest, the usual and the fastest.
const TICK_RATES: [u16; 5] = [10, 20, 30, 60, 128];
/// All laps together are ten thousand ticks.
const TICKS_PER_LAP: u32 = 2000;
/// Longest time that a player wants the same, in ticks.
const HOLD_MAX: u32 = 60;
/// Not all bytes are an input.
const TRIES: usize = 100;

/// Seeded numbers: a linear congruential generator with Knuth's constants.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32
    }

    /// Any input: random bytes, decoded.
    fn input<G: Game>(&mut self) -> G::Input {
        let decoded = |_| {
            let bytes: [u8; INPUT_BYTES_MAX] = core::array::from_fn(|_| (self.next() >> 8) as u8);
            decode_prefix::<G::Input, INPUT_BYTES_MAX>(&bytes).ok()
        };
        (0..TRIES).find_map(decoded).map_or_else(G::Input::default, |(input, _)| input)
    }
}

/// The report of a body that begins as `avatar`: a line for each tick, the checksum of the whole avatar after it, and a last one that says
/// what happened.
///
/// # Errors
/// If it hardly moved, because then the report proves nothing.
pub fn report<G: Game>(arena: &G::Arena, avatar: &G::Avatar) -> Result<String, String> {
    let (mut report, mut random, mut moved) = (String::new(), Random(2026), 0);
    for tick_rate in TICK_RATES {
        let (map, mut avatar) = (G::map(arena.clone(), tick_rate), avatar.clone());
        let (mut input, mut held) = (G::Input::default(), 0);
        for _ in 0..TICKS_PER_LAP {
            if held == 0 {
                (input, held) = (random.input::<G>(), random.next() % HOLD_MAX + 1);
            }
            held -= 1;
            G::step_avatar(&mut avatar, input, &map);
            moved += u32::from(G::motion(&avatar).velocity != Vec2::ZERO);
            let _ = writeln!(report, "{:016x}", Checksum::of(&avatar));
        }
    }
    let ticks = TICKS_PER_LAP * TICK_RATES.len() as u32;
    if moved < ticks / 10 {
        return Err(format!("the body moved in {moved} of {ticks} ticks only, so the course proves nothing"));
    }
    let _ = writeln!(report, "{} moved in {moved}", G::NAME);
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        motion::Motion,
        protocol::Samples,
        testing::{TestBody, TestGame},
    };

    fn body() -> TestBody {
        TestBody { motion: Motion { position: Vec2::splat(1000.0), velocity: Vec2::ZERO }, items: 0 }
    }

    #[test]
    fn report_has_a_line_for_each_tick_and_is_the_same_twice() {
        let arena = <TestGame as Samples>::arena();
        let made = report::<TestGame>(&arena, &body()).expect("it moves");
        assert_eq!(made.lines().count(), 10_001);
        assert_eq!(report::<TestGame>(&arena, &body()), Ok(made));
    }

    #[test]
    fn report_depends_on_where_the_body_begins() {
        let arena = <TestGame as Samples>::arena();
        let other = TestBody { items: 1, ..body() };
        assert_ne!(report::<TestGame>(&arena, &body()), report::<TestGame>(&arena, &other));
    }
}
