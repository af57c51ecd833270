//! A session from its welcome on: frames come in, own ticks go out. The parts of the client meet here. It knows neither
//! bytes nor what waits to be sent.

use shared::{
    engine::{
        game_trait::{Arena as _, Game as _},
        ids::{PlayerId, Tick},
        input::PlayerInput,
        limits::{REWIND_PARTS, TICK_RATE_MAX, TICK_RATE_MIN},
    },
    game::{
        Emberdrift,
        flight::StepOutcome,
        protocol::{
            Announcement, CellChange, CellChunk, Death, Event, Frame, FrameHead, Notice, PilotState,
            ViewerState, Welcome,
        },
        terrain::Terrain,
        timing::Timing,
    },
};

use super::{
    super::{
        prediction::{Prediction, Surroundings},
        replica::{Applied, Replica},
        roster::Roster,
        scene::Scene,
        view_model::{Known, OwnView, ViewModel},
    },
    error::SessionError,
};
use crate::engine::{
    chat::{ChatInbox, ChatNotice},
    lag::Lag,
    pacer::Pacer,
    session_stats::SessionStats,
    transmit::Transmit,
};

/// Inputs sent at once when the caller comes late. Older ones would be too late for their ticks.
const CATCH_UP_MAX: u32 = 5;

#[derive(Debug)]
pub(super) struct JoinedSession {
    pub(super) welcome: Welcome,
    /// [`PlayerId::NONE`] for a spectator.
    pub(super) me: PlayerId,
    pub(super) terrain: Terrain,
    timing: Timing,
    pub(super) replica: Replica,
    pub(super) roster: Roster,
    pub(super) pacer: Pacer,
    pub(super) prediction: Prediction,
    pub(super) chat_inbox: ChatInbox,
    pub(super) lag: Lag,
    pub(super) latest: Option<Latest>,
    /// `None` for a session that draws nothing.
    view_model: Option<ViewModel>,
    input: PlayerInput,
    /// When inputs were last sent.
    sent_ms: Option<f64>,
}

/// The last frame's head.
#[derive(Debug)]
pub(super) struct Latest {
    pub(super) tick: Tick,
    pub(super) viewer: ViewerState,
}

impl JoinedSession {
    pub(super) fn new(welcome: Welcome, draws: bool) -> Result<Self, SessionError> {
        welcome.arena.validate()?;
        if !(TICK_RATE_MIN..=TICK_RATE_MAX).contains(&welcome.tick_rate) {
            return Err(SessionError::TickRate(welcome.tick_rate));
        }
        let me = welcome.player.unwrap_or(PlayerId::NONE);
        let terrain = Terrain::new(welcome.arena.clone());
        let tick_ms = 1000.0 / f64::from(welcome.tick_rate);
        Ok(Self {
            timing: Timing::new(welcome.tick_rate, &welcome.arena.rules),
            replica: Replica::new(terrain.grid()),
            roster: Roster::default(),
            pacer: Pacer::new(tick_ms),
            prediction: Prediction::default(),
            view_model: draws.then(|| ViewModel::new(me, welcome.tick_rate)),
            chat_inbox: ChatInbox::default(),
            lag: Lag::new(tick_ms),
            me,
            input: PlayerInput::default(),
            sent_ms: None,
            latest: None,
            terrain,
            welcome,
        })
    }

