//! The client's side of one connection: bytes in, bytes out, and what to draw. It knows neither sockets nor
//! clocks: the caller brings messages, milliseconds and the player's wishes.
//!
//! A caller does, in this order and as often as it likes: [`Session::handle_message`] for each message,
//! [`Session::advance`] with the time and the present input, [`Session::poll_transmit`] until it is empty, and
//! [`Session::scene`] to draw.

use std::collections::VecDeque;

use shared::{
    Vec2,
    ids::{CellIndex, InputSeq, PlayerId, Tick},
    input::PlayerInput,
    limits::{POSITION_STEPS_PER_UNIT, TICK_RATE_MAX, TICK_RATE_MIN},
    protocol::{
        CellChange, CellState, DecodeError, Frame, Notice, OwnShip, PilotState, ServerMessage, Welcome,
        decode_server,
    },
    rules::RuleError,
    terrain::Terrain,
};

use super::{
    chat::Earshot,
    pacer::Pacer,
    picture::{OwnView, Picture},
    prediction::Prediction,
    replica::{Applied, Replica},
    roster::Roster,
    scene::Scene,
    stats::SessionStats,
    transmit::Transmit,
};

/// Why a session cannot go on. The caller hangs up.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SessionError {
    /// Bytes that are no message.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// An arena that breaks its own rules.
    #[error("the server's arena is invalid: {0}")]
    Arena(#[from] RuleError),
    /// A tick rate outside the protocol's range.
    #[error("the server ticks at {0} Hz, {TICK_RATE_MIN} to {TICK_RATE_MAX} are allowed")]
    TickRate(u16),
    /// A frame before the welcome, or a second welcome.
    #[error("a message at the wrong moment")]
    Unexpected,
    /// A frame that is not newer than the one before.
    #[error("a frame of tick {0:?} after one of tick {1:?}")]
    Backwards(Tick, Tick),
}

/// Another ship as the last frame said, exact to the wire's 1/16 unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VisibleShip {
    /// Whose.
    pub id: PlayerId,
    /// Its centre.
    pub position: Vec2,
    /// In units a second.
    pub velocity: Vec2,
    /// Size, 0 to 3.
    pub tier: u8,
    /// Nothing harms it.
    pub shielded: bool,
    /// Flown by the server.
    pub drone: bool,
}

/// The client's side of one connection.
#[derive(Debug)]
pub struct Session {
    transmit: Transmit,
    stats: SessionStats,
    pictured: bool,
    /// From the welcome on.
    playing: Option<Box<Playing>>,
}

#[derive(Debug)]
struct Playing {
    welcome: Welcome,
    me: PlayerId,
    terrain: Terrain,
    /// Seconds a tick: the same division as the server's, so the same bits.
    dt: f32,
    replica: Replica,
    roster: Roster,
    pacer: Pacer,
    prediction: Prediction,
    picture: Option<Picture>,
    earshot: Earshot,
    seq: InputSeq,
    input: PlayerInput,
    latest: Option<Latest>,
}

/// The last frame's head.
#[derive(Debug)]
struct Latest {
    tick: Tick,
    pilot: PilotState,
}

impl Session {
    /// A session that wishes for this name; the hello waits to be sent.
    pub fn new(name: &str) -> Self {
        Self {
            transmit: Transmit::hello(name),
            stats: SessionStats::default(),
            pictured: true,
            playing: None,
        }
    }

    /// A session that nobody looks at: everything but [`Self::scene`], which stays empty. For load bots, of
    /// which hundreds share a machine.
    pub fn unseen(name: &str) -> Self {
        Self { pictured: false, ..Self::new(name) }
    }

    /// Takes in one message. After an error the session is over.
    pub fn handle_message(&mut self, bytes: &[u8], now_ms: f64) -> Result<(), SessionError> {
        self.stats.bytes_received += bytes.len() as u64;
        match (decode_server(bytes)?, &mut self.playing) {
            (ServerMessage::Welcome(welcome), None) => {
                self.transmit.begin(welcome.tick_rate);
                self.playing = Some(Box::new(Playing::new(*welcome, self.pictured)?));
                Ok(())
            }
            (ServerMessage::Frame(frame), Some(playing)) => {
                playing.frame(frame, now_ms, &mut self.stats, &mut self.transmit)
            }
            (ServerMessage::Welcome(_), Some(_)) | (ServerMessage::Frame(_), None) => {
                Err(SessionError::Unexpected)
            }
        }
    }

