//! Other ships, a little in the past: between two places where they were, not at one where they might be. When
//! frames stay away they fly straight on for a moment and then wait. It must not know the wire or the own ship.

use std::collections::VecDeque;

use shared::{
    Vec2,
    engine::{angle::Angle, ids::PlayerId},
    game::protocol::Status,
};

/// Longest flight beyond the last known place.
pub(super) const EXTRAPOLATION_MS_MAX: f64 = 100.0;
/// Places kept: the largest delay at the fastest tick, and one more on either side.
const SAMPLES_MAX: usize = 36;
/// A ship that was out of sight for longer begins anew instead of gliding across what nobody saw.
const GAP_MS_MAX: f64 = 300.0;
/// A ship that is this far from where it was headed did not fly there.
const JUMP_UNITS: f32 = 300.0;

/// A ship at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) server_ms: f64,
    pub(super) position: Vec2,
    /// In units a second.
    pub(super) velocity: Vec2,
    pub(super) aim: Angle,
    pub(super) status: Status,
    pub(super) health: u8,
}

/// A ship as it is to be shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shown {
    pub(super) position: Vec2,
    pub(super) velocity: Vec2,
    pub(super) aim_radians: f32,
    pub(super) status: Status,
    pub(super) health: u8,
}

/// Where ships were, by their number.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    by_player: Vec<VecDeque<Sample>>,
    newest_ms: f64,
}

impl Tracks {
    /// A frame begins: what is not recorded from now on is out of sight.
    pub(super) fn begin(&mut self, server_ms: f64) {
        self.newest_ms = server_ms;
    }

    /// A ship is in sight. One that has flown into a cell that is told of more often is for a moment in two cells;
    /// `settled` is the one whose place is inside its cell.
    pub(super) fn record(&mut self, id: PlayerId, sample: Sample, settled: bool) {
        let index = usize::from(id.0);
        if self.by_player.len() <= index {
            self.by_player.resize_with(index + 1, VecDeque::new);
        }
        let track = &mut self.by_player[index];
        if let Some(last) = track.back_mut() {
            if last.server_ms == sample.server_ms {
                if settled {
                    *last = sample;
                }
                return;
            }
            let since_ms = sample.server_ms - last.server_ms;
            let headed = last.position + last.velocity * (since_ms / 1000.0) as f32;
            let off = headed.distance_squared(sample.position);
            if since_ms > GAP_MS_MAX || off > JUMP_UNITS * JUMP_UNITS {
                track.clear();
            }
        }
        if track.len() == SAMPLES_MAX {
            track.pop_front();
        }
        track.push_back(sample);
    }

    /// The last that is known of a ship.
    pub(super) fn last(&self, id: PlayerId) -> Option<&Sample> {
        self.by_player.get(usize::from(id.0))?.back()
    }

    /// A ship at a server time; `None` when it is not to be seen then.
    pub(super) fn at(&self, id: PlayerId, server_ms: f64) -> Option<Shown> {
        let track = self.by_player.get(usize::from(id.0))?;
        let last = track.back()?;
        if server_ms >= last.server_ms {
            // One that is out of sight now was last seen there.
            let in_sight = last.server_ms >= self.newest_ms;
            return (in_sight || server_ms == last.server_ms).then(|| extrapolate(last, server_ms));
        }
        let next = track.partition_point(|sample| sample.server_ms <= server_ms);
        match next.checked_sub(1) {
            Some(before) => Some(between(&track[before], &track[next], server_ms)),
            // It came into sight a moment ago. The way it came is a better guess than nothing.
            None => Some(extrapolate(&track[0], server_ms)),
        }
    }

    /// Every ship to be seen at a server time, in rising order of number.
    pub(super) fn all_at(&self, server_ms: f64) -> impl Iterator<Item = (PlayerId, Shown)> {
        (0..self.by_player.len() as u32).filter_map(move |index| {
            let id = PlayerId(index as u16);
            Some((id, self.at(id, server_ms)?))
        })
    }

    /// Forgets ships that were last seen before a server time.
    pub(super) fn forget_before(&mut self, server_ms: f64) {
        for track in &mut self.by_player {
            if track.back().is_some_and(|last| last.server_ms < server_ms) {
                track.clear();
            }
        }
    }
}

fn extrapolate(sample: &Sample, server_ms: f64) -> Shown {
    let ms = (server_ms - sample.server_ms).clamp(-EXTRAPOLATION_MS_MAX, EXTRAPOLATION_MS_MAX);
    Shown {
        position: sample.position + sample.velocity * (ms / 1000.0) as f32,
        velocity: sample.velocity,
        aim_radians: sample.aim.radians(),
        status: sample.status,
        health: sample.health,
    }
}

