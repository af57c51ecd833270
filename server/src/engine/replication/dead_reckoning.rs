//! The dead-reckoning tolerance: the motion of a body within 1/8 unit of its dead-reckoned position, with about the same velocity,
//! is not resent. Without it nearly every body would be resent in every tick, only because its speed is rounded.

use shared::engine::{ids::PlayerId, protocol::BodyState};

/// The tolerance, in steps of 1/16 unit: a difference that no player sees.
const TOLERANCE_STEPS: i32 = 2;

/// Replaces the motion of bodies of `next` that are within the tolerance of `known` (dead-reckoned to this tick) by that of `known`, so
/// that it is not resent. Corrects the velocity of the others, so that it leads from the known position to the true one.
/// Both lists are sorted by id.
pub(super) fn keep_within_tolerance<L>(
    known: &[(PlayerId, BodyState<L>)],
    next: &mut [(PlayerId, BodyState<L>)],
) {
    let mut known = known.iter().peekable();
    for (id, now) in next {
        while known.next_if(|(other, _)| other < id).is_some() {}
        let Some((_, was)) = known.next_if(|(other, _)| other == id) else {
            continue;
        };
        let difference = |a: i16, b: i16| i32::from(a) - i32::from(b);
        let off = (difference(now.x, was.x), difference(now.y, was.y));
        let turned = (difference(now.vx, was.vx), difference(now.vy, was.vy));
        let is_small = |steps: (i32, i32)| steps.0.abs().max(steps.1.abs()) <= TOLERANCE_STEPS;
        if is_small(off) && is_small(turned) && was.is_settled() {
            (now.x, now.y, now.vx, now.vy) = (was.x, was.y, was.vx, was.vy);
        } else if is_small((off.0 - turned.0, off.1 - turned.1)) {
            (now.vx, now.vy) = (was.vx + off.0 as i16, was.vy + off.1 as i16);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Body = BodyState<u8>;

    const LOOK: u8 = 0;
    const HURT: u8 = 9;
    const NOTHING: Body = Body { x: 0, y: 0, vx: 0, vy: 0, heading: 0, look: LOOK };
    const KNOWN: Body = Body { x: 1000, y: 2000, vx: 30, vy: -8, heading: 7, ..NOTHING };

    /// What is sent of a body that is `now` where viewers expect `KNOWN`.
    fn sent(now: Body) -> Body {
        let mut next = [(PlayerId(5), now)];
        let known = [(PlayerId(2), NOTHING), (PlayerId(5), KNOWN), (PlayerId(9), NOTHING)];
        keep_within_tolerance(&known, &mut next);
        next[0].1
    }

    #[test]
    fn body_within_the_tolerance_is_where_it_is_expected() {
        for (heading, look) in [(7, LOOK), (8, LOOK), (7, HURT)] {
            let now = Body { x: 1002, vx: 31, heading, look, ..KNOWN };
            assert_eq!(sent(now), Body { heading, look, ..KNOWN });
        }
    }

    #[test]
    fn body_beyond_the_tolerance_keeps_its_true_position() {
        let moved = Body { x: 1010, vx: 40, ..KNOWN };
        assert_eq!(sent(moved), moved);
        // It turned by 12 while it was off by 10: its velocity leads to where it is.
        assert_eq!(sent(Body { vx: 42, ..moved }), moved);
    }

    #[test]
    fn body_that_is_leaving_its_cell_is_sent() {
        let outside = Body { x: -1, ..KNOWN };
        let mut next = [(PlayerId(5), Body { x: 1, vx: 32, ..KNOWN })];
        let true_state = next[0].1;
        keep_within_tolerance(&[(PlayerId(5), outside)], &mut next);
        assert_eq!(next[0].1, true_state);
    }

    #[test]
    fn body_that_viewers_do_not_have_is_left_alone() {
        let mut next = [(PlayerId(3), KNOWN)];
        keep_within_tolerance(&[(PlayerId(5), NOTHING)], &mut next);
        assert_eq!(next[0].1, KNOWN);
    }
}
