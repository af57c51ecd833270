//! Where a sound is heard from: from the side, fainter and duller the farther away. It must not know what it is.

use shared::Vec2;

/// Beyond so many halves of the picture nothing is heard.
const REACH: f32 = 2.4;
/// How far to one side a sound at the picture's edge is: all the way is unpleasant in headphones.
const SIDE: f32 = 0.72;
/// Farther than so many halves of the picture, air takes the treble.
const CLEAR: f32 = 0.6;
/// The treble of what is just that far.
const OPEN_HZ: f32 = 16_000.0;

/// How a place is heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Heard {
    /// 1 for what is in the middle.
    pub(super) gain: f32,
    /// −1 is all to the left.
    pub(super) pan: f32,
    /// Nothing above is heard; `None` if all is.
    pub(super) cutoff_hz: Option<f32>,
}

impl Heard {
    /// In the middle of the head: what concerns this player.
    pub(super) const HERE: Self = Self { gain: 1.0, pan: 0.0, cutoff_hz: None };

    /// A place, for whoever looks at `middle` in a picture of twice `half`. `None` if it is too far.
    pub(super) fn at(place: Vec2, middle: Vec2, half: Vec2) -> Option<Self> {
        let half = half.max(Vec2::ONE);
        let away = place - middle;
        let far = away.length() / half.max_element();
        if far > REACH {
            return None;
        }
        let cutoff = OPEN_HZ * libm::exp2f((CLEAR - far) * 2.2);
        // Down to nothing at the end of its reach, so that nothing starts or stops there.
        let end = ((REACH - far) / 0.4).min(1.0);
        Some(Self {
            gain: end / (1.0 + 2.4 * far * far),
            pan: (away.x / half.x * SIDE).clamp(-0.9, 0.9),
            cutoff_hz: (far > CLEAR).then_some(cutoff),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Vec2 = Vec2::new(800.0, 450.0);
    const MIDDLE: Vec2 = Vec2::new(3000.0, 2000.0);

    fn heard(x: f32, y: f32) -> Option<Heard> {
        Heard::at(MIDDLE + Vec2::new(x, y), MIDDLE, HALF)
    }

    #[test]
    fn the_middle_is_the_middle_and_the_right_is_right() {
        assert_eq!(heard(0.0, 0.0), Some(Heard::HERE));
        assert!(heard(800.0, 0.0).is_some_and(|heard| heard.pan > 0.6));
        assert!(heard(-400.0, 300.0).is_some_and(|heard| heard.pan < -0.3));
    }

    #[test]
    fn farther_is_fainter_and_duller_until_nothing_is_heard() {
        let way: Vec<Heard> = (0..=24).map_while(|i| heard(f32::from(i as u8) * 80.0, 0.0)).collect();
        assert_eq!(way.len(), 25);
        let treble = |heard: &Heard| heard.cutoff_hz.unwrap_or(f32::INFINITY);
        assert!(way.windows(2).all(|two| two[1].gain < two[0].gain && treble(&two[1]) <= treble(&two[0])));
        assert!(way[24].gain < 0.001 && treble(&way[24]) < 1200.0);
        assert_eq!(heard(2000.0, 0.0), None);
    }
}
