//! What each sound effect is made of. The numbers are a matter of taste, within the bounds that the tests set.

use shared::game::ember::Pickup;

use super::{
    sfx::Sfx,
    synth::{
        self, Layer,
        Pass::{Band, High, Low},
        Wave::{self, Bell, Saw, Sine, Triangle},
    },
};

const GLASS: Wave = Bell { ratio: 3.0, depth: 0.175 };
const METAL: Wave = Bell { ratio: 2.76, depth: 0.29 };

const HIT: &[Layer] = &[
    Layer::tone(METAL, [1240.0, 1180.0], 0.16, 0.4),
    Layer::tone(Sine, [2300.0, 1500.0], 0.06, 0.35),
    Layer::noise(Band, [4200.0, 2600.0], 0.05, 0.35),
];
const HURT: &[Layer] = &[
    Layer::tone(Sine, [240.0, 55.0], 0.26, 0.5),
    Layer::tone(Saw, [150.0, 80.0], 0.16, 0.22).through(Low, [1400.0, 300.0]),
    Layer::noise(Low, [2600.0, 300.0], 0.2, 0.4),
];
const IMPACT: &[Layer] =
    &[Layer::noise(Band, [2600.0, 900.0], 0.09, 0.9), Layer::tone(Triangle, [520.0, 260.0], 0.06, 0.3)];
const COLLECT: &[Layer] = &[
    Layer::tone(GLASS, [440.0; 2], 0.34, 0.4),
    Layer::tone(Sine, [880.0; 2], 0.2, 0.2),
    Layer::tone(Sine, [1760.0; 2], 0.08, 0.1),
];
const GROW: &[Layer] = &[
    Layer::tone(GLASS, [261.6; 2], 0.75, 0.24),
    Layer::tone(GLASS, [329.6; 2], 0.75, 0.24).at(0.07),
    Layer::tone(GLASS, [392.0; 2], 0.75, 0.24).at(0.14),
    Layer::tone(GLASS, [523.3; 2], 0.75, 0.24).at(0.21),
    Layer::noise(Band, [500.0, 4500.0], 0.5, 0.16).swelling(0.22),
    Layer::tone(Sine, [65.4, 130.8], 0.5, 0.3).swelling(0.08),
];
const KILL: &[Layer] = &[
    Layer::tone(METAL, [587.3; 2], 0.3, 0.3),
    Layer::tone(METAL, [880.0; 2], 0.5, 0.34).at(0.09),
    Layer::tone(Sine, [1760.0; 2], 0.3, 0.12).at(0.09),
    Layer::tone(Sine, [150.0, 60.0], 0.2, 0.4),
];
/// A fifth, then the octave above it.
const TRIUMPH: &[Layer] = &[
    Layer::tone(GLASS, [392.0; 2], 0.5, 0.3),
    Layer::tone(GLASS, [587.3; 2], 0.5, 0.3).at(0.08),
    Layer::tone(GLASS, [784.0; 2], 0.7, 0.34).at(0.16),
];
const DEATH: &[Layer] = &[
    Layer::tone(Triangle, [440.0, 49.0], 1.3, 0.4),
    Layer::tone(Saw, [220.0, 41.0], 1.4, 0.2).through(Low, [1800.0, 120.0]),
    Layer::noise(Band, [1500.0, 160.0], 0.9, 0.3),
];
const SPAWN: &[Layer] = &[
    Layer::tone(Sine, [130.8, 784.0], 0.55, 0.5).swelling(0.12),
    Layer::noise(Band, [300.0, 5200.0], 0.55, 0.36).swelling(0.25),
    Layer::tone(GLASS, [784.0; 2], 0.6, 0.36).at(0.3),
    Layer::tone(GLASS, [1174.7; 2], 0.55, 0.24).at(0.36),
];
const COUNTDOWN: &[Layer] =
    &[Layer::tone(Sine, [698.5; 2], 0.11, 0.5), Layer::tone(Sine, [1397.0; 2], 0.05, 0.16)];
