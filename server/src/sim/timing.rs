//! The durations of the rules, in ticks of this simulation's rate.

use shared::rules::Rules;

/// How long an input is repeated when none arrives, in seconds.
const REPEAT_SECONDS: f32 = 0.25;

/// Durations in ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// Ticks a second.
    pub tick_rate: u16,
    /// Seconds a tick.
    pub dt: f32,
    /// Between two salvos.
    pub reload: u32,
    /// Of a shot's life.
    pub shot_life: u8,
    /// From death to respawn.
    pub respawn: u32,
    /// Of the shield after a spawn.
    pub shield: u32,
    /// For which a starved pilot's last input is repeated.
    pub repeat_input: u32,
}

impl Timing {
    /// For valid rules at a rate of 10 to 128 Hz.
    pub fn new(tick_rate: u16, rules: &Rules) -> Self {
        let rate = f32::from(tick_rate);
        let ticks = |seconds: f32| (seconds * rate).round() as u32;
        Self {
            tick_rate,
            dt: 1.0 / rate,
            reload: ticks(rules.shot.reload).max(1),
            shot_life: ticks(rules.shot.life).clamp(1, 254) as u8,
            respawn: ticks(rules.respawn_seconds),
            shield: ticks(rules.shield_seconds),
            repeat_input: ticks(REPEAT_SECONDS),
        }
    }
}
