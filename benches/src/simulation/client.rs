//! A well-behaved client over all its connections: it plays, hides, chats, reloads, leaves and rejoins, and reconnects when
//! `Reconnect` says so. It is never told to give up.

use std::{collections::VecDeque, rc::Rc, time::Duration};

use client_web::{
    engine::reconnect::{Advice, Reconnect},
    game::Session,
};
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use server::engine::net::Subprotocol;
use shared::engine::{
    input::{Angle, Buttons, PlayerInput},
    protocol::{CLOSE_MAY_RETURN, CloseReason, Role},
};
use tokio::{
    task::spawn_local,
    time::{Instant, sleep, sleep_until},
};

use super::{
    connection::{Connection, Incoming, reason},
    play::{Claimed, Play},
    scenario::{Act, Leaving, Plan, Sabotage},
    server::Server,
};

/// The code of a page that is closed.
const GOING_AWAY: u16 = 1001;
/// The code of a client that leaves for good.
const NORMAL: u16 = 1000;
/// How long a reload takes.
const RELOAD: Duration = Duration::from_millis(300);
/// Pause before a client that left rejoins as a new player.
const REJOIN: Duration = Duration::from_secs(1);
/// Between two inputs of the controls.
const INPUT_INTERVAL: Duration = Duration::from_millis(400);
/// Timers are no finer.
const SHORTEST: Duration = Duration::from_millis(1);

/// A client.
#[derive(Debug)]
pub(super) struct Client {
    plan: Plan,
    server: Rc<Server>,
    rng: Pcg64Mcg,
    end: Instant,
    acts: VecDeque<(Duration, Act)>,
    reconnect: Reconnect,
    claimed: Option<Claimed>,
    is_hidden: bool,
    input: PlayerInput,
    input_until: Instant,
    sabotage: Option<Sabotage>,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// By the server or the link, with a close code if one came.
    Over(Option<u16>),
    /// The client gave it up: nothing came for too long.
    Silent,
    Reloads,
    LeavesForGood,
    OpensSecondPage,
    /// The run is over.
    Done,
}

impl Client {
    /// One that leaves at `end`.
    pub(super) fn new(plan: Plan, server: Rc<Server>, end: Duration, sabotage: Option<Sabotage>) -> Self {
        let start = server.start;
        Self {
            rng: Pcg64Mcg::seed_from_u64(plan.seed),
            end: start + end,
            acts: plan.acts.iter().copied().collect(),
            reconnect: Reconnect::new(plan.seed, false),
            claimed: None,
            is_hidden: false,
            input: PlayerInput::default(),
            input_until: start,
            sabotage,
            plan,
            server,
        }
    }

    fn note(&self, what: &str) {
        self.server.journal.note(format_args!("{:<9}{what}", self.plan.address.ip().to_string()));
    }

    /// Comes, plays, and leaves in the end.
    pub(super) async fn run(mut self) {
        sleep(self.plan.arrives).await;
        while Instant::now() < self.end {
            let comes_again = match self.connect().await {
                Some((connection, play)) => self.use_connection(connection, play).await,
                None => {
                    self.note("cannot connect");
                    self.wait_to_retry(None).await
                }
            };
            if !comes_again {
                return;
            }
        }
    }

    /// Waits as it is advised. Returns whether to try again.
    async fn wait_to_retry(&mut self, why: Option<CloseReason>) -> bool {
        match self.reconnect.on_lost(why, self.server.journal.now_ms()) {
            Advice::Retry { pause_ms } => {
                sleep(Duration::from_secs_f64(pause_ms / 1000.0)).await;
                true
            }
            Advice::ReloadPage | Advice::GiveUp => {
                let law = "an honest client is never sent away";
                self.server.journal.broken(law, format_args!("{}: {why:?}", self.plan.address.ip()));
                false
            }
        }
    }

    async fn connect(&mut self) -> Option<(Connection, Play)> {
        let subprotocol = if self.plan.speaks_json { Subprotocol::Json } else { Subprotocol::Bincode };
        let Plan { address, conditions, .. } = self.plan;
        let seed = self.rng.next_u64();
        let (end, faults, process) = self.server.connect(subprotocol, address, conditions, seed).await?;
        let session = match self.plan.role {
            Role::Player => Session::headless(&self.plan.name),
            Role::Spectator => Session::spectator(),
        };
        let token = self.claimed.map(|claimed| claimed.token);
        let token = token.filter(|_| self.sabotage != Some(Sabotage::DropToken));
        let mut session = session.with_resume_token(token);
        session.set_hidden(self.is_hidden);
        let play = Play::new(session, &self.plan, Rc::clone(&self.server), self.is_hidden);
        self.note("connects");
        Some((Connection::new(end, subprotocol, faults, process).await, play))
    }

