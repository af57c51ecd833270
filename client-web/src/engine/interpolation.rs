//! Remote bodies at render time, which is a little in the past: interpolated between two samples that have arrived,
//! instead of guessed ahead of the last one. When frames are late, a body is extrapolated for a moment and then stops.
//!
//! Generic over the look `L`: what else a sample says of a body. It is not interpolated.

use std::collections::VecDeque;

use shared::{
    Vec2,
    engine::{ids::PlayerId, input::Angle},
};

/// Longest extrapolation beyond the last sample.
pub(crate) const EXTRAPOLATION_MS_MAX: f64 = 100.0;
/// Samples kept for a body: the largest delay at the fastest tick rate, and one more on either side.
const SAMPLES_MAX: usize = 36;
/// A body that was out of view for longer is not interpolated across the gap.
const GAP_MS_MAX: f64 = 300.0;
/// A body this far from its dead-reckoned position was moved there by the game. It is shown to jump.
const JUMP_UNITS: f32 = 300.0;

/// A body at one moment, as received.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample<L> {
    /// When it was there.
    pub server_ms: f64,
    /// Its centre, in world units.
    pub position: Vec2,
    /// In units a second.
    pub velocity: Vec2,
    /// Where it points.
    pub aim: Angle,
    /// What else others see.
    pub look: L,
}

/// A body as it is to be drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose<L> {
    /// Its centre, in world units.
    pub position: Vec2,
    /// In units a second.
    pub velocity: Vec2,
    /// Where it points, counter-clockwise from +x.
    pub aim_radians: f32,
    /// The rest, of the last sample before.
    pub look: L,
}

/// The last samples of all bodies.
#[derive(Debug)]
pub struct Interpolator<L> {
    by_player: Vec<VecDeque<Sample<L>>>,
    newest_ms: f64,
}

impl<L> Default for Interpolator<L> {
    fn default() -> Self {
        Self { by_player: Vec::new(), newest_ms: 0.0 }
    }
}

impl<L: Copy> Interpolator<L> {
    /// A frame begins. Bodies that are not recorded from now on are out of view.
    pub(crate) fn begin_frame(&mut self, server_ms: f64) {
        self.newest_ms = server_ms;
    }

    /// A body is in view. While it crosses a cell border it may be in two cells of a frame, of which one is older;
    /// `settled` is the one that lies inside its cell, and it replaces the other.
    pub(crate) fn record(&mut self, id: PlayerId, sample: Sample<L>, settled: bool) {
        let index = usize::from(id.0);
        if self.by_player.len() <= index {
            self.by_player.resize_with(index + 1, VecDeque::new);
        }
        let samples = &mut self.by_player[index];
        if let Some(last) = samples.back_mut() {
            if last.server_ms == sample.server_ms {
                if settled {
                    *last = sample;
                }
                return;
            }
            let since_ms = sample.server_ms - last.server_ms;
            let expected = last.position + last.velocity * (since_ms / 1000.0) as f32;
            let off = expected.distance_squared(sample.position);
            if since_ms > GAP_MS_MAX || off > JUMP_UNITS * JUMP_UNITS {
                samples.clear();
            }
        }
        if samples.len() == SAMPLES_MAX {
            samples.pop_front();
        }
        samples.push_back(sample);
    }

    /// The newest sample of a body.
    pub fn last(&self, id: PlayerId) -> Option<&Sample<L>> {
        self.by_player.get(usize::from(id.0))?.back()
    }

    /// A body at a server time; `None` if it was not in view then.
    pub fn pose_at(&self, id: PlayerId, server_ms: f64) -> Option<Pose<L>> {
        let samples = self.by_player.get(usize::from(id.0))?;
        let last = samples.back()?;
        if server_ms >= last.server_ms {
            // A body that left the view is shown up to its last sample only.
            let in_view = last.server_ms >= self.newest_ms;
            return (in_view || server_ms == last.server_ms).then(|| extrapolate(last, server_ms));
        }
        let next = samples.partition_point(|sample| sample.server_ms <= server_ms);
        match next.checked_sub(1) {
            Some(before) => Some(interpolate(&samples[before], &samples[next], server_ms)),
            // It came into view a moment ago. Extrapolated backwards it appears where it came from.
            None => Some(extrapolate(&samples[0], server_ms)),
        }
    }

    /// Every body in view at a server time, in rising order of id.
    pub fn poses_at(&self, server_ms: f64) -> impl Iterator<Item = (PlayerId, Pose<L>)> {
        (0..self.by_player.len() as u32).filter_map(move |index| {
            let id = PlayerId(index as u16);
            Some((id, self.pose_at(id, server_ms)?))
        })
    }

    /// Drops bodies that were last in view before a server time.
    pub(crate) fn forget_before(&mut self, server_ms: f64) {
        for samples in &mut self.by_player {
            if samples.back().is_some_and(|last| last.server_ms < server_ms) {
                samples.clear();
            }
        }
    }
}

fn extrapolate<L: Copy>(sample: &Sample<L>, server_ms: f64) -> Pose<L> {
    let ms = (server_ms - sample.server_ms).clamp(-EXTRAPOLATION_MS_MAX, EXTRAPOLATION_MS_MAX);
    Pose {
        position: sample.position + sample.velocity * (ms / 1000.0) as f32,
        velocity: sample.velocity,
        aim_radians: sample.aim.radians(),
        look: sample.look,
    }
}

