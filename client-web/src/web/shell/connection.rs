//! The connection as the page sees it: a session, a socket under it, and another try when it breaks. It must not
//! know what the bytes mean or how anything is shown.

use std::rc::Rc;

use shared::{
    engine::{
        input::PlayerInput,
        protocol::{CloseReason, ResumeToken},
    },
    game::terrain::Terrain,
};

use super::{
    banner::Notice,
    dom::{Result, window},
    language::strings,
    socket::{Socket, SocketEvent},
    status::Status,
};
use crate::{
    engine::{
        chat::{ChatEntry, ChatLog},
        lag::Lag,
        reconnect::{Advice, Reconnect, SILENCE_MS_MAX},
    },
    game::{Session, scene::Scene, strings::fill},
};

/// Kept across the reload for a new version, until a game begins: it is done once, not for ever.
const RELOADED: &str = "emberdrift.reloaded";

/// With what a player gets its ship back: also after the page is loaded again.
const RESUME: &str = "emberdrift.resume";

/// A connection that lasted for so long was a good one, in milliseconds.
const LASTED_MS: f64 = 10_000.0;

/// Where the connection stands.
enum Stage {
    /// A socket opens, or the first frame is awaited.
    Connecting,
    /// Frames come.
    InGame,
    /// Between tries.
    Waiting { until_ms: f64, why: Option<CloseReason> },
    /// No further try would help.
    Over(Option<CloseReason>),
}

/// How a pilot wants to appear.
#[derive(Clone, Debug, Default)]
pub(in crate::web) struct Intent {
    pub(in crate::web) name: String,
    /// Below [`shared::engine::limits::COLOURS`].
    pub(in crate::web) colour: Option<u8>,
}

/// A player's connection, through all its breaks; or that of a visitor who looks on.
pub(in crate::web) struct Connection {
    /// `None` for one that only watches.
    pilot: Option<Intent>,
    /// The slug of its arena; `None` for the server's first.
    arena: Option<String>,
    tell: Rc<dyn Fn(SocketEvent)>,
    session: Session,
    /// With what the ship can be had back.
    token: Option<ResumeToken>,
    socket: Option<Socket>,
    stage: Stage,
    reconnect: Reconnect,
    tries: u32,
    played: bool,
    is_hidden: bool,
    /// When somebody last began to look.
    looked_ms: f64,
    /// When the game began on this connection.
    began_ms: f64,
    /// Frames and mismatches of the sessions before this one.
    before: (u64, u64),
}

impl Connection {
    /// Connects to an arena, as this pilot or to watch.
    pub(in crate::web) fn new(
        pilot: Option<Intent>,
        arena: Option<String>,
        tell: Rc<dyn Fn(SocketEvent)>,
        now_ms: f64,
    ) -> Result<Self> {
        let mut connection = Self {
            session: Session::spectator(),
            token: None,
            is_hidden: false,
            looked_ms: now_ms,
            began_ms: now_ms,
            pilot,
            arena,
            tell,
            socket: None,
            stage: Stage::Connecting,
            reconnect: Reconnect::new(now_ms.to_bits(), was_reloaded()),
            tries: 0,
            played: false,
            before: (0, 0),
        };
        connection.token = connection.kept_token();
        connection.connect()?;
        Ok(connection)
    }

    fn connect(&mut self) -> Result<()> {
        let stats = self.session.stats();
        self.before.0 += stats.frames_received;
        self.before.1 += stats.checksum_mismatches;
        // A try that fails brings no token, and the last one is still good.
        self.token = self.session.resume_token().or(self.token);
        self.session = match &self.pilot {
            None => Session::spectator(),
            Some(Intent { name, colour }) => {
                Session::new(name).with_colour(*colour).with_resume_token(self.token)
            }
        };
        self.session.set_hidden(self.is_hidden);
        self.tries += 1;
        self.stage = Stage::Connecting;
        self.socket = Some(Socket::open(self.arena.as_deref(), Rc::clone(&self.tell))?);
        Ok(())
    }

    /// Takes in what the socket tells; `true` when the game begins with it.
    pub(in crate::web) fn hear(&mut self, event: SocketEvent, now_ms: f64) -> Result<bool> {
        let mut began = false;
        match event {
            SocketEvent::Opened => {}
            SocketEvent::Message(bytes) => {
                if let Err(error) = self.session.handle_message(&bytes, now_ms) {
                    web_sys::console::warn_1(&error.to_string().into());
                    self.ended(None, now_ms)?;
                } else if matches!(self.stage, Stage::Connecting) && self.session.tick().is_some() {
                    self.stage = Stage::InGame;
                    self.began_ms = now_ms;
                    self.keep_token();
                    self.reconnect.on_frame();
                    forget_reload();
                    self.played = true;
                    began = true;
                }
            }
            SocketEvent::Closed(code) => self.ended(CloseReason::from_code(code), now_ms)?,
        }
        self.flush();
        Ok(began)
    }

