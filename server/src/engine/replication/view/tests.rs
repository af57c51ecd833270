//! Which cells a view has, and when a cell changes its rate.

use proptest::{collection::vec, prelude::*};
use shared::engine::{
    game_trait::Arena as _, ids::PlayerId, limits::CELL_SIZE, protocol::Body, testing::TestGame,
};

use super::*;
use crate::engine::testing::TestSimulation;

const RATE: u16 = 20;
/// Ticks from one slot of a cell to the next.
const SLOT_INTERVAL: u32 = 4;

/// A view, and what it is of. The arena is without bodies unless they are put into `cells`.
struct Rig {
    sim: TestSimulation,
    cells: CellBoard<TestGame>,
    view: View,
    chunks: Vec<Chunk>,
}

impl Rig {
    fn new() -> Self {
        let sim = TestSimulation::with_side(0, 12_288.0);
        let cells = CellBoard::new(sim.arena().grid(), RATE);
        Self { sim, cells, view: View::new(Vec2::ZERO), chunks: Vec::new() }
    }

    /// A frame with the view centred there. Returns the change of the view.
    fn frame(&mut self, centre: Vec2, detail: Detail) -> Option<ViewChange> {
        self.cells.begin_tick();
        // A body that jumps about, so that no cell is ever without an update.
        let tick = self.sim.tick;
        for cell in (0..self.grid().len() as u16).map(CellIndex) {
            let state = Body::<TestGame> { x: (tick.0 * 37 % 8000) as i16, ..Body::<TestGame>::default() };
            self.cells.add_body(cell, PlayerId(cell.0), state);
        }
        self.cells.encode(&self.sim);
        let half = self.sim.arena().view() * detail.view_scale;
        let change = self.view.follow(Some(centre), half, self.grid());
        self.collect(change, detail);
        self.sim.step(&[]);
        change
    }

    /// Runs until each cell has had a slot with this detail.
    fn settle(&mut self, detail: Detail) {
        for _ in 0..=SLOT_INTERVAL {
            self.frame(middle(), detail);
        }
    }

    fn collect(&mut self, change: Option<ViewChange>, detail: Detail) -> u64 {
        let Self { sim, cells, view, chunks } = self;
        let near = sim.arena().view() * detail.view_scale * detail.full_rate_share;
        view.collect(change, near, cells, sim, chunks)
    }

    fn grid(&self) -> Grid {
        self.sim.arena().grid()
    }

    fn window(&self, centre: Vec2, margin: f32) -> CellWindow {
        self.grid().window(centre, self.sim.arena().view() + margin)
    }

    /// Cells of the view that are sent at the full rate.
    fn at_full_rate(&self) -> Vec<CellIndex> {
        let cells = (0..self.grid().len() as u16).map(CellIndex);
        cells.filter(|cell| self.view.has_at_full_rate(*cell, self.grid())).collect()
    }

    fn cells_of(&self, window: CellWindow) -> Vec<CellIndex> {
        self.grid().cells(window).collect()
    }
}

fn middle() -> Vec2 {
    Vec2::splat(6244.0)
}

#[test]
fn first_window_has_what_is_in_sight_and_a_margin() {
    let mut rig = Rig::new();
    let change = rig.frame(middle(), Detail::FULL).expect("the first frame sets the view");
    assert_eq!(change, ViewChange { window: rig.window(middle(), GAIN_MARGIN), reset: true });
    assert_eq!(rig.frame(middle(), Detail::FULL), None);
}

#[test]
fn window_does_not_flap_at_a_border() {
    let mut rig = Rig::new();
    // Wherever a body begins, it goes to and fro by nearly the hysteresis.
    for start in 0..40 {
        rig.view = View::new(Vec2::ZERO);
        let start = middle() + Vec2::new(start as f32 * 13.0, start as f32 * 7.0);
        let way = Vec2::splat(KEEP_MARGIN - GAIN_MARGIN - 1.0);
        rig.frame(start, Detail::FULL);
        rig.frame(start + way, Detail::FULL);
        for turn in 0..6 {
            let centre = if turn % 2 == 0 { start } else { start + way };
            assert_eq!(rig.frame(centre, Detail::FULL), None, "at {centre}");
        }
    }
}

#[test]
fn cell_is_gained_before_it_is_in_sight_and_kept_for_longer() {
    let mut rig = Rig::new();
    rig.frame(middle(), Detail::FULL);
    let first = rig.view.window.expect("it has had a frame");
    let half = rig.sim.arena().view().x;
    // The border of the column to the right of the window.
    let border = f32::from(first.right + 1) * CELL_SIZE;
    let at = |to_border: f32| Vec2::new(border - half - to_border, middle().y);
    assert_eq!(rig.frame(at(GAIN_MARGIN + 1.0), Detail::FULL).map(|change| change.window.right), None);
    let gained = rig.frame(at(GAIN_MARGIN - 1.0), Detail::FULL).expect("it comes near");
    assert_eq!(gained.window.right, first.right + 1);
    rig.frame(at(KEEP_MARGIN - 1.0), Detail::FULL);
    assert_eq!(rig.view.window.map(|window| window.right), Some(first.right + 1));
    let lost = rig.frame(at(KEEP_MARGIN + 1.0), Detail::FULL).expect("it is far away");
    assert_eq!(lost.window.right, first.right);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn window_always_has_what_is_near_and_never_what_is_far(
        steps in vec((-400.0_f32..400.0, -400.0_f32..400.0), 1..40),
    ) {
        let mut rig = Rig::new();
        let mut centre = middle();
        for (x, y) in steps {
            centre = (centre + Vec2::new(x, y)).clamp(Vec2::ZERO, rig.sim.arena().size());
            rig.frame(centre, Detail::FULL);
            let window = rig.view.window.expect("it has had a frame");
            prop_assert!(window.covers(rig.window(centre, GAIN_MARGIN)));
            prop_assert!(rig.window(centre, KEEP_MARGIN).covers(window));
        }
    }
}

