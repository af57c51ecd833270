//! A session from its welcome on: frames come in, ticks of the own ship go out. The parts of the client meet here; it
//! knows neither bytes nor what waits to be sent.

use shared::{
    engine::{
        ids::{PlayerId, Tick},
        input::PlayerInput,
        limits::{REWIND_PARTS, TICK_RATE_MAX, TICK_RATE_MIN},
    },
    game::{
        flight::StepOutcome,
        protocol::{CellChange, Frame, FrameHead, Notice, PilotState, Welcome},
        terrain::Terrain,
        timing::Timing,
    },
};

use super::{
    super::{
        prediction::{Field, Prediction},
        replica::{Applied, Replica},
        roster::Roster,
        scene::Scene,
        view_model::{OwnView, ViewModel},
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

/// Inputs sent at once, when the caller comes late: older ones would be too late for their ticks.
const CATCH_UP_MAX: u32 = 5;

#[derive(Debug)]
pub(super) struct JoinedSession {
    pub(super) welcome: Welcome,
    /// [`PlayerId::NOBODY`] for who watches.
    pub(super) me: PlayerId,
    pub(super) terrain: Terrain,
    pub(super) timing: Timing,
    pub(super) replica: Replica,
    pub(super) roster: Roster,
    pub(super) pacer: Pacer,
    pub(super) prediction: Prediction,
    pub(super) chat_inbox: ChatInbox,
    pub(super) lag: Lag,
    pub(super) latest: Option<Latest>,
    picture: Option<ViewModel>,
    input: PlayerInput,
    /// When inputs were last sent.
    sent_ms: Option<f64>,
}

/// The last frame's head.
#[derive(Debug)]
pub(super) struct Latest {
    pub(super) tick: Tick,
    pub(super) pilot: PilotState,
}

impl JoinedSession {
    pub(super) fn new(welcome: Welcome, pictured: bool) -> Result<Self, SessionError> {
        welcome.arena.validate()?;
        if !(TICK_RATE_MIN..=TICK_RATE_MAX).contains(&welcome.tick_rate) {
            return Err(SessionError::TickRate(welcome.tick_rate));
        }
        let me = welcome.player.unwrap_or(PlayerId::NOBODY);
        let terrain = Terrain::new(welcome.arena.clone());
        let tick_ms = 1000.0 / f64::from(welcome.tick_rate);
        let timing = Timing::new(welcome.tick_rate, &welcome.arena.rules);
        Ok(Self {
            timing,
            replica: Replica::new(terrain.grid()),
            roster: Roster::default(),
            pacer: Pacer::new(tick_ms),
            prediction: Prediction::default(),
            picture: pictured.then(|| ViewModel::new(me, welcome.tick_rate)),
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
        transmit: &mut Transmit,
    ) {
        self.input = input;
        let due = self.pacer.take_due(now_ms);
        let rewind = self.rewind(now_ms);
        let before = self.prediction.ship().map(|ship| ship.motion.position);
        for i in 0..due.ticks {
            let tick = due.first.after(i);
            let field = Field { terrain: &self.terrain, timing: &self.timing, replica: &self.replica };
            let (StepOutcome { fired, .. }, gathered) = self.prediction.tick(tick, input, now_ms, field);
            if let (Some(picture), Some(ship)) = (&mut self.picture, self.prediction.ship()) {
                if fired {
                    picture.fire(tick, ship, input.aim, rewind, &self.terrain, &self.timing);
                }
                let all = self.prediction.gathered();
                picture.gather(&all[all.len() - gathered..], now_ms, self.terrain.grid());
            }
            if i + 1 == due.leapt
                && let Some(before) = before
            {
                self.prediction.melt_from(before, now_ms);
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
            self.lag.sent(now_ms - before_ms);
        }
        if let Some(report) = self.lag.pass(now_ms) {
            transmit.lag(report);
        }
    }

    /// How far behind the own ship the others are shown, in parts of a tick: what is hit is what is seen.
    fn rewind(&self, now_ms: f64) -> u16 {
        let shown_ticks = match (&self.picture, &self.latest) {
            (Some(picture), _) => picture.shown_ticks(now_ms),
            // Who looks at no picture looks at the last frame.
            (None, Some(latest)) => f64::from(latest.tick.0),
            (None, None) => return 0,
        };
        // `as` saturates.
        libm::round((self.pacer.own_ticks(now_ms) - shown_ticks) * f64::from(REWIND_PARTS)) as u16
    }

    /// Nobody looks: no ticks are run, and what is shown begins anew with the next full view.
    pub(super) fn rest(&mut self) {
        self.pacer.rest();
        self.prediction.rest();
        self.sent_ms = None;
    }

    pub(super) fn frame(
        &mut self,
        frame: Frame,
        now_ms: f64,
        stats: &mut SessionStats,
        transmit: &mut Transmit,
    ) -> Result<(), SessionError> {
        let Frame { head, notices, cells } = frame;
        if let Some(before) = self.latest.as_ref().filter(|before| head.tick <= before.tick) {
            return Err(SessionError::Backwards(head.tick, before.tick));
        }
        transmit.saw(head.tick);
        let is_afresh = head.view.is_some_and(|view| view.reset);
        stats.full_views += u64::from(is_afresh);
        self.pacer.frame(head.tick, head.lead, now_ms);
        let own = self.own_view(now_ms);
        if let Some(picture) = &mut self.picture {
            if is_afresh {
                picture.forget_beat();
            }
            picture.begin(head.tick, now_ms, own.motion);
        }
        for notice in notices {
            self.notice(notice);
        }

        self.replica.begin(head.view);
        for chunk in &cells {
            let applied = self.replica.apply(chunk, |change, state| {
                if let Some(picture) = &mut self.picture {
                    let expected = self.prediction.gathered();
                    picture.look(chunk.cell, change, state, expected, &self.terrain);
                    if let CellChange::Deaths(deaths) = change {
                        for (victim, kill) in deaths.iter().filter_map(|death| Some((death.ship, death.by?)))
                        {
                            picture.board().kill(victim, kill, &self.roster);
                        }
                    }
                }
            });
            match applied {
                Applied::Well | Applied::StillDiffers => {}
                Applied::Resynced => stats.resyncs += 1,
                Applied::Stray => stats.stray_chunks += 1,
                Applied::Differs => {
                    stats.checksum_mismatches += 1;
                    transmit.resync(chunk.cell);
                }
            }
        }
        self.settle(head, now_ms, stats);
        Ok(())
    }

    /// What a frame says of the own ship, now that the cells are as they were then.
    fn settle(&mut self, head: FrameHead, now_ms: f64, stats: &mut SessionStats) {
        let field = Field { terrain: &self.terrain, timing: &self.timing, replica: &self.replica };
        let answer = self.prediction.reconcile(head.tick, &head.pilot, now_ms, field);
        if let Some(ms) = answer.input_to_ack_ms {
            stats.answered(ms as f32);
            self.lag.answered(ms);
        }
        if let Some(picture) = &mut self.picture {
            picture.end(&self.replica, &head.pilot);
            (stats.frame_jitter_ms, stats.interpolation_delay_ms) = picture.delays_ms();
            self.lag.buffered(stats.interpolation_delay_ms.into());
        }
        stats.corrected(answer.error);
        stats.frames_received += 1;
        stats.input_lead = head.lead;
        stats.last_frame_ms = Some(now_ms);
        let ships: usize = self.replica.cells().map(|(_, cell)| cell.ships.len()).sum();
        let own_ships = usize::from(matches!(head.pilot, PilotState::Alive(_)));
        stats.visible_ships = ships.saturating_sub(own_ships) as u32;
        self.latest = Some(Latest { tick: head.tick, pilot: head.pilot });
    }

    fn notice(&mut self, notice: Notice) {
        if let Notice::Lag(lag) = notice {
            return self.lag.server(lag);
        }
        let renamed = self.roster.apply(&notice);
        let Some(picture) = &mut self.picture else { return };
        if renamed {
            picture.board().name(&self.roster);
        }
        match notice {
            Notice::Killed { victim, kill } => picture.board().kill(victim, kill, &self.roster),
            Notice::Leaderboard(leaderboard) => picture.board().rank(leaderboard, &self.roster),
            Notice::Roster(_) | Notice::Joined(_) | Notice::Left(_) | Notice::Lag(_) => {}
            Notice::Chat(line) => self.chat_inbox.push(ChatNotice::Line(line)),
            Notice::ChatHistory(lines) => self.chat_inbox.push(ChatNotice::History(lines)),
            Notice::Whisper(whisper) => self.chat_inbox.push(ChatNotice::Whisper(whisper)),
            Notice::ChatRejected(rejection) => self.chat_inbox.push(ChatNotice::Rejected(rejection)),
        }
    }

    fn own_view(&self, now_ms: f64) -> OwnView {
        let part_seconds = self.pacer.part(now_ms) * self.timing.dt;
        OwnView {
            motion: self.prediction.shown(now_ms, self.input, part_seconds, &self.terrain),
            flight: self.prediction.ship().copied(),
            aim: self.input.aim,
        }
    }

    pub(super) fn draw(&mut self, now_ms: f64, out: &mut Scene, stats: &mut SessionStats) {
        let own = self.own_view(now_ms);
        let Some(picture) = &mut self.picture else { return };
        let pilot = self.latest.as_ref().map(|latest| &latest.pilot);
        let gathered = self.prediction.gathered();
        picture.draw(now_ms, own, pilot, &self.replica, gathered, &self.roster, &self.terrain, out);
        stats.pictures += 1;
        stats.pictures_extrapolated += u64::from(picture.is_extrapolating(now_ms));
    }
}
