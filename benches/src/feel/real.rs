//! The same questions, asked once of real sockets: a server on this machine, real proxies before it, and real time. Less
//! exact than a rehearsal, because the machine has its own jitter; proof that the rehearsals are of the real thing.

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use client_web::{
    engine::reconnect::{Advice, Reconnect},
    game::{Session, SessionStats, scene::Scene},
};
use futures_util::{SinkExt, StreamExt, future::join_all};
use server::{
    engine::{
        net::{Limits, Site},
        notifier::Notifier,
        telemetry::Telemetry,
    },
    game::arena_loop::ArenaSettings,
    run::{self, Options, Running},
};
use shared::game::arena::Arena;
use tokio::{
    net::TcpStream,
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use super::{
    pilots::{Helm, Marksman, Restless, Score, View, Wanderer},
    rehearsal,
};
use crate::link::{Every, LinkSpec, Proxy};

/// Between two pictures.
const PICTURE: Duration = Duration::from_micros(16_667);
/// A handshake that takes longer has failed.
const CONNECT: Duration = Duration::from_secs(5);

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub enum RealError {
    /// No server.
    #[error(transparent)]
    Start(#[from] run::StartError),
    /// No proxy.
    #[error(transparent)]
    Proxy(#[from] crate::link::ProxyError),
}

/// What one player's game came to, from when it had settled.
#[derive(Clone, Debug, Default)]
pub(super) struct Played {
    pub(super) errors: Vec<f32>,
    pub(super) pictures: u64,
    pub(super) extrapolated: u64,
    /// From when the link was back after a cut to the first frame with the same ship, in milliseconds.
    pub(super) resumed_ms: Vec<f64>,
}

/// A server in this process.
pub(super) struct Ground {
    running: Running,
}

impl Ground {
    pub(super) async fn open(arena: Arena, drones: u16) -> Result<Self, RealError> {
        let options = Options {
            listen: ([127, 0, 0, 1], 0).into(),
            game: ArenaSettings {
                arena,
                tick_rate: 30,
                drones,
                max_players: 20,
                seed: 1,
                reconnect_grace: Duration::from_secs(60),
                slow_tick: None,
            },
            others: Vec::new(),
            limits: Limits::for_players(20),
            site: Site::Embedded,
            echo: false,
            notifier: Notifier::default(),
        };
        Ok(Self { running: run::start(options).await? })
    }

    pub(super) fn telemetry(&self) -> &Arc<Telemetry> {
        self.running.telemetry()
    }

    pub(super) async fn close(self) {
        self.running.stop().await;
    }

    /// Plays behind a link until the time is over. What comes in the first `settling` is not counted.
    pub(super) async fn play(
        &self,
        link: LinkSpec,
        mut helm: impl Helm,
        settling: Duration,
        counted: Duration,
    ) -> Result<Played, RealError> {
        let proxy =
            Proxy::bind(([127, 0, 0, 1], 0).into(), &self.running.address().to_string(), link).await?;
        let (address, start) = (proxy.address(), Instant::now());
        let played = Rc::new(RefCell::new(Played::default()));
        let player = Player { link, start, settling, played: Rc::clone(&played) };
        tokio::select! {
            _ = proxy.run(|_| ()) => {}
            () = player.run(address, &mut helm) => {}
            () = sleep(settling + counted) => {}
        }
        Ok(played.take())
    }
}

struct Player {
    link: LinkSpec,
    start: Instant,
    settling: Duration,
    played: Rc<RefCell<Played>>,
}

type Socket = WebSocketStream<TcpStream>;

impl Player {
    fn now_ms(&self) -> f64 {
        self.start.elapsed().as_secs_f64() * 1000.0
    }

    /// Plays, and comes back whenever the connection is lost.
    async fn run(self, address: std::net::SocketAddr, helm: &mut dyn Helm) {
        let mut reconnect = Reconnect::new(self.link.seed, false);
        let mut token = None;
        loop {
            let connecting = async {
                let stream = TcpStream::connect(address).await.ok()?;
                stream.set_nodelay(true).ok()?;
                Some(client_async(format!("ws://{address}/ws"), stream).await.ok()?.0)
            };
            if let Ok(Some(mut socket)) = timeout(CONNECT, connecting).await {
                let mut session = Session::new("Ada").with_resume_token(token);
                self.play(&mut socket, &mut session, &mut reconnect, helm).await;
                token = session.resume_token().or(token);
            }
            match reconnect.on_lost(None, self.now_ms()) {
                Advice::Retry { pause_ms } => sleep(Duration::from_secs_f64(pause_ms / 1000.0)).await,
                Advice::ReloadPage | Advice::GiveUp => return,
            }
        }
    }

    /// Plays until the connection is lost.
    async fn play(
        &self,
        socket: &mut Socket,
        session: &mut Session,
        reconnect: &mut Reconnect,
        helm: &mut dyn Helm,
    ) {
        let mut pictures = interval(PICTURE);
        pictures.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut scene, mut before) = (Scene::default(), SessionStats::default());
        let mut is_new = true;
        loop {
            while let Some(bytes) = session.poll_transmit() {
                if socket.send(Message::Binary(bytes.into())).await.is_err() {
                    return;
                }
            }
            tokio::select! {
                message = socket.next() => match message {
                    Some(Ok(Message::Binary(bytes))) => {
                        if session.handle_message(&bytes, self.now_ms()).is_err() {
                            return;
                        }
                        if session.tick().is_some() && std::mem::take(&mut is_new) {
                            reconnect.on_frame();
                            self.came_back(session);
                        }
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    _ => return,
                },
                _ = pictures.tick() => {
                    let now_ms = self.now_ms();
                    let input = helm.steer(&View { now_ms, scene: &scene, session });
                    session.advance(now_ms, input);
                    session.scene(now_ms, &mut scene);
                    helm.look(&View { now_ms, scene: &scene, session });
                    self.count(session, &mut before);
                }
            }
        }
    }

    fn came_back(&self, session: &Session) {
        let now_ms = self.now_ms();
        if let Some(cut) = self.link.cut.filter(|cut| now_ms > cut.period_ms) {
            let ended_ms = (now_ms / cut.period_ms).floor() * cut.period_ms + cut.lasts_ms;
            let is_same = session.welcome().is_some_and(|welcome| welcome.is_resumed);
            self.played.borrow_mut().resumed_ms.push(if is_same { now_ms - ended_ms } else { f64::INFINITY });
        }
    }

    fn count(&self, session: &mut Session, before: &mut SessionStats) {
        let stats = session.stats().clone();
        let errors: Vec<f32> = session.drain_prediction_errors().collect();
        if self.start.elapsed() >= self.settling {
            let mut played = self.played.borrow_mut();
            played.errors.extend(errors);
            played.pictures += stats.rendered_frames - before.rendered_frames;
            played.extrapolated += stats.extrapolated_frames - before.extrapolated_frames;
        }
        *before = stats;
    }
}

/// What the players of all grounds came to.
pub(super) struct Real {
    pub(super) rough: Played,
    pub(super) rough_ticks: u64,
    pub(super) rough_starved: u64,
    pub(super) stalling: Played,
    pub(super) cut: Played,
    /// Ping, and the marksman's score.
    pub(super) scores: Vec<(f64, Score)>,
}

/// How long each plays before it is counted, and then.
const SETTLING: Duration = Duration::from_secs(6);
const COUNTED: Duration = Duration::from_secs(60);
/// Marksmen and their prey for each ping, each pair in an arena of its own.
const PAIRS: u64 = 16;

/// Plays everything at once, in real time: a little over a minute.
pub(super) async fn play_all() -> Result<Real, RealError> {
    let link = rehearsal::rough(1);
    let rough = async {
        let ground = Ground::open(rehearsal::drift(), 24).await?;
        let playing = ground.play(link, Restless::new(1, true), SETTLING, COUNTED);
        let counting = async {
            sleep(SETTLING).await;
            let metrics = ground.telemetry();
            let before = (metrics.ticks_total.get(), metrics.inputs_missed_total.get());
            sleep(COUNTED - Duration::from_millis(500)).await;
            (metrics.ticks_total.get() - before.0, metrics.inputs_missed_total.get() - before.1)
        };
        let (played, (ticks, starved)) = tokio::join!(playing, counting);
        ground.close().await;
        Ok::<_, RealError>((played?, ticks, starved))
    };
    let alone = async |link| {
        let ground = Ground::open(rehearsal::drift(), 24).await?;
        let played = ground.play(link, Restless::new(2, true), SETTLING, COUNTED).await;
        ground.close().await;
        played
    };
    let cut = LinkSpec { cut: Some(Every { lasts_ms: 5000.0, period_ms: 15_000.0 }), ..link };
    let pair = async |delay_ms, seed| {
        let arena = rehearsal::range();
        let (speed, size) = (arena.rules.shot.speed, arena.size);
        let ground = Ground::open(arena, 0).await?;
        let (marksman, score) = Marksman::new(speed);
        let shooting = ground.play(rehearsal::link(delay_ms, 0.0, seed), marksman, SETTLING, COUNTED);
        let fleeing =
            ground.play(rehearsal::link(0.0, 0.0, seed), Wanderer::new(size, seed), SETTLING, COUNTED);
        let (shot, fled) = tokio::join!(shooting, fleeing);
        ground.close().await;
        let score = *score.borrow();
        shot.and(fled).map(|_| score)
    };
    // One pair meets too seldom for a share.
    let shots = async |delay_ms| {
        let scores = join_all((1..=PAIRS).map(|seed| pair(delay_ms, seed))).await;
        let scores = scores.into_iter().collect::<Result<Vec<Score>, _>>()?;
        let sum = |of: fn(&Score) -> u32| scores.iter().map(of).sum();
        Ok::<_, RealError>((
            delay_ms,
            Score { shots: sum(|score| score.shots), hits: sum(|score| score.hits) },
        ))
    };
    let (rough, stalling, cut, s0, s50, s100, s200) = tokio::join!(
        rough,
        alone(rehearsal::stalling(2)),
        alone(cut),
        shots(0.0),
        shots(50.0),
        shots(100.0),
        shots(200.0)
    );
    let (rough, rough_ticks, rough_starved) = rough?;
    let scores = vec![s0?, s50?, s100?, s200?];
    Ok(Real { rough, rough_ticks, rough_starved, stalling: stalling?, cut: cut?, scores })
}