/// Small speakers have no bass, so the beat is repeated an octave higher.
const LOW_HEALTH: &[Layer] = &[
    Layer::tone(Sine, [84.0, 50.0], 0.16, 0.55).swelling(0.012),
    Layer::tone(Triangle, [180.0, 110.0], 0.12, 0.24).swelling(0.012),
    Layer::tone(Sine, [84.0, 50.0], 0.16, 0.38).swelling(0.012).at(0.17),
    Layer::tone(Triangle, [180.0, 110.0], 0.12, 0.17).swelling(0.012).at(0.17),
];
/// A fifth and an octave that overlap.
const SHIELD: &[Layer] = &[
    Layer::tone(Sine, [293.7; 2], 0.55, 0.34).swelling(0.03),
    Layer::tone(Triangle, [587.3; 2], 0.3, 0.12).swelling(0.03),
    Layer::tone(Sine, [440.0; 2], 0.55, 0.34).swelling(0.03).at(0.08),
    Layer::tone(Triangle, [880.0; 2], 0.3, 0.12).swelling(0.03).at(0.08),
    Layer::tone(Sine, [587.3; 2], 0.55, 0.34).swelling(0.03).at(0.16),
    Layer::tone(Triangle, [1174.7; 2], 0.3, 0.12).swelling(0.03).at(0.16),
];
const RAPID: &[Layer] = &[
    Layer::tone(Saw, [523.3; 2], 0.16, 0.5).through(Low, [5200.0, 1400.0]),
    Layer::tone(Saw, [659.3; 2], 0.16, 0.5).through(Low, [5200.0, 1400.0]).at(0.06),
    Layer::tone(Saw, [880.0; 2], 0.16, 0.5).through(Low, [5200.0, 1400.0]).at(0.12),
    Layer::tone(Saw, [1318.5; 2], 0.16, 0.5).through(Low, [5200.0, 1400.0]).at(0.18),
];
/// A pull, and a click at its end.
const MAGNET: &[Layer] = &[
    Layer::tone(Bell { ratio: 0.5, depth: 0.35 }, [147.0, 784.0], 0.45, 0.42).swelling(0.1),
    Layer::tone(Sine, [98.0, 196.0], 0.4, 0.3).swelling(0.05),
    Layer::tone(GLASS, [784.0; 2], 0.4, 0.34).at(0.26),
];
/// Of the smallest ship.
const SHOT: &[Layer] = &[
    Layer::tone(Triangle, [1600.0, 300.0], 0.13, 0.4),
    Layer::tone(Saw, [900.0, 200.0], 0.1, 0.16).through(Low, [5000.0, 900.0]),
    Layer::noise(High, [3200.0, 2400.0], 0.025, 0.24),
    Layer::tone(Sine, [190.0, 70.0], 0.11, 0.14),
];
/// Of the smallest ship.
const EXPLOSION: &[Layer] = &[
    Layer::tone(Sine, [190.0, 34.0], 0.75, 0.42),
    Layer::noise(Low, [3800.0, 140.0], 0.9, 0.5),
    Layer::noise(Band, [1200.0, 400.0], 0.3, 0.3),
    Layer::noise(Band, [2600.0, 1500.0], 0.16, 0.2).at(0.12),
];

/// The wave of a sound effect: one channel, −1 to 1, at this many samples a second.
pub fn wave(sfx: Sfx, sample_rate: f32) -> Vec<f32> {
    synth::render(&layers(sfx), sample_rate)
}

/// How long a sound effect lasts, in seconds.
pub(super) fn seconds(sfx: Sfx) -> f32 {
    synth::seconds(&layers(sfx))
}

/// A second of noise to be looped: the sound of a boost is filtered out of it.
pub fn boost_noise(sample_rate: f32) -> Vec<f32> {
    let mut noise = synth::Noise::default();
    (0..sample_rate as usize).map(|_| noise.next() * 0.5).collect()
}

fn layers(sfx: Sfx) -> Vec<Layer> {
    let layers = match sfx {
        // The larger the ship, the deeper and the longer.
        Sfx::Shot(tier) => return sized(SHOT, tier, 0.24, 0.22),
        Sfx::Explosion(tier) => return sized(EXPLOSION, tier, 0.18, 0.24),
        Sfx::Pickup(Pickup::Shield) => SHIELD,
        Sfx::Pickup(Pickup::Rapid) => RAPID,
        Sfx::Pickup(Pickup::Magnet) => MAGNET,
        Sfx::Hit => HIT,
        Sfx::Hurt => HURT,
        Sfx::Impact => IMPACT,
        Sfx::Collect => COLLECT,
        Sfx::Grow => GROW,
        Sfx::Kill => KILL,
        Sfx::Triumph => TRIUMPH,
        Sfx::Death => DEATH,
        Sfx::Spawn => SPAWN,
        Sfx::Countdown => COUNTDOWN,
        Sfx::LowHealth => LOW_HEALTH,
    };
    layers.to_vec()
}

fn sized(layers: &[Layer], tier: u8, deeper: f32, longer: f32) -> Vec<Layer> {
    let size = f32::from(tier.min(3));
    layers.iter().map(|layer| layer.scaled(1.0 / (1.0 + deeper * size), 1.0 + longer * size)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sound_effect_is_audible_and_none_clips_or_clicks() {
        for (sfx, rate) in Sfx::ALL.into_iter().flat_map(|sfx| [(sfx, 44_100.0_f32), (sfx, 48_000.0)]) {
            let wave = wave(sfx, rate);
            let length = wave.len() as f32 / rate;
            let loudest =
                |samples: &[f32]| samples.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
            let (peak, end) = (loudest(&wave), loudest(&wave[wave.len() - wave.len() / 50..]));
            let rms = (wave.iter().map(|sample| sample * sample).sum::<f32>() / wave.len() as f32).sqrt();
            let offset = wave.iter().sum::<f32>() / wave.len() as f32;
            assert!((length - seconds(sfx)).abs() < 0.001, "{sfx:?} lasts {length} s");
            assert!((0.05..1.6).contains(&length), "{sfx:?} lasts {length} s");
            assert!((0.4..1.0).contains(&peak), "{sfx:?} peaks at {peak}");
            assert!(rms > 0.04, "{sfx:?} is too quiet: rms {rms}");
            assert!(wave[0].abs() < 0.1 && end < 0.01, "{sfx:?} starts at {} and ends at {end}", wave[0]);
            assert!(offset.abs() < 0.02, "{sfx:?} has an offset of {offset}");
        }
    }
}