/// Between two samples: the cubic through both positions with both velocities (Hermite), so that a body neither jumps
/// nor turns a corner when it passes a sample.
fn interpolate<L: Copy>(a: &Sample<L>, b: &Sample<L>, server_ms: f64) -> Pose<L> {
    let span_ms = b.server_ms - a.server_ms;
    let t = ((server_ms - a.server_ms) / span_ms) as f32;
    let (t2, t3) = (t * t, t * t * t);
    let seconds = (span_ms / 1000.0) as f32;
    let position = a.position * (2.0 * t3 - 3.0 * t2 + 1.0)
        + a.velocity * (seconds * (t3 - 2.0 * t2 + t))
        + b.position * (3.0 * t2 - 2.0 * t3)
        + b.velocity * (seconds * (t3 - t2));
    Pose {
        position,
        velocity: a.velocity + (b.velocity - a.velocity) * t,
        aim_radians: a.aim.radians() + a.aim.difference(b.aim) * t,
        look: a.look,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: PlayerId = PlayerId(7);

    fn sample(server_ms: f64, x: f32, vx: f32, aim: u16) -> Sample<()> {
        Sample {
            server_ms,
            position: Vec2::new(x, 50.0),
            velocity: Vec2::new(vx, 0.0),
            aim: Angle(aim),
            look: (),
        }
    }

    fn recorded(samples: &[Sample<()>]) -> Interpolator<()> {
        let mut bodies = Interpolator::default();
        for sample in samples {
            bodies.begin_frame(sample.server_ms);
            bodies.record(ID, *sample, true);
        }
        bodies
    }

    #[test]
    fn steady_body_moves_evenly_and_its_aim_turns_the_short_way() {
        let bodies = recorded(&[sample(0.0, 100.0, 300.0, 65_000), sample(100.0, 130.0, 300.0, 1000)]);
        let pose = bodies.pose_at(ID, 50.0).expect("it is in view");
        assert!((pose.position.x - 115.0).abs() < 1e-3);
        let aim = Angle::from_radians(pose.aim_radians);
        assert!(aim.0 > 65_000 || aim.0 < 1000);
    }

    #[test]
    fn body_out_of_view_is_shown_up_to_its_last_sample() {
        let mut bodies = recorded(&[sample(0.0, 0.0, 300.0, 0), sample(50.0, 15.0, 300.0, 0)]);
        bodies.begin_frame(100.0);
        assert!(bodies.pose_at(ID, 49.0).is_some());
        assert_eq!(bodies.pose_at(ID, 51.0), None);
        bodies.forget_before(60.0);
        assert_eq!(bodies.last(ID), None);
    }

    #[test]
    fn of_a_body_in_two_cells_the_settled_sample_is_shown() {
        for stray_first in [true, false] {
            let mut bodies = recorded(&[sample(0.0, 0.0, 300.0, 0)]);
            bodies.begin_frame(50.0);
            for stray in [stray_first, !stray_first] {
                bodies.record(ID, sample(50.0, if stray { 40.0 } else { 15.0 }, 300.0, 0), !stray);
            }
            assert_eq!(bodies.pose_at(ID, 50.0).map(|pose| pose.position.x), Some(15.0));
        }
    }

    #[test]
    fn body_that_jumps_is_not_interpolated() {
        let bodies = recorded(&[sample(0.0, 0.0, 0.0, 0), sample(50.0, 4000.0, 0.0, 0)]);
        assert_eq!(bodies.pose_at(ID, 25.0).map(|pose| pose.position.x), Some(4000.0));
    }

    #[test]
    fn look_is_that_of_the_earlier_sample() {
        let mut bodies = Interpolator::default();
        for (server_ms, look) in [(0.0, 'a'), (50.0, 'b')] {
            bodies.begin_frame(server_ms);
            let Sample { position, velocity, aim, .. } = sample(server_ms, 0.0, 0.0, 0);
            bodies.record(ID, Sample { server_ms, position, velocity, aim, look }, true);
        }
        let look_at = |ms| bodies.pose_at(ID, ms).map(|pose| pose.look);
        assert_eq!([look_at(49.0), look_at(50.0)], [Some('a'), Some('b')]);
        assert_eq!(bodies.poses_at(25.0).map(|(id, _)| id).collect::<Vec<_>>(), [ID]);
    }

    proptest! {
        #[test]
        fn pose_is_never_further_than_the_limit_beyond_the_samples(
            steps in proptest::collection::vec((10.0_f64..120.0, -20.0_f32..20.0, -600.0_f32..600.0), 1..60),
            at in -500.0_f64..9000.0,
        ) {
            let (mut ms, mut x) = (0.0, 500.0);
            let samples: Vec<_> = steps.iter().map(|(step_ms, dx, vx)| {
                (ms, x) = (ms + step_ms, x + dx);
                sample(ms, x, *vx, 0)
            }).collect();
            let bodies = recorded(&samples);
            let pose = bodies.pose_at(ID, at).expect("it is in view");
            let low = samples.iter().map(|s| s.position.x).fold(f32::MAX, f32::min);
            let high = samples.iter().map(|s| s.position.x).fold(f32::MIN, f32::max);
            // 100 ms at 600 units a second; between samples a cubic overshoots by less.
            prop_assert!((low - 60.1..=high + 60.1).contains(&pose.position.x), "{}", pose.position.x);
            prop_assert!(bodies.by_player[usize::from(ID.0)].len() <= SAMPLES_MAX);
        }

        #[test]
        fn position_is_continuous_at_a_sample(vx in -600.0_f32..600.0, wx in -600.0_f32..600.0) {
            let samples = [sample(0.0, 0.0, vx, 0), sample(33.0, 5.0, wx, 0), sample(66.0, 11.0, vx, 0)];
            let bodies = recorded(&samples);
            let x = |ms| bodies.pose_at(ID, ms).expect("it is in view").position.x;
            prop_assert!((x(32.999) - x(33.001)).abs() < 0.01);
            prop_assert!((x(65.999) - x(66.001)).abs() < 0.01);
        }
    }
}