    /// Plays until the connection ends. Returns whether to connect again.
    async fn use_connection(&mut self, mut connection: Connection, mut play: Play) -> bool {
        let ended = self.play(&mut connection, &mut play).await;
        self.note(&format!("{ended:?}"));
        match ended {
            Ended::Over(code) => {
                play.explain_end(&connection, code);
                drop(connection);
                self.wait_to_retry(reason(code)).await
            }
            Ended::Silent => {
                play.explain_silence(&connection);
                drop(connection);
                self.wait_to_retry(None).await
            }
            Ended::Reloads => {
                connection.close(GOING_AWAY).await;
                sleep(RELOAD).await;
                true
            }
            Ended::LeavesForGood => {
                self.leave_for_good(connection, play.session.welcome().is_some()).await;
                sleep(REJOIN).await;
                true
            }
            Ended::OpensSecondPage => {
                play.is_replaced = true;
                let first = self.first_page();
                spawn_local(first.linger(connection, play));
                true
            }
            Ended::Done => {
                match self.plan.leaves {
                    Leaving::ForGood => {
                        self.leave_for_good(connection, play.session.welcome().is_some()).await;
                    }
                    Leaving::ClosesPage => connection.close(CLOSE_MAY_RETURN).await,
                    Leaving::Cut => connection.faults.cut(),
                    Leaving::Vanishes => connection.faults.vanish(),
                }
                false
            }
        }
    }

    async fn leave_for_good(&mut self, connection: Connection, is_welcome: bool) {
        let session = self.claimed.take().map(|claimed| claimed.session);
        self.server.laws(|laws| {
            laws.on_leave_for_good(session);
            if !is_welcome {
                // Its token may not have been good any more, so that it had another session.
                laws.on_leave_for_good(None);
            }
        });
        connection.close(NORMAL).await;
    }

    /// The page that has played so far, while a second one takes over.
    fn first_page(&mut self) -> Self {
        Self {
            plan: self.plan.clone(),
            server: Rc::clone(&self.server),
            rng: Pcg64Mcg::seed_from_u64(self.rng.next_u64()),
            acts: VecDeque::new(),
            reconnect: self.reconnect.clone(),
            ..*self
        }
    }

    /// Plays on until it is replaced, and does not come back.
    async fn linger(mut self, mut connection: Connection, mut play: Play) {
        let ended = self.play(&mut connection, &mut play).await;
        self.note(&format!("first page: {ended:?}"));
        if let Ended::Over(code) = ended {
            play.explain_end(&connection, code);
        }
    }

    async fn play(&mut self, connection: &mut Connection, play: &mut Play) -> Ended {
        while !self.server.journal.is_broken() {
            while let Some(message) = play.session.poll_transmit() {
                if connection.send(&message).await.is_err() {
                    break;
                }
            }
            tokio::select! {
                biased;
                incoming = connection.next() => match incoming {
                    Incoming::Message(message, bytes) => {
                        play.receive(&message, &bytes, connection, &mut self.claimed);
                        if play.session.tick().is_some() {
                            self.reconnect.on_frame();
                        }
                    }
                    Incoming::Malformed(why) => {
                        self.server.journal.broken("the server keeps to the protocol", format_args!("{why}"));
                    }
                    Incoming::Over(code) => return Ended::Over(code),
                },
                () = sleep_until(self.next_due(play)) => {
                    if let Some(ended) = self.on_time(connection, play) {
                        return ended;
                    }
                }
            }
        }
        Ended::Done
    }

    fn next_due(&self, play: &Play) -> Instant {
        let start = self.server.start;
        let act = self.acts.front().map(|(at, _)| start + *at);
        let plays = !self.is_hidden && self.plan.role == Role::Player;
        let tick = play.session.next_tick_ms().filter(|_| plays);
        let tick = tick.map(|ms| start + Duration::from_secs_f64(ms.max(0.0) / 1000.0));
        let due = [act, tick, play.silent_at()].into_iter().flatten().fold(self.end, Instant::min);
        due.max(Instant::now() + SHORTEST)
    }

    /// Does what is due.
    fn on_time(&mut self, connection: &Connection, play: &mut Play) -> Option<Ended> {
        let now = Instant::now();
        if now >= self.end {
            return Some(Ended::Done);
        }
        if play.silent_at().is_some_and(|at| now >= at) {
            return Some(Ended::Silent);
        }
        while let Some((_, act)) = self.acts.pop_front_if(|(at, _)| self.server.start + *at <= now) {
            self.note(&format!("{act:?}"));
            match act {
                Act::Stall(time) => connection.faults.stall(time),
                Act::Cut => connection.faults.cut(),
                Act::Vanish => connection.faults.vanish(),
                Act::Hide | Act::Show => {
                    let round_trip = (self.plan.conditions.delay + self.plan.conditions.jitter) * 2;
                    self.is_hidden = act == Act::Hide;
                    play.set_hidden(self.is_hidden, round_trip, connection);
                }
                Act::Chat => play.session.send_chat(&format!("hello {}", self.rng.random::<u8>())),
                Act::Reload => return Some(Ended::Reloads),
                Act::LeaveForGood => return Some(Ended::LeavesForGood),
                // Before the welcome its token may be the one that the first page is using.
                Act::SecondPage if play.session.welcome().is_some() => {
                    return Some(Ended::OpensSecondPage);
                }
                Act::SecondPage => {}
            }
        }
        if now >= self.input_until {
            self.input_until = now + INPUT_INTERVAL;
            self.input = PlayerInput { buttons: Buttons(self.rng.random()), aim: Angle(self.rng.random()) };
        }
        play.session.advance(self.server.journal.now_ms(), self.input);
        None
    }
}
