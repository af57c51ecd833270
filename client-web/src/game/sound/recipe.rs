//! What each sound is made of. Numbers are to taste, within what the tests of [`super`] demand.

use shared::rules::Pickup;

use super::{
    Sound,
    synth::{
        Layer,
        Pass::{Band, High, Low},
        Wave::{Bell, Saw, Sine, Triangle},
    },
};

const GLASS: super::synth::Wave = Bell { ratio: 3.0, depth: 1.1 };
const METAL: super::synth::Wave = Bell { ratio: 2.76, depth: 1.8 };

/// Its layers.
pub(super) fn of(sound: Sound) -> Vec<Layer> {
    match sound {
        Sound::Shot(tier) => shot(tier),
        Sound::Blast(tier) => blast(tier),
        Sound::Pickup(kind) => pickup(kind),
        Sound::Hit => vec![
            Layer::tone(METAL, [1240.0, 1180.0], 0.16, 0.4),
            Layer::tone(Sine, [2300.0, 1500.0], 0.06, 0.35),
            Layer::noise(Band, [4200.0, 2600.0], 0.05, 0.35),
        ],
        Sound::Hurt => vec![
            Layer::tone(Sine, [210.0, 58.0], 0.26, 0.5),
            Layer::tone(Saw, [150.0, 80.0], 0.16, 0.22).through(Low, [1400.0, 300.0]),
            Layer::noise(Low, [2600.0, 300.0], 0.2, 0.38),
        ],
        Sound::Struck => vec![
            Layer::noise(Band, [2600.0, 900.0], 0.09, 0.9),
            Layer::tone(Triangle, [520.0, 260.0], 0.06, 0.3),
        ],
        Sound::Ember => vec![
            Layer::tone(GLASS, [440.0; 2], 0.34, 0.4),
            Layer::tone(Sine, [880.0; 2], 0.2, 0.2),
            Layer::tone(Sine, [1760.0; 2], 0.08, 0.1),
        ],
        Sound::Grown => {
            let chord = [261.6, 329.6, 392.0, 523.3].into_iter().zip([0.0, 0.07, 0.14, 0.21]);
            let notes = chord.map(|(hz, at)| Layer::tone(GLASS, [hz; 2], 0.75, 0.24).at(at));
            let swell = Layer::noise(Band, [500.0, 4500.0], 0.5, 0.16).swelling(0.22);
            notes.chain([swell, Layer::tone(Sine, [65.4, 130.8], 0.5, 0.3).swelling(0.08)]).collect()
        }
        Sound::Kill => vec![
            Layer::tone(METAL, [587.3; 2], 0.3, 0.3),
            Layer::tone(METAL, [880.0; 2], 0.5, 0.34).at(0.09),
            Layer::tone(Sine, [1760.0; 2], 0.3, 0.12).at(0.09),
            Layer::tone(Sine, [150.0, 60.0], 0.2, 0.4),
        ],
        Sound::Fall => vec![
            Layer::tone(Triangle, [392.0, 49.0], 1.1, 0.4),
            Layer::tone(Saw, [196.0, 41.0], 1.2, 0.2).through(Low, [1800.0, 120.0]),
            Layer::noise(Band, [1500.0, 160.0], 0.9, 0.3),
        ],
        Sound::Spawn => vec![
            Layer::tone(Sine, [196.0, 784.0], 0.55, 0.5).swelling(0.12),
            Layer::noise(Band, [400.0, 5200.0], 0.55, 0.36).swelling(0.25),
            Layer::tone(GLASS, [784.0; 2], 0.6, 0.36).at(0.3),
            Layer::tone(GLASS, [1174.7; 2], 0.55, 0.24).at(0.36),
        ],
        Sound::Tick => {
            vec![Layer::tone(Sine, [698.5; 2], 0.11, 0.5), Layer::tone(Sine, [1397.0; 2], 0.05, 0.16)]
        }
        // Small speakers have no bass: an octave above it they still beat.
        Sound::Pulse => [(0.0, 1.0), (0.17, 0.7)]
            .into_iter()
            .flat_map(|(at, strength)| {
                [
                    Layer::tone(Sine, [78.0, 50.0], 0.16, 0.55 * strength).swelling(0.012).at(at),
                    Layer::tone(Triangle, [170.0, 110.0], 0.12, 0.24 * strength).swelling(0.012).at(at),
                ]
            })
            .collect(),
    }
}

/// The larger the ship, the deeper and the longer.
fn shot(tier: u8) -> Vec<Layer> {
    let size = f32::from(tier.min(3));
    let (pitch, length) = (1.0 / (1.0 + 0.24 * size), 1.0 + 0.22 * size);
    let body = [
        Layer::tone(Triangle, [1500.0, 330.0], 0.12, 0.4),
        Layer::tone(Saw, [900.0, 220.0], 0.09, 0.16).through(Low, [5000.0, 900.0]),
        Layer::noise(High, [3200.0, 2400.0], 0.025, 0.24),
    ];
    let thump = Layer::tone(Sine, [190.0, 70.0], 0.1 + 0.03 * size, 0.12 + 0.07 * size);
    body.map(|layer| layer.scaled(pitch, length)).into_iter().chain([thump]).collect()
}

/// The larger the ship, the deeper and the longer.
fn blast(tier: u8) -> Vec<Layer> {
    let size = f32::from(tier.min(3));
    let (pitch, length) = (1.0 / (1.0 + 0.18 * size), 1.0 + 0.28 * size);
    [
        Layer::tone(Sine, [150.0, 36.0], 0.75, 0.42),
        Layer::noise(Low, [3400.0, 140.0], 0.85, 0.5),
        Layer::noise(Band, [1200.0, 500.0], 0.3, 0.3),
        Layer::noise(Band, [2600.0, 1500.0], 0.16, 0.2).at(0.12),
    ]
    .map(|layer| layer.scaled(pitch, length))
    .to_vec()
}

fn pickup(kind: Pickup) -> Vec<Layer> {
    match kind {
        // Open and round: a fifth and an octave that close over one another.
        Pickup::Shield => [(0.0, 293.7), (0.08, 440.0), (0.16, 587.3)]
            .into_iter()
            .flat_map(|(at, hz)| {
                [
                    Layer::tone(Sine, [hz; 2], 0.55, 0.3).swelling(0.03).at(at),
                    Layer::tone(Triangle, [hz * 2.0; 2], 0.3, 0.1).swelling(0.03).at(at),
                ]
            })
            .collect(),
        // Quick and hard.
        Pickup::Rapid => [(0.0, 523.3), (0.06, 659.3), (0.12, 880.0), (0.18, 1318.5)]
            .into_iter()
            .map(|(at, hz)| {
                Layer::tone(Saw, [hz, hz * 1.02], 0.16, 0.5).through(Low, [5200.0, 1400.0]).at(at)
            })
            .collect(),
        // Drawn in, and a clasp.
        Pickup::Magnet => vec![
            Layer::tone(Bell { ratio: 0.5, depth: 2.2 }, [196.0, 784.0], 0.45, 0.42).swelling(0.1),
            Layer::tone(Sine, [98.0, 196.0], 0.4, 0.3).swelling(0.05),
            Layer::tone(GLASS, [784.0; 2], 0.4, 0.34).at(0.26),
        ],
    }
}
