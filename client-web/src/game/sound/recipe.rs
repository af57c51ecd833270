//! What each sound is made of. Numbers are to taste, within what the tests of [`super`] demand.

use shared::game::rules::Pickup;

use super::{
    Sound,
    synth::{
        Layer,
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
const STRUCK: &[Layer] =
    &[Layer::noise(Band, [2600.0, 900.0], 0.09, 0.9), Layer::tone(Triangle, [520.0, 260.0], 0.06, 0.3)];
const EMBER: &[Layer] = &[
    Layer::tone(GLASS, [440.0; 2], 0.34, 0.4),
    Layer::tone(Sine, [880.0; 2], 0.2, 0.2),
    Layer::tone(Sine, [1760.0; 2], 0.08, 0.1),
];
const GROWN: &[Layer] = &[
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
const FALL: &[Layer] = &[
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
const TICK: &[Layer] =
    &[Layer::tone(Sine, [698.5; 2], 0.11, 0.5), Layer::tone(Sine, [1397.0; 2], 0.05, 0.16)];
/// Small speakers have no bass: an octave above it they still beat.
const PULSE: &[Layer] = &[
    Layer::tone(Sine, [84.0, 50.0], 0.16, 0.55).swelling(0.012),
    Layer::tone(Triangle, [180.0, 110.0], 0.12, 0.24).swelling(0.012),
    Layer::tone(Sine, [84.0, 50.0], 0.16, 0.38).swelling(0.012).at(0.17),
    Layer::tone(Triangle, [180.0, 110.0], 0.12, 0.17).swelling(0.012).at(0.17),
];
/// Open and round: a fifth and an octave that close over one another.
const SHIELD: &[Layer] = &[
    Layer::tone(Sine, [293.7; 2], 0.55, 0.34).swelling(0.03),
    Layer::tone(Triangle, [587.3; 2], 0.3, 0.12).swelling(0.03),
    Layer::tone(Sine, [440.0; 2], 0.55, 0.34).swelling(0.03).at(0.08),
    Layer::tone(Triangle, [880.0; 2], 0.3, 0.12).swelling(0.03).at(0.08),
    Layer::tone(Sine, [587.3; 2], 0.55, 0.34).swelling(0.03).at(0.16),
    Layer::tone(Triangle, [1174.7; 2], 0.3, 0.12).swelling(0.03).at(0.16),
];
/// Quick and hard.
const RAPID: &[Layer] = &[
    Layer::tone(Saw, [523.3; 2], 0.16, 0.5).through(Low, [5200.0, 1400.0]),
    Layer::tone(Saw, [659.3; 2], 0.16, 0.5).through(Low, [5200.0, 1400.0]).at(0.06),
    Layer::tone(Saw, [880.0; 2], 0.16, 0.5).through(Low, [5200.0, 1400.0]).at(0.12),
    Layer::tone(Saw, [1318.5; 2], 0.16, 0.5).through(Low, [5200.0, 1400.0]).at(0.18),
];
/// Drawn in, and a clasp.
const MAGNET: &[Layer] = &[
    Layer::tone(Bell { ratio: 0.5, depth: 0.35 }, [147.0, 784.0], 0.45, 0.42).swelling(0.1),
    Layer::tone(Sine, [98.0, 196.0], 0.4, 0.3).swelling(0.05),
    Layer::tone(GLASS, [784.0; 2], 0.4, 0.34).at(0.26),
];
/// The smallest ship's.
const SHOT: &[Layer] = &[
    Layer::tone(Triangle, [1600.0, 300.0], 0.13, 0.4),
    Layer::tone(Saw, [900.0, 200.0], 0.1, 0.16).through(Low, [5000.0, 900.0]),
    Layer::noise(High, [3200.0, 2400.0], 0.025, 0.24),
    Layer::tone(Sine, [190.0, 70.0], 0.11, 0.14),
];
/// The smallest ship's.
const BLAST: &[Layer] = &[
    Layer::tone(Sine, [190.0, 34.0], 0.75, 0.42),
    Layer::noise(Low, [3800.0, 140.0], 0.9, 0.5),
    Layer::noise(Band, [1200.0, 400.0], 0.3, 0.3),
    Layer::noise(Band, [2600.0, 1500.0], 0.16, 0.2).at(0.12),
];

/// Its layers.
pub(super) fn of(sound: Sound) -> Vec<Layer> {
    let layers = match sound {
        // The larger the ship, the deeper and the longer.
        Sound::Shot(tier) => return sized(SHOT, tier, 0.24, 0.22),
        Sound::Blast(tier) => return sized(BLAST, tier, 0.18, 0.24),
        Sound::Pickup(Pickup::Shield) => SHIELD,
        Sound::Pickup(Pickup::Rapid) => RAPID,
        Sound::Pickup(Pickup::Magnet) => MAGNET,
        Sound::Hit => HIT,
        Sound::Hurt => HURT,
        Sound::Struck => STRUCK,
        Sound::Ember => EMBER,
        Sound::Grown => GROWN,
        Sound::Kill => KILL,
        Sound::Fall => FALL,
        Sound::Spawn => SPAWN,
        Sound::Tick => TICK,
        Sound::Pulse => PULSE,
    };
    layers.to_vec()
}

fn sized(layers: &[Layer], tier: u8, deeper: f32, longer: f32) -> Vec<Layer> {
    let size = f32::from(tier.min(3));
    layers.iter().map(|layer| layer.scaled(1.0 / (1.0 + deeper * size), 1.0 + longer * size)).collect()
}