#[test]
fn view_starts_over_after_a_skipped_frame() {
    let mut rig = Rig::new();
    rig.frame(middle(), Detail::FULL);
    assert!(rig.view.skip_frame(), "the first that is skipped");
    assert!(!rig.view.skip_frame());
    assert!(rig.view.is_out_of_sync());
    let change = rig.frame(middle(), Detail::FULL);
    assert!(change.is_some_and(|change| change.reset));
    assert!(!rig.view.is_out_of_sync());
}

#[test]
fn requested_cell_is_sent_once_and_only_if_it_is_in_the_view() {
    let mut rig = Rig::new();
    rig.frame(middle(), Detail::FULL);
    let here = rig.grid().cell_at(middle());
    let far = rig.grid().cell_at(Vec2::ZERO);
    [here, far, here].into_iter().for_each(|cell| rig.view.request(cell));
    assert_eq!(rig.view.requested, [here, far]);
    assert_eq!(rig.collect(None, Detail::FULL), 1);
    assert_eq!(rig.collect(None, Detail::FULL), 0);
    (0..2 * REQUESTS_MAX as u16).for_each(|cell| rig.view.request(CellIndex(cell)));
    assert_eq!(rig.view.requested.len(), REQUESTS_MAX);
}

#[test]
fn cells_out_of_sight_are_sent_at_the_reduced_rate_after_their_slot() {
    let mut rig = Rig::new();
    rig.frame(middle(), Detail::FULL);
    let whole = rig.cells_of(rig.view.window.expect("it has had a frame"));
    rig.settle(Detail::FULL);
    let near = rig.cells_of(rig.window(middle(), 0.0));
    assert_eq!(rig.at_full_rate(), near);
    assert!(near.len() < whole.len());
    // From now on each cell that is near has a chunk in each frame, and each other cell one in each interval.
    let sent: usize = (0..SLOT_INTERVAL)
        .map(|_| {
            rig.frame(middle(), Detail::FULL);
            rig.chunks.len()
        })
        .sum();
    assert_eq!(sent, near.len() * SLOT_INTERVAL as usize + (whole.len() - near.len()));
}

#[test]
fn reduced_detail_shrinks_the_full_rate_part_within_a_slot_interval_and_back() {
    let mut rig = Rig::new();
    let half = rig.sim.arena().view();
    for near in [1.0, 0.5, 1.0, 0.25] {
        let detail = Detail { full_rate_share: near, ..Detail::FULL };
        rig.settle(detail);
        assert_eq!(rig.at_full_rate(), rig.cells_of(rig.grid().window(middle(), half * near)));
        assert_eq!(rig.view.window, Some(rig.window(middle(), GAIN_MARGIN)), "the view stays as large");
    }
}

#[test]
fn cell_changes_its_rate_only_in_its_slot() {
    let mut rig = Rig::new();
    rig.settle(Detail::FULL);
    for detail in [Detail { full_rate_share: 0.25, ..Detail::FULL }, Detail::FULL] {
        for _ in 0..SLOT_INTERVAL {
            let before = rig.at_full_rate();
            rig.frame(middle(), detail);
            let after = rig.at_full_rate();
            let changed = |cell: &CellIndex| before.contains(cell) != after.contains(cell);
            for cell in (0..rig.grid().len() as u16).map(CellIndex).filter(changed) {
                assert!(rig.cells.update(cell).is_slot, "{cell:?}");
            }
        }
    }
}

#[test]
fn smaller_view_scale_shrinks_the_view_as_far_as_the_hysteresis_lets_it() {
    let mut rig = Rig::new();
    let centre = middle() + Vec2::splat(200.0);
    rig.frame(centre, Detail::FULL);
    let detail = Detail { view_scale: 0.45, ..Detail::FULL };
    let change = rig.frame(centre, detail).expect("the view is smaller");
    let half = rig.sim.arena().view() * 0.45;
    assert!(!change.reset);
    assert!(rig.grid().window(centre, half + KEEP_MARGIN).covers(change.window));
    assert!(change.window.covers(rig.grid().window(centre, half + GAIN_MARGIN)));
    let back = rig.frame(centre, Detail::FULL).expect("the view is large again");
    assert!(back.window.covers(rig.window(centre, GAIN_MARGIN)));
}
