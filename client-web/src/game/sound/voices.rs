//! How many sounds at a time: a budget of voices, a part of it for what concerns this player, and no two of a kind in the
//! same instant. It must not know why a sound is wanted.

use super::Sound;

/// Voices that sound at a time.
pub const VOICES_MAX: usize = 24;
/// Of these, for what others do.
const OTHERS_MAX: usize = 16;
/// Two of a kind sound at least so long after one another, in milliseconds.
const APART_MS: f64 = 30.0;

/// What sounds.
#[derive(Clone, Debug)]
pub(super) struct Voices {
    /// When each ends, and whether it concerns this player.
    sounding: Vec<(f64, bool)>,
    /// When each sound began last: of others, and of this player.
    began_ms: [[f64; Sound::COUNT]; 2],
}

impl Default for Voices {
    fn default() -> Self {
        Self { sounding: Vec::new(), began_ms: [[f64::NEG_INFINITY; Sound::COUNT]; 2] }
    }
}

impl Voices {
    /// Takes a voice for a sound that begins at `at_ms` and lasts `ms`, if it may sound.
    pub(super) fn take(&mut self, sound: Sound, own: bool, now_ms: f64, at_ms: f64, ms: f64) -> bool {
        self.sounding.retain(|(ends_ms, _)| *ends_ms > now_ms);
        let began_ms = &mut self.began_ms[usize::from(own)][sound.index()];
        let others = self.sounding.iter().filter(|(_, own)| !own).count();
        let is_full = self.sounding.len() >= VOICES_MAX || !own && others >= OTHERS_MAX;
        if is_full || at_ms - *began_ms < APART_MS {
            return false;
        }
        *began_ms = at_ms;
        self.sounding.push((at_ms + ms, own));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voices_are_few_and_some_are_kept_for_this_player() {
        let mut voices = Voices::default();
        let mut taken = |own| {
            let rounds = (0..50).flat_map(|round| Sound::all().map(move |sound| (round, sound)));
            rounds.filter(|(i, sound)| voices.take(*sound, own, 0.0, f64::from(*i) * 40.0, 4000.0)).count()
        };
        assert_eq!((taken(false), taken(true)), (OTHERS_MAX, VOICES_MAX - OTHERS_MAX));
    }

    #[test]
    fn a_voice_is_free_again_when_its_sound_has_ended() {
        let mut voices = Voices::default();
        let mut taken =
            |now_ms| Sound::all().filter(|sound| voices.take(*sound, true, now_ms, now_ms, 100.0)).count();
        assert_eq!(taken(0.0), Sound::COUNT);
        assert_eq!(taken(50.0), VOICES_MAX - Sound::COUNT);
        assert_eq!(taken(99.0), 0);
        assert_eq!(taken(101.0), Sound::COUNT);
    }

    #[test]
    fn the_same_sound_waits_a_moment() {
        let mut voices = Voices::default();
        assert!(voices.take(Sound::Hit, true, 0.0, 0.0, 100.0));
        assert!(!voices.take(Sound::Hit, true, 0.0, APART_MS - 1.0, 100.0));
        assert!(voices.take(Sound::Hit, true, 0.0, APART_MS, 100.0));
    }

    #[test]
    fn others_do_not_silence_the_same_sound_of_this_player() {
        let mut voices = Voices::default();
        assert!(voices.take(Sound::Shot(0), false, 0.0, 0.0, 100.0));
        assert!(!voices.take(Sound::Shot(0), false, 1.0, 1.0, 100.0));
        assert!(voices.take(Sound::Shot(0), true, 1.0, 1.0, 100.0));
    }
}
