//! Sound, up to where a browser plays it: what is heard of a scene, where it is heard from, and the waves themselves,
//! which are computed and not recorded. It must not know what plays them, nor how loud the listener wants it.

mod pitch_ladder;
mod recipe;
mod score;
mod space;
mod synth;
mod voices;

use shared::game::rules::Pickup;

pub use score::{Cue, Score};
pub use voices::VOICES_MAX;

/// Hull sizes there are.
const TIERS: usize = 4;

/// A sound of the game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// A ship of this tier fired.
    Shot(u8),
    /// A shot met a ship.
    Hit,
    /// A shot met this player's ship.
    Hurt,
    /// A shot met a rock or a wall.
    Struck,
    /// An ember came aboard.
    Ember,
    /// A pickup was taken.
    Pickup(Pickup),
    /// The hull grew.
    Grown,
    /// This player shot somebody down.
    Kill,
    /// A ship of this tier came apart.
    Blast(u8),
    /// This player's ship is lost.
    Fall,
    /// This player's ship appeared.
    Spawn,
    /// A second of waiting went by.
    Tick,
    /// The hull is about to fail.
    Pulse,
}

impl Sound {
    /// How many there are.
    pub const COUNT: usize = 10 + Pickup::ALL.len() + 2 * TIERS;

    /// All there are, in the order of their [`Sound::index`].
    pub fn all() -> impl Iterator<Item = Self> {
        let plain = [
            Self::Hit,
            Self::Hurt,
            Self::Struck,
            Self::Ember,
            Self::Grown,
            Self::Kill,
            Self::Fall,
            Self::Spawn,
            Self::Tick,
            Self::Pulse,
        ];
        let tiers = 0..TIERS as u8;
        let pickups = Pickup::ALL.into_iter().map(Self::Pickup);
        plain.into_iter().chain(pickups).chain(tiers.clone().map(Self::Shot)).chain(tiers.map(Self::Blast))
    }

    /// Its place among all, below [`Sound::COUNT`].
    pub fn index(self) -> usize {
        // A tier beyond the last sounds like the last.
        let tier = |tier: u8| usize::from(tier).min(TIERS - 1);
        match self {
            Self::Hit => 0,
            Self::Hurt => 1,
            Self::Struck => 2,
            Self::Ember => 3,
            Self::Grown => 4,
            Self::Kill => 5,
            Self::Fall => 6,
            Self::Spawn => 7,
            Self::Tick => 8,
            Self::Pulse => 9,
            Self::Pickup(Pickup::Shield) => 10,
            Self::Pickup(Pickup::Rapid) => 11,
            Self::Pickup(Pickup::Magnet) => 12,
            Self::Shot(size) => 13 + tier(size),
            Self::Blast(size) => 13 + TIERS + tier(size),
        }
    }

    /// Its wave, one channel, −1 to 1, at so many samples a second.
    pub fn wave(self, sample_rate: f32) -> Vec<f32> {
        synth::render(&recipe::of(self), sample_rate)
    }

    /// How long it lasts, in seconds.
    pub fn seconds(self) -> f32 {
        synth::seconds(&recipe::of(self))
    }
}

/// A second of noise without an end: what rushes while a ship boosts is filtered out of it.
pub fn rush(sample_rate: f32) -> Vec<f32> {
    let mut noise = synth::Noise::default();
    (0..sample_rate as usize).map(|_| noise.next() * 0.5).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sound_has_its_own_place() {
        assert_eq!(Sound::all().count(), Sound::COUNT);
        assert!(Sound::all().enumerate().all(|(i, sound)| sound.index() == i));
        assert_eq!(Sound::Shot(9).index(), Sound::Shot(3).index());
    }

    #[test]
    fn every_sound_is_heard_and_none_clips_or_clicks() {
        for (sound, rate) in Sound::all().flat_map(|sound| [(sound, 44_100.0_f32), (sound, 48_000.0)]) {
            let wave = sound.wave(rate);
            let seconds = wave.len() as f32 / rate;
            let peak = wave.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
            let power = wave.iter().map(|sample| sample * sample).sum::<f32>() / wave.len() as f32;
            let offset = wave.iter().sum::<f32>() / wave.len() as f32;
            let end = wave[wave.len() - wave.len() / 50..]
                .iter()
                .fold(0.0_f32, |end, sample| end.max(sample.abs()));
            println!(
                "{sound:?} at {rate}: {seconds:.2} s, peak {peak:.2}, rms {:.3}, end {end:.4}",
                power.sqrt()
            );
            assert!((seconds - sound.seconds()).abs() < 0.001, "{sound:?} lasts {seconds} s");
            assert!((0.05..1.6).contains(&seconds), "{sound:?} lasts {seconds} s");
            assert!((0.4..1.0).contains(&peak), "{sound:?} reaches {peak}");
            assert!(power.sqrt() > 0.04, "{sound:?} is hardly there: {}", power.sqrt());
            assert!(wave[0].abs() < 0.1 && end < 0.01, "{sound:?} begins at {} and ends at {end}", wave[0]);
            assert!(offset.abs() < 0.02, "{sound:?} is off its middle by {offset}");
        }
    }
}
