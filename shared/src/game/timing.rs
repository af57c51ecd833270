//! The durations of the rules, converted to ticks; the same on the server and on a predicting client.

use super::{ember::Pickup, rules::Rules};
use crate::engine::limits::REWIND_PARTS;

/// How long the last input is repeated when none arrives, in seconds.
const REPEAT_SECONDS: f32 = 0.25;
/// How far targets are rewound for a shooter at most, in seconds. A target behind cover for longer cannot be hit.
pub const REWIND_SECONDS: f32 = 0.25;
/// How far a new shot is simulated forward at most, in seconds: from what its player saw to now. The part that is longer ago
/// than [`REWIND_SECONDS`] hits no target.
pub const CARRY_SECONDS: f32 = 0.4;
/// Fractions of an ember in which burning is counted.
const EMBER_PARTS: f32 = 256.0;

/// Durations in ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// Ticks per second.
    pub tick_rate: u16,
    /// Seconds per tick.
    pub dt: f32,
    /// Between two salvos.
    pub reload: u8,
    /// The same with rapid fire.
    pub reload_rapid: u8,
    /// Of a shot's life.
    pub shot_life: u8,
    /// From death to respawn.
    pub respawn: u32,
    /// Of the shield after a spawn.
    pub shield: u32,
    /// For which drones ignore a player's first ship.
    pub newcomer: u32,
    /// How long the last input is repeated when none arrives.
    pub repeat_input: u32,
    /// Most that targets are rewound, in 1/[`REWIND_PARTS`] of a tick.
    pub rewind: u16,
    /// Most that a shot is simulated forward, in the same unit.
    pub carry: u16,
    /// Embers that boost burns per tick, in 1/256.
    pub burn: u32,
    /// Loss per tick of each ember above the smoulder limit, in 1/65536 ember.
    pub smoulder: u32,
    /// Of each power-up, in the order of [`Pickup::ALL`].
    pub power_ups: [u16; 3],
}

impl Timing {
    /// For valid rules at a rate of 10 to 128 Hz.
    pub fn new(tick_rate: u16, rules: &Rules) -> Self {
        let rate = f32::from(tick_rate);
        let ticks = |seconds: f32| libm::roundf(seconds * rate) as u32;
        Self {
            tick_rate,
            dt: 1.0 / rate,
            reload: ticks(rules.shot.reload).clamp(1, 255) as u8,
            shot_life: ticks(rules.shot.life).clamp(1, 254) as u8,
            respawn: ticks(rules.respawn_seconds),
            shield: ticks(rules.shield_seconds),
            newcomer: ticks(rules.drones.newcomer_seconds),
            repeat_input: ticks(REPEAT_SECONDS),
            rewind: (REWIND_SECONDS * rate * f32::from(REWIND_PARTS)) as u16,
            carry: (CARRY_SECONDS * rate * f32::from(REWIND_PARTS)) as u16,
            reload_rapid: ticks(rules.shot.reload * rules.pickups.rapid_reload).clamp(1, 255) as u8,
            smoulder: libm::roundf(rules.embers.smoulder / rate * EMBER_PARTS * EMBER_PARTS) as u32,
            power_ups: Pickup::ALL.map(|pickup| ticks(rules.pickups.seconds(pickup)) as u16),
            burn: libm::roundf(rules.boost.embers_per_second / rate * EMBER_PARTS) as u32,
        }
    }
}