    /// A page that is loaded again goes on with the same ship.
    fn keep_token(&self) {
        if let (Some(store), Some(token)) = (kept(), self.session.resume_token()) {
            // Without it the next visit begins anew, which is no harm.
            let _ = store.set_item(RESUME, &format!("{token} {} {}", self.arena_word(), self.name()));
        }
    }

    /// The token of the page before it was loaded again; none for another name, which asks for another ship, or for
    /// another arena.
    fn kept_token(&self) -> Option<ResumeToken> {
        self.pilot.as_ref()?;
        let kept = kept()?.get_item(RESUME).ok()??;
        let (token, rest) = kept.split_once(' ')?;
        let (arena, name) = rest.split_once(' ')?;
        token.parse().ok().filter(|_| (arena, name) == (self.arena_word(), self.name()))
    }

    /// The arena's slug, in which there are no spaces.
    fn arena_word(&self) -> &str {
        self.arena.as_deref().unwrap_or_default()
    }

    /// Says goodbye: the ship goes at once, and is not to be had back.
    pub(in crate::web) fn leave(self) {
        if let Some(store) = kept() {
            let _ = store.remove_item(RESUME);
        }
        if let Some(socket) = &self.socket {
            socket.say_goodbye();
        }
    }

    /// Whether anybody looks at the page.
    pub(in crate::web) fn set_hidden(&mut self, is_hidden: bool, now_ms: f64) {
        if self.is_hidden != is_hidden {
            (self.is_hidden, self.looked_ms) = (is_hidden, now_ms);
            self.session.set_hidden(is_hidden);
            self.flush();
            // Nobody waits for a timer that was held up meanwhile.
            if let Stage::Waiting { until_ms, .. } = &mut self.stage {
                *until_ms = now_ms;
            }
        }
    }

    fn ended(&mut self, why: Option<CloseReason>, now_ms: f64) -> Result<()> {
        self.socket = None;
        self.stage = match self.reconnect.on_lost(why, now_ms) {
            // In a hidden page timers run once a minute, which is as long as the ship is kept.
            // Not one that ends again and again, though.
            Advice::Retry { .. }
                if self.is_hidden
                    && matches!(self.stage, Stage::InGame)
                    && now_ms - self.began_ms > LASTED_MS =>
            {
                return self.connect();
            }
            Advice::Retry { pause_ms } => Stage::Waiting { until_ms: now_ms + pause_ms, why },
            Advice::ReloadPage => {
                reload()?;
                Stage::Over(why)
            }
            Advice::GiveUp => Stage::Over(why),
        };
        Ok(())
    }

    /// A few times a second: tries again when it is time.
    pub(in crate::web) fn pulse(&mut self, now_ms: f64) -> Result<()> {
        match self.stage {
            Stage::Waiting { until_ms, .. } if now_ms >= until_ms => self.connect(),
            Stage::InGame if !self.is_hidden && self.is_deaf(now_ms) => self.ended(None, now_ms),
            _ => Ok(()),
        }
    }

    /// Whether frames should have come, and did not for long.
    fn is_deaf(&self, now_ms: f64) -> bool {
        let last_ms = self.session.stats().last_frame_ms.unwrap_or(now_ms).max(self.looked_ms);
        now_ms - last_ms > SILENCE_MS_MAX
    }

    /// Controls over what the pilot wants and sends what there is to send.
    pub(in crate::web) fn advance(&mut self, now_ms: f64, input: PlayerInput) {
        self.session.advance(now_ms, input);
        self.flush();
    }

    fn flush(&mut self) {
        let Some(socket) = self.socket.as_ref().filter(|socket| socket.is_open()) else {
            return;
        };
        while let Some(bytes) = self.session.poll_transmit() {
            socket.send(&bytes);
        }
    }

    /// Fills in what there is to draw.
    pub(in crate::web) fn scene(&mut self, now_ms: f64, scene: &mut Scene) {
        self.session.scene(now_ms, scene);
    }

    /// Says a line.
    pub(in crate::web) fn say(&mut self, line: &str) {
        self.session.send_chat(line);
        self.flush();
    }

    /// Controls over what was said.
    pub(in crate::web) fn listen(&mut self, log: &mut ChatLog) -> Vec<ChatEntry> {
        let me = self.session.player_id();
        self.session.take_chat().into_iter().flat_map(|notice| log.receive(notice, me)).collect()
    }