    /// Says a line to everyone, or `/w NAME TEXT` to one. Whether it is passed on, the server decides.
    pub fn say(&mut self, line: &str) {
        self.transmit.say(line);
    }

    /// Takes the notices about chat that came since they were last taken. A session that nobody looks at has none.
    pub fn take_chat(&mut self) -> VecDeque<Notice> {
        self.playing.as_mut().map_or_else(VecDeque::new, |playing| playing.earshot.take())
    }

    /// Who this player is, once the server said.
    pub fn me(&self) -> Option<PlayerId> {
        self.playing.as_ref().map(|playing| playing.me)
    }

    /// The next message to send, if any.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.transmit.poll()
    }

    /// Runs the own ticks that are due, each with this input. To be called at least once a tick; more often
    /// makes the ship answer sooner. Does nothing before the welcome.
    pub fn advance(&mut self, now_ms: f64, input: PlayerInput) {
        let Some(playing) = &mut self.playing else { return };
        playing.input = input;
        let due = playing.pacer.take_due(now_ms);
        for _ in 0..due.ticks {
            playing.seq = playing.seq.next();
            playing.prediction.tick(playing.seq, input, now_ms, &playing.terrain, playing.dt);
            self.transmit.input(playing.seq, input);
        }
        self.stats.inputs_sent += u64::from(due.ticks);
        self.stats.ticks_skipped += u64::from(due.skipped);
    }

    /// When [`Self::advance`] next has something to do, in the caller's milliseconds; `None` before its first
    /// call after the welcome.
    pub fn next_tick_ms(&self) -> Option<f64> {
        self.playing.as_ref()?.pacer.next_ms()
    }

    /// Fills `out` with this moment. Events and kills are handed over once.
    pub fn scene(&mut self, now_ms: f64, out: &mut Scene) {
        if let Some(playing) = &mut self.playing {
            playing.draw(now_ms, out);
            out.hud.input_to_ack_ms = self.stats.input_to_ack_ms;
        } else {
            *out = Scene::default();
        }
    }

    /// What the server said at the start.
    pub fn welcome(&self) -> Option<&Welcome> {
        self.playing.as_ref().map(|playing| &playing.welcome)
    }

    /// The arena, its rocks sorted.
    pub fn terrain(&self) -> Option<&Terrain> {
        self.playing.as_ref().map(|playing| &playing.terrain)
    }

    /// Measurements.
    pub fn stats(&self) -> &SessionStats {
        &self.stats
    }

    /// Takes the times from input to answer in milliseconds, one for each frame that answered an input, since
    /// they were last taken.
    pub fn drain_input_to_ack_ms(&mut self) -> impl Iterator<Item = f32> + '_ {
        self.stats.drain_acks()
    }

    /// The tick of the last frame.
    pub fn tick(&self) -> Option<Tick> {
        self.playing.as_ref()?.latest.as_ref().map(|latest| latest.tick)
    }

    /// How it stood with the player at the last frame.
    pub fn pilot(&self) -> Option<&PilotState> {
        self.playing.as_ref()?.latest.as_ref().map(|latest| &latest.pilot)
    }

    /// The own ship at the last frame, exactly, if it flies.
    pub fn own_ship(&self) -> Option<&OwnShip> {
        match self.pilot()? {
            PilotState::Alive(own) => Some(own),
            PilotState::Dead { .. } | PilotState::Watching { .. } => None,
        }
    }

    /// Where the own ship is predicted to be after the last own tick, if it flies.
    pub fn own_position(&self) -> Option<Vec2> {
        let playing = self.playing.as_ref()?;
        playing.prediction.motion().map(|motion| motion.position)
    }

    /// Other ships in view at the last frame.
    pub fn visible_ships(&self) -> impl Iterator<Item = VisibleShip> + '_ {
        self.playing.iter().flat_map(|playing| {
            let me = playing.me;
            let per_second = f32::from(playing.welcome.tick_rate) / POSITION_STEPS_PER_UNIT;
            let others = playing.replica.ships().filter(move |(id, ..)| *id != me);
            others.map(move |(id, position, ship)| VisibleShip {
                id,
                position,
                velocity: Vec2::new(f32::from(ship.vx), f32::from(ship.vy)) * per_second,
                tier: ship.status.tier() as u8,
                shielded: ship.status.shielded(),
                drone: playing.roster.is_drone(id),
            })
        })
    }

    /// Embers around a place: at least those in view within `reach` of it. Where they lie and their value.
    pub fn embers_near(&self, centre: Vec2, reach: f32) -> impl Iterator<Item = (Vec2, u8)> + '_ {
        self.playing
            .iter()
            .flat_map(move |playing| playing.replica.embers_around(centre, reach))
            .map(|(place, ember)| (place, ember.value))
    }

    /// A cell as the server described it, if it is in view.
    pub fn cell(&self, cell: CellIndex) -> Option<&CellState> {
        self.playing.as_ref()?.replica.cell(cell)
    }
}

