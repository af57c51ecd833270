//! Which thread an arena goes to, and which arena moves. Pure: loads in, numbers out. A load is a share of a thread's time.

/// A thread above this has too much to do: ticks begin late when a few arenas are busy at once.
const FULL: f32 = 0.7;
/// A move must lower the load of the fuller of the two threads by this much, or arenas would go back and forth.
const GAIN_MIN: f32 = 0.1;
/// What an arena counts at least: one that was just added has no load yet.
const LOAD_MIN: f32 = 0.001;

/// An arena goes to another thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Move {
    /// Its place among the arenas of `from`.
    pub(super) arena: usize,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The thread with the least to do. `loads` are those of the arenas of each thread; there is at least one thread.
pub(super) fn least_loaded(loads: &[Vec<f32>]) -> usize {
    let loads = totals(loads);
    (0..loads.len()).min_by(|a, b| loads[*a].total_cmp(&loads[*b])).unwrap_or(0)
}

/// The move that helps the fullest thread most, if it has too much to do and a move helps.
pub(super) fn next_move(loads: &[Vec<f32>]) -> Option<Move> {
    let totals = totals(loads);
    let from = (0..totals.len()).max_by(|a, b| totals[*a].total_cmp(&totals[*b]))?;
    let to = least_loaded(loads);
    if totals[from] <= FULL {
        return None;
    }
    // The load of the fuller of the two after the move of this one.
    let fuller_after = |load: f32| (totals[from] - load).max(totals[to] + load);
    let candidates = loads[from].iter().map(|load| fuller_after(load.max(LOAD_MIN))).enumerate();
    let (arena, load) = candidates.min_by(|(_, a), (_, b)| a.total_cmp(b))?;
    (load <= totals[from] - GAIN_MIN).then_some(Move { arena, from, to })
}

fn totals(loads: &[Vec<f32>]) -> Vec<f32> {
    loads.iter().map(|loads| loads.iter().map(|load| load.max(LOAD_MIN)).sum()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn new_arena_goes_to_the_thread_with_the_least_work() {
        assert_eq!(least_loaded(&[vec![0.3], vec![0.1, 0.1], vec![0.25]]), 1);
        assert_eq!(least_loaded(&[vec![0.0, 0.0], vec![0.0]]), 1, "those without a load yet count too");
    }

    #[test]
    fn full_thread_gives_up_the_arena_that_helps_most() {
        assert_eq!(next_move(&[vec![0.2, 0.45, 0.3], vec![0.1]]), Some(Move { arena: 1, from: 0, to: 1 }));
        assert_eq!(next_move(&[vec![0.3, 0.3], vec![]]), None, "it is not full");
        assert_eq!(next_move(&[vec![1.5], vec![]]), None, "one arena has the same load elsewhere");
        assert_eq!(next_move(&[vec![0.4, 0.4], vec![0.4, 0.35]]), None, "the other has as much to do");
        assert_eq!(next_move(&[vec![0.9, 0.9]]), None, "there is no other");
    }

    proptest! {
        #[test]
        fn moves_come_to_an_end(mut loads in prop::collection::vec(prop::collection::vec(0.0_f32..0.9, 0..20), 1..6)) {
            for _ in 0..400 {
                let Some(Move { arena, from, to }) = next_move(&loads) else { return Ok(()) };
                prop_assert_ne!(from, to);
                let load = loads[from].remove(arena);
                loads[to].push(load);
            }
            prop_assert!(false, "arenas go back and forth");
        }
    }
}
