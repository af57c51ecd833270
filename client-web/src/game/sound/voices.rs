//! The voice budget: how many sound effects play at a time. Some voices are reserved for what concerns this player, and
//! the same sound effect never starts twice at once.

use super::sfx::Sfx;

/// Sound effects that play at a time.
pub const VOICES_MAX: usize = 24;
/// Of these, for what others do.
const OTHERS_MAX: usize = 16;
/// Least time between two starts of the same sound effect, in milliseconds.
const APART_MS: f64 = 30.0;

#[derive(Clone, Debug)]
pub(super) struct Voices {
    /// When each one that plays ends, and whether it concerns this player.
    playing: Vec<(f64, bool)>,
    /// When each sound effect last started: for others, and for this player.
    started_ms: [[f64; Sfx::ALL.len()]; 2],
}

impl Default for Voices {
    fn default() -> Self {
        Self { playing: Vec::new(), started_ms: [[f64::NEG_INFINITY; Sfx::ALL.len()]; 2] }
    }
}

impl Voices {
    /// Takes a voice for a sound effect that starts at `at_ms` and lasts `ms`. Returns whether it may play.
    pub(super) fn take(&mut self, sfx: Sfx, own: bool, now_ms: f64, at_ms: f64, ms: f64) -> bool {
        self.playing.retain(|(ends_ms, _)| *ends_ms > now_ms);
        let started_ms = &mut self.started_ms[usize::from(own)][sfx.index()];
        let others = self.playing.iter().filter(|(_, own)| !own).count();
        let is_full = self.playing.len() >= VOICES_MAX || !own && others >= OTHERS_MAX;
        if is_full || at_ms - *started_ms < APART_MS {
            return false;
        }
        *started_ms = at_ms;
        self.playing.push((at_ms + ms, own));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_voices_are_reserved_for_this_player() {
        let mut voices = Voices::default();
        let mut taken = |own| {
            let rounds = (0..50).flat_map(|round| Sfx::ALL.map(|sfx| (round, sfx)));
            rounds.filter(|(i, sfx)| voices.take(*sfx, own, 0.0, f64::from(*i) * 40.0, 4000.0)).count()
        };
        assert_eq!((taken(false), taken(true)), (OTHERS_MAX, VOICES_MAX - OTHERS_MAX));
    }

    #[test]
    fn voice_is_free_again_when_its_sound_has_ended() {
        let mut voices = Voices::default();
        let mut taken =
            |now_ms| Sfx::ALL.iter().filter(|sfx| voices.take(**sfx, true, now_ms, now_ms, 100.0)).count();
        assert_eq!(taken(0.0), Sfx::ALL.len());
        assert_eq!(taken(50.0), VOICES_MAX - Sfx::ALL.len());
        assert_eq!(taken(99.0), 0);
        assert_eq!(taken(101.0), Sfx::ALL.len());
    }

    #[test]
    fn same_sound_effect_does_not_start_twice_at_once() {
        let mut voices = Voices::default();
        assert!(voices.take(Sfx::Hit, true, 0.0, 0.0, 100.0));
        assert!(!voices.take(Sfx::Hit, true, 0.0, APART_MS - 1.0, 100.0));
        assert!(voices.take(Sfx::Hit, true, 0.0, APART_MS, 100.0));
    }

    #[test]
    fn others_do_not_silence_the_same_sound_effect_of_this_player() {
        let mut voices = Voices::default();
        assert!(voices.take(Sfx::Shot(0), false, 0.0, 0.0, 100.0));
        assert!(!voices.take(Sfx::Shot(0), false, 1.0, 1.0, 100.0));
        assert!(voices.take(Sfx::Shot(0), true, 1.0, 1.0, 100.0));
    }
}
