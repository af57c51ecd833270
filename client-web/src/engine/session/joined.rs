//! A session from its welcome on: frames come in, own ticks go out. The parts of the client meet here. It knows neither
//! bytes nor what waits to be sent.

use shared::{
    Vec2,
    engine::{
        arena_check,
        body::Motion,
        game_trait::{Arena as _, Game},
        ids::{PlayerId, Tick},
        limits::{REWIND_PARTS, TICK_RATE_MAX, TICK_RATE_MIN},
        protocol::{CellChunk, Frame, FrameHead, Notice, ViewerState, Welcome},
        rooms::ROOM_KEY_BYTES_MAX,
        roster::{Leaderboard, PartyMember, UnlockedAchievement},
    },
};

use super::{
    display::{Display, Known},
    error::SessionError,
};
use crate::engine::{
    chat::{ChatInbox, ChatNotice},
    lag::Lag,
    pacer::Pacer,
    prediction::{Prediction, Surroundings},
    replica::{Applied, Replica},
    roster::Roster,
    session_stats::SessionStats,
    transmit::Transmit,
    view::{OwnStep, View},
};

/// Inputs sent at once when the caller comes late. Older ones would be too late for their ticks.
const CATCH_UP_MAX: u32 = 5;

type Input<V> = <<V as View>::Game as Game>::Input;

#[derive(Debug)]
pub(super) struct JoinedSession<V: View> {
    pub(super) welcome: Welcome<V::Game>,
    /// [`PlayerId::NONE`] for a spectator.
    pub(super) me: PlayerId,
    pub(super) map: <V::Game as Game>::Map,
    /// Seconds per tick.
    dt: f32,
    pub(super) replica: Replica<V::Game>,
    pub(super) roster: Roster,
    pub(super) leaderboard: Leaderboard,
    pub(super) pacer: Pacer,
    pub(super) prediction: Prediction<V::Game>,
    pub(super) chat_inbox: ChatInbox,
    /// What makes this player the creator of the room, until the page takes it.
    pub(super) room_key: Option<String>,
    /// The achievement that was unlocked last, until the page has shown it.
    pub(super) unlocked: Option<UnlockedAchievement>,
    /// The others of the own party.
    party: Vec<PartyMember>,
    pub(super) lag: Lag,
    pub(super) latest: Option<Latest<V::Game>>,
    /// `None` for a session that draws nothing.
    display: Option<Display<V>>,
    input: Input<V>,
    /// When inputs were last sent.
    sent_ms: Option<f64>,
}

/// The last frame's head.
#[derive(Debug)]
pub(super) struct Latest<G: Game> {
    pub(super) tick: Tick,
    pub(super) viewer: ViewerState<G>,
}

impl<V: View> JoinedSession<V> {
    pub(super) fn new(welcome: Welcome<V::Game>, draws: bool) -> Result<Self, SessionError> {
        arena_check::check(&welcome.arena)?;
        if !(TICK_RATE_MIN..=TICK_RATE_MAX).contains(&welcome.tick_rate) {
            return Err(SessionError::TickRate(welcome.tick_rate));
        }
        let me = welcome.player.unwrap_or(PlayerId::NONE);
        let map = V::Game::map(welcome.arena.clone(), welcome.tick_rate);
        let tick_ms = 1000.0 / f64::from(welcome.tick_rate);
        Ok(Self {
            dt: 1.0 / f32::from(welcome.tick_rate),
            replica: Replica::new(welcome.arena.grid()),
            roster: Roster::default(),
            leaderboard: Leaderboard::default(),
            pacer: Pacer::new(tick_ms),
            prediction: Prediction::default(),
            display: draws.then(|| Display::new(me, &map, welcome.tick_rate)),
            chat_inbox: ChatInbox::default(),
            room_key: None,
            unlocked: None,
            party: Vec::new(),
            lag: Lag::new(tick_ms),
            me,
            input: Input::<V>::default(),
            sent_ms: None,
            latest: None,
            map,
            welcome,
        })
    }

    /// Runs the own ticks that are due.
    pub(super) fn advance(
        &mut self,
        now_ms: f64,
        input: Input<V>,
        stats: &mut SessionStats,
        transmit: &mut Transmit<Input<V>>,
    ) {
        self.input = input;
        let due = self.pacer.take_due(now_ms);
        let rewind = self.rewind(now_ms);
        let before = self.prediction.position();
        for i in 0..due.ticks {
            let tick = due.first.after(i);
            self.predict(tick, input, rewind, now_ms);
            if i + 1 == due.jumped
                && let Some(before) = before
            {
                self.prediction.smooth_from(before, now_ms);
            }
            if due.ticks - i <= CATCH_UP_MAX {
                transmit.input(tick, input, rewind);
                stats.inputs_sent += 1;
            } else {
                stats.ticks_skipped += 1;
            }
        }
        if due.ticks > 0
            && let Some(before_ms) = self.sent_ms.replace(now_ms)
        {
            self.lag.on_input(now_ms - before_ms);
        }
        if let Some(report) = self.lag.poll(now_ms) {
            transmit.lag(report);
        }
    }

