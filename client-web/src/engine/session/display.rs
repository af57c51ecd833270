//! What a session has for a screen and does not need otherwise: the clock of what is shown, the bodies on their way from frame to
//! frame, and the view. Nothing in here finds its way into what is sent, but for how far in the past other bodies are shown.

use shared::{
    Vec2,
    engine::{
        body::Motion,
        game_trait::Game,
        ids::{PlayerId, Tick},
        input::Angle,
        limits::POSITION_STEPS_PER_UNIT,
        protocol::ViewerState,
        roster::{Leaderboard, PartyMember},
    },
};

use crate::engine::{
    clock::ServerClock,
    interpolation::{Interpolator, Sample},
    replica::Replica,
    roster::Roster,
    view::{Moment, TakenItem, View},
};

/// Bodies out of view are kept for this long: until render time has passed what they did last.
const MEMORY_MS: f64 = 1000.0;

#[derive(Debug)]
pub(super) struct Display<V: View> {
    pub(super) view: V,
    tick_rate: f64,
    clock: ServerClock,
    bodies: Interpolator<<V::Game as Game>::Look>,
    /// The server time of the last frame.
    server_ms: f64,
}

/// What the session knows, for the view.
#[derive(Debug)]
pub(super) struct Known<'a, G: Game> {
    pub(super) me: PlayerId,
    pub(super) map: &'a G::Map,
    pub(super) roster: &'a Roster,
    pub(super) leaderboard: &'a Leaderboard,
    pub(super) party: &'a [PartyMember],
    pub(super) taken: &'a [TakenItem<G>],
    pub(super) viewer: Option<&'a ViewerState<G>>,
    pub(super) avatar: Option<&'a G::Avatar>,
    /// The own body as it is shown.
    pub(super) own: Option<Motion>,
    pub(super) input: G::Input,
}

impl<V: View> Display<V> {
    pub(super) fn new(me: PlayerId, map: &<V::Game as Game>::Map, tick_rate: u16) -> Self {
        Self {
            view: V::new(me, map, tick_rate),
            tick_rate: f64::from(tick_rate),
            clock: ServerClock::new(1000.0 / f64::from(tick_rate)),
            bodies: Interpolator::default(),
            server_ms: 0.0,
        }
    }

    /// Frame jitter and interpolation delay, in milliseconds.
    pub(super) fn delays_ms(&self) -> (f32, f32) {
        (self.clock.jitter_ms() as f32, self.clock.delay_ms() as f32)
    }

    /// Render time in ticks.
    pub(super) fn render_ticks(&self, now_ms: f64) -> f64 {
        self.clock.render_ms(now_ms) * self.tick_rate / 1000.0
    }

    /// The server's time, without what a frame takes to arrive.
    pub(super) fn present_ms(&self, now_ms: f64) -> f64 {
        self.clock.present_ms(now_ms)
    }

    /// Where another body is shown, if it is in view.
    pub(super) fn shown_position(&self, id: PlayerId, now_ms: f64) -> Option<Vec2> {
        self.bodies.pose_at(id, self.clock.render_ms(now_ms)).map(|pose| pose.position)
    }

    /// Whether other bodies are shown beyond their last samples.
    pub(super) fn is_extrapolating(&self, now_ms: f64) -> bool {
        self.clock.render_ms(now_ms) > self.server_ms
    }

    /// A frame begins. `is_full_view`: frames were skipped.
    pub(super) fn begin_frame(&mut self, tick: Tick, is_full_view: bool, now_ms: f64) {
        if is_full_view {
            self.clock.restart();
        }
        self.server_ms = f64::from(tick.0) * 1000.0 / self.tick_rate;
        self.clock.on_frame(self.server_ms, now_ms);
        self.bodies.begin_frame(self.server_ms);
    }

    /// The view, and what it may look at while the frame that has begun is applied.
    pub(super) fn at_frame<'a>(
        &'a mut self,
        known: &Known<'a, V::Game>,
        now_ms: f64,
    ) -> (&'a mut V, Moment<'a, V::Game>) {
        // What the delay will make of it: the clock only just heard of this frame.
        let render_ms = self.server_ms - self.clock.delay_ms();
        self.at(known, now_ms, render_ms)
    }

    /// The cells of the frame are applied.
    pub(super) fn end_frame(
        &mut self,
        tick: Tick,
        replica: &Replica<V::Game>,
        viewer: &ViewerState<V::Game>,
    ) {
        let per_second = self.tick_rate as f32 / POSITION_STEPS_PER_UNIT;
        for (id, position, body) in replica.bodies() {
            let sample = Sample {
                server_ms: self.server_ms,
                position,
                velocity: Vec2::new(f32::from(body.vx), f32::from(body.vy)) * per_second,
                aim: Angle::from_coarse(body.heading),
                look: body.look,
            };
            self.bodies.record(id, sample, body.is_settled());
        }
        self.bodies.forget_before(self.server_ms - MEMORY_MS);
        self.view.on_frame(tick, self.server_ms, viewer);
    }

    /// Fills a scene.
    pub(super) fn draw(
        &mut self,
        known: &Known<'_, V::Game>,
        replica: &Replica<V::Game>,
        now_ms: f64,
        out: &mut V::Scene,
    ) {
        let render_ms = self.clock.render_ms(now_ms);
        let (view, moment) = self.at(known, now_ms, render_ms);
        view.draw(&moment, replica, out);
    }

    /// The view, and what it may look at.
    fn at<'a>(
        &'a mut self,
        known: &Known<'a, V::Game>,
        now_ms: f64,
        render_ms: f64,
    ) -> (&'a mut V, Moment<'a, V::Game>) {
        let &Known { me, map, roster, leaderboard, party, taken, viewer, avatar, own, input } = known;
        let (server_ms, present_ms) = (self.server_ms, self.clock.present_ms(now_ms));
        let bodies = &self.bodies;
        let moment = Moment {
            me,
            map,
            roster,
            leaderboard,
            party,
            bodies,
            taken,
            viewer,
            avatar,
            own,
            input,
            now_ms,
            server_ms,
            present_ms,
            render_ms,
        };
        (&mut self.view, moment)
    }
}
