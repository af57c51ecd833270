//! The durations of the rules, in ticks of one rate: the same for the server and for a client that predicts it.

use super::rules::{Pickup, Rules};
use crate::engine::limits::REWIND_PARTS;

/// How long an input is repeated when none arrives, in seconds.
const REPEAT_SECONDS: f32 = 0.25;
/// How far targets are rewound for a shooter at most, in seconds: whoever is hit went behind its rock no longer ago.
const REWIND_SECONDS: f32 = 0.25;
/// How far a shot is carried forward at most, in seconds: from what its pilot saw to now, at the longest round trip that
/// one can shoot over. What is longer ago than a rewind reaches, it flies past where no target is.
pub const CARRY_SECONDS: f32 = 0.4;
/// Parts of an ember in which burning is counted.
const EMBER_PARTS: f32 = 256.0;

/// Durations in ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// Ticks a second.
    pub tick_rate: u16,
    /// Seconds a tick.
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
    /// For which a starved pilot's last input is repeated.
    pub repeat_input: u32,
    /// Most that targets are rewound, in parts of a tick: see [`REWIND_PARTS`].
    pub rewind: u16,
    /// Most that a shot is carried forward, in parts of a tick.
    pub carry: u16,
    /// What boost burns in a tick, in 1/256 ember.
    pub burn: u32,
    /// What smouldering takes in a tick of each ember above the rules' number, in 1/65536 ember.
    pub smoulder: u32,
    /// Of each pickup's gift, in the order of [`Pickup::ALL`].
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