    /// Predicts an own tick and shows what the avatar does in it.
    fn predict(&mut self, tick: Tick, input: Input<V>, rewind: u16, now_ms: f64) {
        let around = Surroundings { map: &self.map, replica: &self.replica };
        let (outcome, new) = self.prediction.predict::<V>(tick, input, now_ms, &around);
        if let (Some(display), Some(avatar)) = (&mut self.display, self.prediction.avatar()) {
            let taken = self.prediction.taken();
            let taken = &taken[taken.len() - new..];
            let present_ms = display.present_ms(now_ms);
            let map = &self.map;
            display.view.on_step(OwnStep { tick, input, outcome, avatar, taken, rewind, present_ms, map });
        }
    }

    /// How far behind the own body the others are shown, in parts of a tick. The server rewinds them by this much,
    /// so that a player hits what it sees.
    fn rewind(&self, now_ms: f64) -> u16 {
        let shown_ticks = match (&self.display, &self.latest) {
            (Some(display), _) => display.render_ticks(now_ms),
            // A bot that draws nothing aims at what the last frame says.
            (None, Some(latest)) => f64::from(latest.tick.0),
            (None, None) => return 0,
        };
        // `as` saturates.
        libm::round((self.pacer.own_ticks(now_ms) - shown_ticks) * f64::from(REWIND_PARTS)) as u16
    }

    /// No own ticks are run until the next frame with a full view.
    pub(super) fn pause(&mut self) {
        self.pacer.pause();
        self.prediction.pause();
        self.sent_ms = None;
    }

    pub(super) fn on_frame(
        &mut self,
        frame: Frame<V::Game>,
        now_ms: f64,
        stats: &mut SessionStats,
        transmit: &mut Transmit<Input<V>>,
    ) -> Result<(), SessionError> {
        let Frame { head, notices, cells } = frame;
        if let Some(before) = self.latest.as_ref().filter(|before| head.tick <= before.tick) {
            return Err(SessionError::Backwards(head.tick, before.tick));
        }
        if let Some(own) = head.viewer.own() {
            V::Game::validate_own(own, V::Game::arena_of(&self.map)).map_err(SessionError::Own)?;
        }
        transmit.on_frame(head.tick);
        let is_full_view = head.view.is_some_and(|view| view.reset);
        stats.full_views += u64::from(is_full_view);
        self.pacer.on_frame(head.tick, head.lead, now_ms);
        if let Some(display) = &mut self.display {
            display.begin_frame(head.tick, is_full_view, now_ms);
        }
        for notice in notices {
            self.on_notice(notice);
        }
        self.replica.begin_frame(head.view);
        self.apply(&cells, &head.viewer, now_ms, stats, transmit);
        self.end_frame(head, now_ms, stats);
        Ok(())
    }

    /// Applies chunks and shows what their changes mean.
    fn apply(
        &mut self,
        chunks: &[CellChunk<V::Game>],
        viewer: &ViewerState<V::Game>,
        now_ms: f64,
        stats: &mut SessionStats,
        transmit: &mut Transmit<Input<V>>,
    ) {
        let known = Known {
            me: self.me,
            map: &self.map,
            roster: &self.roster,
            leaderboard: &self.leaderboard,
            party: &self.party,
            taken: self.prediction.taken(),
            viewer: Some(viewer),
            avatar: self.prediction.avatar(),
            own: self.shown(now_ms),
            input: self.input,
        };
        let mut shown = self.display.as_mut().map(|display| display.at_frame(&known, now_ms));
        for chunk in chunks {
            let applied = self.replica.apply(chunk, |change, cell| {
                if let Some((view, moment)) = &mut shown {
                    view.on_change(chunk.cell, change, cell, moment);
                }
            });
            match applied {
                Applied::InSync | Applied::AwaitsResync => {}
                Applied::Resynced => stats.resyncs += 1,
                Applied::OutOfView => stats.stray_chunks += 1,
                Applied::OutOfSync => {
                    stats.checksum_mismatches += 1;
                    transmit.resync(chunk.cell);
                }
            }
        }
    }

