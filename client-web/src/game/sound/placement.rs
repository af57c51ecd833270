//! How a place in the world is heard: to one side, and quieter and duller the farther away it is.

use shared::Vec2;

/// Farther than this nothing is heard, in half sizes of the picture.
const REACH: f32 = 2.4;
/// Pan of a sound at the edge of the picture. Full pan is unpleasant in headphones.
const EDGE_PAN: f32 = 0.72;
/// Farther than this the treble is cut, in half sizes of the picture.
const CLEAR: f32 = 0.6;
/// Cutoff of a sound that is just that far.
const CLEAR_HZ: f32 = 16_000.0;

/// How a sound is played, by where it comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placement {
    /// 1 in the middle of the picture.
    pub(super) gain: f32,
    /// −1 is all to the left, 1 to the right.
    pub(super) pan: f32,
    /// Cutoff of a low-pass filter; `None` for no filter.
    pub(super) cutoff_hz: Option<f32>,
}

impl Placement {
    /// Of what concerns this player.
    pub(super) const CENTRE: Self = Self { gain: 1.0, pan: 0.0, cutoff_hz: None };

    /// Of a place, in a picture that reaches `half` around `camera`. `None` if it is too far away to be heard.
    pub(super) fn of(place: Vec2, camera: Vec2, half: Vec2) -> Option<Self> {
        let half = half.max(Vec2::ONE);
        let away = place - camera;
        let far = away.length() / half.max_element();
        if far > REACH {
            return None;
        }
        let cutoff = CLEAR_HZ * libm::exp2f((CLEAR - far) * 2.2);
        // Down to nothing at the end of the reach, so that no sound starts or stops there.
        let end = ((REACH - far) / 0.4).min(1.0);
        Some(Self {
            gain: end / (1.0 + 2.4 * far * far),
            pan: (away.x / half.x * EDGE_PAN).clamp(-0.9, 0.9),
            cutoff_hz: (far > CLEAR).then_some(cutoff),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Vec2 = Vec2::new(800.0, 450.0);
    const CAMERA: Vec2 = Vec2::new(3000.0, 2000.0);

    fn placement(x: f32, y: f32) -> Option<Placement> {
        Placement::of(CAMERA + Vec2::new(x, y), CAMERA, HALF)
    }

    #[test]
    fn pan_follows_the_side() {
        assert_eq!(placement(0.0, 0.0), Some(Placement::CENTRE));
        assert!(placement(800.0, 0.0).is_some_and(|placement| placement.pan > 0.6));
        assert!(placement(-400.0, 300.0).is_some_and(|placement| placement.pan < -0.3));
    }

    #[test]
    fn farther_is_quieter_and_duller_until_nothing_is_heard() {
        let way: Vec<_> = (0..=24).map_while(|i| placement(f32::from(i as u8) * 80.0, 0.0)).collect();
        assert_eq!(way.len(), 25);
        let treble = |placement: &Placement| placement.cutoff_hz.unwrap_or(f32::INFINITY);
        assert!(way.windows(2).all(|two| two[1].gain < two[0].gain && treble(&two[1]) <= treble(&two[0])));
        assert!(way[24].gain < 0.001 && treble(&way[24]) < 1200.0);
        assert_eq!(placement(2000.0, 0.0), None);
    }
}