impl Playing {
    fn new(welcome: Welcome, pictured: bool) -> Result<Self, SessionError> {
        welcome.arena.validate()?;
        if !(TICK_RATE_MIN..=TICK_RATE_MAX).contains(&welcome.tick_rate) {
            return Err(SessionError::TickRate(welcome.tick_rate));
        }
        // A session is a pilot's: it asked for a ship.
        let me = welcome.player.ok_or(SessionError::Unexpected)?;
        let terrain = Terrain::new(welcome.arena.clone());
        let tick_ms = 1000.0 / f64::from(welcome.tick_rate);
        Ok(Self {
            dt: 1.0 / f32::from(welcome.tick_rate),
            replica: Replica::new(terrain.grid()),
            roster: Roster::default(),
            pacer: Pacer::new(tick_ms),
            prediction: Prediction::default(),
            picture: pictured.then(|| Picture::new(me, welcome.tick_rate)),
            earshot: Earshot::default(),
            me,
            seq: InputSeq::default(),
            input: PlayerInput::default(),
            latest: None,
            terrain,
            welcome,
        })
    }

    fn frame(
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
        self.pacer.queued(head.inputs_queued, now_ms);
        let own = self.own_view(now_ms);
        if let Some(picture) = &mut self.picture {
            picture.begin(head.tick, now_ms, own.motion);
        }
        for notice in notices {
            self.notice(notice);
        }

        self.replica.begin(head.view);
        for chunk in &cells {
            let applied = self.replica.apply(chunk, |change, state| {
                if let Some(picture) = &mut self.picture {
                    picture.look(chunk.cell, change, state, &self.terrain);
                    if let CellChange::Deaths(deaths) = change {
                        for (victim, by) in deaths.iter().filter_map(|death| Some((death.ship, death.by?))) {
                            picture.board().kill(victim, by, &self.roster);
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

        let answer = self.prediction.reconcile(head.acked, &head.pilot, now_ms, &self.terrain, self.dt);
        if let Some(ms) = answer.input_to_ack_ms {
            stats.answered(ms as f32);
        }
        if let Some(picture) = &mut self.picture {
            picture.end(&self.replica, &head.pilot);
            (stats.frame_jitter_ms, stats.interpolation_delay_ms) = picture.delays_ms();
        }
        stats.prediction_error = answer.error;
        stats.frames_received += 1;
        stats.inputs_queued = head.inputs_queued;
        stats.last_frame_ms = Some(now_ms);
        let ships: usize = self.replica.cells().map(|(_, cell)| cell.ships.len()).sum();
        let own_ships = usize::from(matches!(head.pilot, PilotState::Alive(_)));
        stats.visible_ships = ships.saturating_sub(own_ships) as u32;
        self.latest = Some(Latest { tick: head.tick, pilot: head.pilot });
        Ok(())
    }

    fn notice(&mut self, notice: Notice) {
        let renamed = self.roster.apply(&notice);
        let Some(picture) = &mut self.picture else { return };
        if renamed {
            picture.board().name(&self.roster);
        }
        match notice {
            Notice::Killed { victim, by } => picture.board().kill(victim, by, &self.roster),
            Notice::Standings(standings) => picture.board().rank(standings, &self.roster),
            Notice::Roster(_) | Notice::Joined(_) | Notice::Left(_) => {}
            Notice::Chat(_) | Notice::ChatHistory(_) | Notice::Whisper(_) | Notice::ChatRefused(_) => {
                self.earshot.hear(notice);
            }
        }
    }

    fn own_view(&self, now_ms: f64) -> OwnView {
        let part_seconds = self.pacer.part(now_ms) * self.dt;
        OwnView {
            motion: self.prediction.shown(now_ms, self.input, part_seconds, &self.terrain),
            aim: self.input.aim,
        }
    }

    fn draw(&mut self, now_ms: f64, out: &mut Scene) {
        let own = self.own_view(now_ms);
        let Some(picture) = &mut self.picture else { return };
        let pilot = self.latest.as_ref().map(|latest| &latest.pilot);
        picture.draw(now_ms, own, pilot, &self.replica, &self.roster, &self.terrain, out);
    }
}

#[cfg(test)]
mod tests;