/// Between two samples: the cubic that has both places and both velocities (Hermite's), so that a ship neither
/// jumps nor turns a corner when it passes a sample.
fn between(a: &Sample, b: &Sample, server_ms: f64) -> Shown {
    let span_ms = b.server_ms - a.server_ms;
    let t = ((server_ms - a.server_ms) / span_ms) as f32;
    let (t2, t3) = (t * t, t * t * t);
    let seconds = (span_ms / 1000.0) as f32;
    let position = a.position * (2.0 * t3 - 3.0 * t2 + 1.0)
        + a.velocity * (seconds * (t3 - 2.0 * t2 + t))
        + b.position * (3.0 * t2 - 2.0 * t3)
        + b.velocity * (seconds * (t3 - t2));
    Shown {
        position,
        velocity: a.velocity + (b.velocity - a.velocity) * t,
        aim_radians: a.aim.radians() + a.aim.difference(b.aim) * t,
        status: a.status,
        health: a.health,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: PlayerId = PlayerId(7);

    fn sample(server_ms: f64, x: f32, vx: f32, aim: u16) -> Sample {
        Sample {
            server_ms,
            position: Vec2::new(x, 50.0),
            velocity: Vec2::new(vx, 0.0),
            aim: Angle(aim),
            status: Status::default(),
            health: 255,
        }
    }

    fn tracks(samples: &[Sample]) -> Tracks {
        let mut tracks = Tracks::default();
        for sample in samples {
            tracks.begin(sample.server_ms);
            tracks.record(ID, *sample, true);
        }
        tracks
    }

    #[test]
    fn a_steady_ship_glides_and_its_nose_takes_the_short_way_round() {
        let tracks = tracks(&[sample(0.0, 100.0, 300.0, 65_000), sample(100.0, 130.0, 300.0, 1000)]);
        let shown = tracks.at(ID, 50.0).expect("it is in sight");
        assert!((shown.position.x - 115.0).abs() < 1e-3);
        let ahead = Angle::from_radians(shown.aim_radians);
        assert!(ahead.0 > 65_000 || ahead.0 < 1000);
    }

    #[test]
    fn a_ship_out_of_sight_is_shown_to_its_last_place_and_no_further() {
        let mut tracks = tracks(&[sample(0.0, 0.0, 300.0, 0), sample(50.0, 15.0, 300.0, 0)]);
        tracks.begin(100.0);
        assert!(tracks.at(ID, 49.0).is_some());
        assert_eq!(tracks.at(ID, 51.0), None);
        tracks.forget_before(60.0);
        assert_eq!(tracks.last(ID), None);
    }

    #[test]
    fn of_a_ship_in_two_cells_the_settled_one_is_shown() {
        for stray_first in [true, false] {
            let mut tracks = tracks(&[sample(0.0, 0.0, 300.0, 0)]);
            tracks.begin(50.0);
            for stray in [stray_first, !stray_first] {
                tracks.record(ID, sample(50.0, if stray { 40.0 } else { 15.0 }, 300.0, 0), !stray);
            }
            assert_eq!(tracks.at(ID, 50.0).map(|shown| shown.position.x), Some(15.0));
        }
    }

    #[test]
    fn a_ship_that_jumps_does_not_glide_there() {
        let tracks = tracks(&[sample(0.0, 0.0, 0.0, 0), sample(50.0, 4000.0, 0.0, 0)]);
        assert_eq!(tracks.at(ID, 25.0).map(|shown| shown.position.x), Some(4000.0));
    }

    proptest! {
        #[test]
        fn never_further_than_the_limit_beyond_what_is_known(
            steps in proptest::collection::vec((10.0_f64..120.0, -20.0_f32..20.0, -600.0_f32..600.0), 1..60),
            at in -500.0_f64..9000.0,
        ) {
            let (mut ms, mut x) = (0.0, 500.0);
            let samples: Vec<_> = steps.iter().map(|(step_ms, dx, vx)| {
                (ms, x) = (ms + step_ms, x + dx);
                sample(ms, x, *vx, 0)
            }).collect();
            let tracks = tracks(&samples);
            let shown = tracks.at(ID, at).expect("it is in sight");
            let low = samples.iter().map(|s| s.position.x).fold(f32::MAX, f32::min);
            let high = samples.iter().map(|s| s.position.x).fold(f32::MIN, f32::max);
            // 100 ms at 600 units a second; between samples a cubic swings out by less.
            prop_assert!((low - 60.1..=high + 60.1).contains(&shown.position.x), "{}", shown.position.x);
            prop_assert!(tracks.by_player[usize::from(ID.0)].len() <= SAMPLES_MAX);
        }

        #[test]
        fn there_is_no_jump_at_a_sample(vx in -600.0_f32..600.0, wx in -600.0_f32..600.0) {
            let tracks = tracks(&[sample(0.0, 0.0, vx, 0), sample(33.0, 5.0, wx, 0), sample(66.0, 11.0, vx, 0)]);
            let x = |ms| tracks.at(ID, ms).expect("it is in sight").position.x;
            prop_assert!((x(32.999) - x(33.001)).abs() < 0.01);
            prop_assert!((x(65.999) - x(66.001)).abs() < 0.01);
        }
    }
}