    /// What the frame says of the own body, now that the cells are as they were then.
    fn end_frame(&mut self, head: FrameHead<V::Game>, now_ms: f64, stats: &mut SessionStats) {
        let around = Surroundings { map: &self.map, replica: &self.replica };
        let own = head.viewer.own().and_then(V::Game::avatar);
        let own_bodies = usize::from(own.is_some());
        let reconciled = self.prediction.reconcile::<V>(head.tick, own, now_ms, &around);
        if let Some(ms) = reconciled.input_to_ack_ms {
            stats.record_ack(ms as f32);
            self.lag.on_ack(ms);
        }
        if let Some(display) = &mut self.display {
            display.end_frame(head.tick, &self.replica, &head.viewer);
            (stats.frame_jitter_ms, stats.interpolation_delay_ms) = display.delays_ms();
            self.lag.set_jitter_buffer(stats.interpolation_delay_ms.into());
        }
        stats.record_prediction_error(reconciled.error);
        stats.frames_received += 1;
        stats.input_lead = head.lead;
        stats.last_frame_ms = Some(now_ms);
        let bodies: usize = self.replica.cells().map(|(_, cell)| cell.bodies.len()).sum();
        stats.visible_bodies = bodies.saturating_sub(own_bodies) as u32;
        self.latest = Some(Latest { tick: head.tick, viewer: head.viewer });
    }

    fn on_notice(&mut self, notice: Notice<V::Game>) {
        let is_renamed = self.roster.apply(&notice);
        let is_ranked = matches!(notice, Notice::Leaderboard(_));
        match notice {
            Notice::Lag(lag) => self.lag.on_server_report(lag),
            Notice::Leaderboard(leaderboard) => self.leaderboard = leaderboard,
            Notice::Roster(_) | Notice::Joined(_) | Notice::Left(_) | Notice::Badges(_) => {}
            // What is left is for a screen.
            _ if self.display.is_none() => {}
            Notice::Chat(line) => self.chat_inbox.push(ChatNotice::Line(line)),
            Notice::ChatHistory(lines) => self.chat_inbox.push(ChatNotice::History(lines)),
            Notice::Whisper(whisper) => self.chat_inbox.push(ChatNotice::Whisper(whisper)),
            Notice::ChatRejected(rejection) => self.chat_inbox.push(ChatNotice::Rejected(rejection)),
            Notice::RoomKey(key) => self.room_key = Some(key).filter(|key| key.len() <= ROOM_KEY_BYTES_MAX),
            Notice::Unlocked(unlocked) => self.unlocked = Some(unlocked),
            Notice::Party(members) => self.party = members,
            Notice::Game(notice) => {
                if let Some(display) = &mut self.display {
                    display.view.on_notice(&notice, &self.roster);
                }
            }
        }
        if let Some(display) = self.display.as_mut().filter(|_| is_renamed || is_ranked) {
            display.view.on_leaderboard(&self.leaderboard, &self.roster);
        }
    }

    /// The own body as it is shown; `None` without one, or without a screen.
    fn shown(&self, now_ms: f64) -> Option<Motion> {
        self.display.as_ref()?;
        let since_tick = self.pacer.fraction(now_ms) * self.dt;
        self.prediction.shown(now_ms, self.input, since_tick, &self.map)
    }

    /// The own body as it is shown, or the one that is watched.
    pub(super) fn focus(&self, now_ms: f64) -> Option<Vec2> {
        let viewer = self.latest.as_ref().map(|latest| &latest.viewer);
        match (self.shown(now_ms), viewer, &self.display) {
            (Some(own), ..) => Some(own.position),
            (None, Some(ViewerState::Spectator { target: Some(id) }), Some(display)) => {
                display.shown_position(*id, now_ms)
            }
            _ => None,
        }
    }

    pub(super) fn draw(&mut self, now_ms: f64, out: &mut V::Scene, stats: &mut SessionStats) {
        let own = self.shown(now_ms);
        let Some(display) = &mut self.display else { return };
        let known = Known {
            me: self.me,
            map: &self.map,
            roster: &self.roster,
            leaderboard: &self.leaderboard,
            party: &self.party,
            taken: self.prediction.taken(),
            viewer: self.latest.as_ref().map(|latest| &latest.viewer),
            avatar: self.prediction.avatar(),
            own,
            input: self.input,
        };
        display.draw(&known, &self.replica, now_ms, out);
        stats.rendered_frames += 1;
        stats.extrapolated_frames += u64::from(display.is_extrapolating(now_ms));
    }
}