    /// Whether frames come.
    pub(in crate::web) fn in_game(&self) -> bool {
        matches!(self.stage, Stage::InGame)
    }

    /// Whether it only watches.
    pub(in crate::web) fn watches(&self) -> bool {
        self.pilot.is_none()
    }

    /// How it wants to appear; nothing for who watches.
    pub(in crate::web) fn pilot(&self) -> Option<&Intent> {
        self.pilot.as_ref()
    }

    /// Whose connection it is; empty for who watches.
    pub(in crate::web) fn name(&self) -> &str {
        self.pilot.as_ref().map_or("", |pilot| &pilot.name)
    }

    /// The arena, once the server said.
    pub(in crate::web) fn terrain(&self) -> Option<&Terrain> {
        self.session.terrain()
    }

    /// Whether frames of an own ship ever came: then the last picture stays until the next connection has a new one.
    pub(in crate::web) fn was_flown(&self) -> bool {
        self.played && !self.watches()
    }

    /// A word for where it stands while no frames come.
    pub(in crate::web) fn phase(&self) -> &'static str {
        match self.stage {
            Stage::Connecting if self.tries <= 1 => "connecting",
            Stage::Over(_) => "ended",
            _ => "reconnecting",
        }
    }

    /// What the visitor should know.
    pub(in crate::web) fn notice(&self, now_ms: f64) -> Notice {
        match &self.stage {
            // Behind the card there is something to look at in any case.
            _ if self.watches() => Notice::Nothing,
            Stage::InGame => Notice::Nothing,
            Stage::Connecting if self.tries <= 1 => Notice::Connecting,
            Stage::Connecting => Notice::TryingAgain,
            Stage::Waiting { until_ms, why } => {
                let seconds = ((until_ms - now_ms) / 1000.0).max(0.0).ceil() as u32;
                match why {
                    Some(CloseReason::Full) => Notice::Full { seconds },
                    Some(CloseReason::ShuttingDown) => Notice::ShuttingDown { seconds },
                    _ => Notice::Reconnecting { seconds },
                }
            }
            Stage::Over(Some(CloseReason::VersionMismatch)) => Notice::OtherVersion,
            Stage::Over(Some(CloseReason::Replaced)) => Notice::Elsewhere,
            Stage::Over(why) => Notice::Ended(*why),
        }
    }

    /// The parts of the delay, while there is a game.
    pub(in crate::web) fn lag(&self) -> Option<&Lag> {
        self.session.lag()
    }

    /// A picture took so long from its scene to the screen.
    pub(in crate::web) fn rendered(&mut self, ms: f64) {
        self.session.on_rendered(ms);
    }

    /// Tells tests and the lag readout what the session measured.
    pub(in crate::web) fn tell(&self, status: &mut Status, lines: &mut Vec<(&'static str, String)>) {
        let stats = self.session.stats();
        status.arena = self.terrain().map_or("", |terrain| &terrain.arena().name).to_owned();
        status.frames = self.before.0 + stats.frames_received;
        status.checksum_mismatches = self.before.1 + stats.checksum_mismatches;
        status.input_to_ack_ms = stats.input_to_ack_ms;
        status.corrections = stats.corrections;
        status.connections = self.tries;
        status.is_resumed = self.session.welcome().is_some_and(|welcome| welcome.is_resumed);
        status.tick_rate = self.session.welcome().map_or(0, |welcome| welcome.tick_rate);
        let drawn = stats.rendered_frames.max(1) as f64;
        let words = strings();
        lines.extend([
            (words.input_to_ack, format!("{:.0} ms", stats.input_to_ack_ms)),
            (words.frame_jitter, format!("{:.0} ms", stats.frame_jitter_ms)),
            (words.input_lead, fill(words.ticks, &[&stats.input_lead.to_string()])),
            (words.prediction_error, format!("{:.2}", stats.prediction_error)),
            (words.extrapolated, format!("{:.1} %", 100.0 * stats.extrapolated_frames as f64 / drawn)),
            (words.desynced, status.checksum_mismatches.to_string()),
        ]);
    }
}

/// Loads the page again, and leaves word that this was done.
fn reload() -> Result<()> {
    if let Some(store) = kept() {
        // Without word the page may reload once more: better than not at all.
        let _ = store.set_item(RELOADED, "1");
    }
    window()?.location().reload()
}

fn was_reloaded() -> bool {
    kept().is_some_and(|store| matches!(store.get_item(RELOADED), Ok(Some(_))))
}

fn forget_reload() {
    if let Some(store) = kept() {
        let _ = store.remove_item(RELOADED);
    }
}

/// What this tab keeps across a reload; some browsers keep nothing.
fn kept() -> Option<web_sys::Storage> {
    window().ok()?.session_storage().ok().flatten()
}