    /// Runs the own ticks that are due.
    pub(super) fn advance(
        &mut self,
        now_ms: f64,
        input: PlayerInput,
        stats: &mut SessionStats,
        transmit: &mut Transmit<PlayerInput>,
    ) {
        self.input = input;
        let due = self.pacer.take_due(now_ms);
        let rewind = self.rewind(now_ms);
        let before = self.prediction.ship().map(|ship| ship.motion.position);
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

    /// Predicts an own tick and shows what the ship does in it.
    fn predict(&mut self, tick: Tick, input: PlayerInput, rewind: u16, now_ms: f64) {
        let around = Surroundings { terrain: &self.terrain, timing: &self.timing, replica: &self.replica };
        let (StepOutcome { fired, .. }, new) = self.prediction.predict(tick, input, now_ms, around);
        if let (Some(view_model), Some(ship)) = (&mut self.view_model, self.prediction.ship()) {
            if fired {
                view_model.fire(tick, ship, input.aim, rewind, &self.terrain, &self.timing);
            }
            let collected = self.prediction.collected();
            view_model.collect(&collected[collected.len() - new..], now_ms, &self.terrain);
        }
    }

    /// How far behind the own ship the other ships are shown, in parts of a tick. The server rewinds them by this much,
    /// so that a shot hits what its pilot sees.
    fn rewind(&self, now_ms: f64) -> u16 {
        let shown_ticks = match (&self.view_model, &self.latest) {
            (Some(view_model), _) => view_model.render_ticks(now_ms),
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
        frame: Frame,
        now_ms: f64,
        stats: &mut SessionStats,
        transmit: &mut Transmit<PlayerInput>,
    ) -> Result<(), SessionError> {
        let Frame { head, notices, cells } = frame;
        if let Some(before) = self.latest.as_ref().filter(|before| head.tick <= before.tick) {
            return Err(SessionError::Backwards(head.tick, before.tick));
        }
        if let Some(own) = head.viewer.own() {
            Emberdrift::validate_own(own, self.terrain.arena()).map_err(SessionError::Own)?;
        }
        transmit.on_frame(head.tick);
        let is_full_view = head.view.is_some_and(|view| view.reset);
        stats.full_views += u64::from(is_full_view);
        self.pacer.on_frame(head.tick, head.lead, now_ms);
        let own = self.own_view(now_ms);
        if let Some(view_model) = &mut self.view_model {
            if is_full_view {
                view_model.restart_clock();
            }
            view_model.begin_frame(head.tick, now_ms, own.motion);
        }
        for notice in notices {
            self.on_notice(notice);
        }
        self.replica.begin_frame(head.view);
        for chunk in &cells {
            match self.apply(chunk) {
                Applied::InSync | Applied::AwaitsResync => {}
                Applied::Resynced => stats.resyncs += 1,
                Applied::OutOfView => stats.stray_chunks += 1,
                Applied::OutOfSync => {
                    stats.checksum_mismatches += 1;
                    transmit.resync(chunk.cell);
                }
            }
        }
        self.end_frame(head, now_ms, stats);
        Ok(())
    }

    /// Applies a chunk and shows what its changes mean.
    fn apply(&mut self, chunk: &CellChunk) -> Applied {
        let Self { view_model, prediction, terrain, roster, .. } = self;
        self.replica.apply(chunk, |change, state| {
            let Some(view_model) = view_model else { return };
            view_model.on_change(chunk.cell, change, state, prediction.collected(), terrain);
            if let CellChange::Events(events) = change {
                for event in events.iter() {
                    if let Event::Death(Death { ship, by: Some(kill), .. }) = event {
                        view_model.scoreboard().add_kill(*ship, *kill, roster);
                    }
                }
            }
        })
    }

    /// What the frame says of the own ship, now that the cells are as they were then.
    fn end_frame(&mut self, head: FrameHead, now_ms: f64, stats: &mut SessionStats) {
        let around = Surroundings { terrain: &self.terrain, timing: &self.timing, replica: &self.replica };
        let own_ship = head.viewer.own().and_then(PilotState::ship);
        let reconciled = self.prediction.reconcile(head.tick, own_ship, now_ms, around);
        if let Some(ms) = reconciled.input_to_ack_ms {
            stats.record_ack(ms as f32);
            self.lag.on_ack(ms);
        }
        if let Some(view_model) = &mut self.view_model {
            view_model.end_frame(&self.replica, &head.viewer);
            (stats.frame_jitter_ms, stats.interpolation_delay_ms) = view_model.delays_ms();
            self.lag.set_jitter_buffer(stats.interpolation_delay_ms.into());
        }
        stats.record_prediction_error(reconciled.error);
        stats.frames_received += 1;
        stats.input_lead = head.lead;
        stats.last_frame_ms = Some(now_ms);
        let ships: usize = self.replica.cells().map(|(_, cell)| cell.bodies.len()).sum();
        let own_ships = usize::from(own_ship.is_some());
        stats.visible_bodies = ships.saturating_sub(own_ships) as u32;
        self.latest = Some(Latest { tick: head.tick, viewer: head.viewer });
    }

    fn on_notice(&mut self, notice: Notice) {
        if let Notice::Lag(lag) = notice {
            return self.lag.on_server_report(lag);
        }
        let is_renamed = self.roster.apply(&notice);
        let Some(view_model) = &mut self.view_model else { return };
        let scoreboard = view_model.scoreboard();
        if is_renamed {
            scoreboard.update_names(&self.roster);
        }
        match notice {
            Notice::Game(Announcement::Killed { victim, kill }) => {
                scoreboard.add_kill(victim, kill, &self.roster);
            }
            Notice::Leaderboard(leaderboard) => scoreboard.set_leaderboard(leaderboard, &self.roster),
            Notice::Roster(_) | Notice::Joined(_) | Notice::Left(_) | Notice::Lag(_) => {}
            Notice::Chat(line) => self.chat_inbox.push(ChatNotice::Line(line)),
            Notice::ChatHistory(lines) => self.chat_inbox.push(ChatNotice::History(lines)),
            Notice::Whisper(whisper) => self.chat_inbox.push(ChatNotice::Whisper(whisper)),
            Notice::ChatRejected(rejection) => self.chat_inbox.push(ChatNotice::Rejected(rejection)),
        }
    }

    fn own_view(&self, now_ms: f64) -> OwnView {
        let since_tick = self.pacer.fraction(now_ms) * self.timing.dt;
        OwnView {
            motion: self.prediction.shown(now_ms, self.input, since_tick, &self.terrain),
            predicted: self.prediction.ship().copied(),
            aim: self.input.aim,
        }
    }

    pub(super) fn draw(&mut self, now_ms: f64, out: &mut Scene, stats: &mut SessionStats) {
        let own = self.own_view(now_ms);
        let Some(view_model) = &mut self.view_model else { return };
        let known = Known {
            viewer: self.latest.as_ref().map(|latest| &latest.viewer),
            replica: &self.replica,
            collected: self.prediction.collected(),
            roster: &self.roster,
            terrain: &self.terrain,
        };
        view_model.draw(now_ms, own, known, out);
        stats.rendered_frames += 1;
        stats.extrapolated_frames += u64::from(view_model.is_extrapolating(now_ms));
    }
}
