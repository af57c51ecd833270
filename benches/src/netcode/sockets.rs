//! The same questions, asked once over real sockets: servers in this process, real proxies before them, and real time.
//! Less exact than the harness, because the machine has its own jitter; proof that the harness is like the real thing.

use std::{cell::RefCell, net::SocketAddr, time::Duration};

use client_web::{
    engine::reconnect::{Advice, Reconnect},
    game::{Session, SessionStats, scene::Scene},
};
use futures_util::{SinkExt, StreamExt, future::join_all};
use server::run::{self, Running};
use shared::game::arena::Arena;
use tokio::{
    net::TcpStream,
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use super::{
    controllers::{Aimer, Controller, Restless, Tally, View, Wanderer},
    experiments::{self, FlightStats},
    harness::TICK_RATE,
};
use crate::{
    conditioner::{Conditions, Proxy, ProxyError},
    worlds,
};

/// Between two drawn frames.
const RENDER: Duration = Duration::from_micros(16_667);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long each player plays before it is counted, and then.
const SETTLING: Duration = Duration::from_secs(6);
const COUNTED: Duration = Duration::from_secs(60);
/// Aimers and wanderers for each ping, each pair on a server of its own: one pair meets too seldom for a share.
const PAIRS: u64 = 16;

#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    #[error(transparent)]
    Start(#[from] run::StartError),
    #[error(transparent)]
    Proxy(#[from] ProxyError),
}

pub(super) struct Played {
    pub(super) rough: FlightStats,
    pub(super) stalling: FlightStats,
    /// From the end of each cut to the first frame with the same ship; infinite with another.
    pub(super) resumed_ms: Vec<f64>,
    /// With the ping. The first is without delay.
    pub(super) tallies: Vec<(f64, Tally)>,
}

/// Plays everything at once, in real time: a little over a minute.
pub(super) async fn play_all() -> Result<Played, SocketError> {
    let flight = async |conditions, seed| {
        let server = start(experiments::drift(), 24).await?;
        let counts = || {
            let telemetry = server.telemetry();
            (telemetry.ticks_total.get(), telemetry.inputs_missed_total.get())
        };
        let counting = async {
            sleep(SETTLING).await;
            let (ticks, starved) = counts();
            // Not the moments in which the player leaves.
            sleep(COUNTED - Duration::from_millis(500)).await;
            (counts().0 - ticks, counts().1 - starved)
        };
        let playing = play(&server, conditions, Restless::new(seed, true));
        let (played, (ticks, starved)) = tokio::join!(playing, counting);
        server.stop().await;
        let mut played = played?;
        (played.flight.ticks, played.flight.starved) = (ticks, starved);
        Ok::<_, SocketError>(played)
    };
    let pair = async |delay_ms, seed| {
        let arena = experiments::shooting_range();
        let (speed, size) = (arena.rules.shot.speed, arena.size);
        let server = start(arena, 0).await?;
        let (aimer, tally) = Aimer::new(speed);
        let shooting = play(&server, experiments::delayed(delay_ms, seed), aimer);
        let fleeing = play(&server, experiments::delayed(0.0, seed), Wanderer::new(size, seed));
        let (shot, fled) = tokio::join!(shooting, fleeing);
        server.stop().await;
        shot.and(fled).map(|_| tally.get())
    };
    let shots = async |delay_ms| {
        let tallies = join_all((1..=PAIRS).map(|seed| pair(delay_ms, seed))).await;
        let tallies = tallies.into_iter().collect::<Result<Vec<Tally>, _>>()?;
        Ok::<_, SocketError>((delay_ms, Tally::sum(tallies)))
    };
    let (rough, stalling, cut, tallies) = tokio::join!(
        flight(experiments::rough(1), 1),
        flight(experiments::stalling(2), 2),
        flight(experiments::cut(15_000.0, 1), 2),
        join_all([0.0, 50.0, 100.0, 200.0].map(shots)),
    );
    Ok(Played {
        rough: rough?.flight,
        stalling: stalling?.flight,
        resumed_ms: cut?.resumed_ms,
        tallies: tallies.into_iter().collect::<Result<_, _>>()?,
    })
}

async fn start(arena: Arena, drones: u16) -> Result<Running, SocketError> {
    Ok(run::start(worlds::server_options(arena, TICK_RATE, drones, 20)).await?)
}

/// What one player counted after it had settled.
#[derive(Clone, Debug, Default)]
struct Counted {
    flight: FlightStats,
    resumed_ms: Vec<f64>,
}

/// Plays behind a proxy until the time is over.
async fn play(
    server: &Running,
    conditions: Conditions,
    mut controller: impl Controller,
) -> Result<Counted, SocketError> {
    let proxy = Proxy::bind(([127, 0, 0, 1], 0).into(), &server.address().to_string(), conditions).await?;
    let player = Player { conditions, start: Instant::now(), counted: RefCell::default() };
    let address = proxy.address();
    tokio::select! {
        _ = proxy.run(|_| ()) => {}
        () = player.run(address, &mut controller) => {}
        () = sleep(SETTLING + COUNTED) => {}
    }
    Ok(player.counted.into_inner())
}

struct Player {
    conditions: Conditions,
    start: Instant,
    counted: RefCell<Counted>,
}

type Socket = WebSocketStream<TcpStream>;

impl Player {
    fn now_ms(&self) -> f64 {
        self.start.elapsed().as_secs_f64() * 1000.0
    }

    /// Plays, and reconnects whenever the connection is lost.
    async fn run(&self, address: SocketAddr, controller: &mut dyn Controller) {
        let mut reconnect = Reconnect::new(self.conditions.seed, false);
        let mut token = None;
        loop {
            let connecting = async {
                let stream = TcpStream::connect(address).await.ok()?;
                stream.set_nodelay(true).ok()?;
                Some(client_async(format!("ws://{address}/ws"), stream).await.ok()?.0)
            };
            if let Ok(Some(mut socket)) = timeout(CONNECT_TIMEOUT, connecting).await {
                let mut session = Session::new("Ada").with_resume_token(token);
                self.play(&mut socket, &mut session, &mut reconnect, controller).await;
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
        controller: &mut dyn Controller,
    ) {
        let mut render = interval(RENDER);
        render.set_missed_tick_behavior(MissedTickBehavior::Delay);
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
                            self.count_return(session);
                        }
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    _ => return,
                },
                _ = render.tick() => {
                    let now_ms = self.now_ms();
                    let input = controller.steer(&View { now_ms, scene: &scene, session });
                    session.advance(now_ms, input);
                    session.scene(now_ms, &mut scene);
                    controller.observe(&View { now_ms, scene: &scene, session });
                    self.count(session, &mut before);
                }
            }
        }
    }

    fn count_return(&self, session: &Session) {
        let now_ms = self.now_ms();
        if let Some(cut) = self.conditions.cut.filter(|cut| now_ms > cut.period_ms) {
            let ended_ms = (now_ms / cut.period_ms).floor() * cut.period_ms + cut.length_ms;
            let is_same = session.welcome().is_some_and(|welcome| welcome.is_resumed);
            let took_ms = if is_same { now_ms - ended_ms } else { f64::INFINITY };
            self.counted.borrow_mut().resumed_ms.push(took_ms);
        }
    }

    fn count(&self, session: &mut Session, before: &mut SessionStats) {
        let stats = session.stats().clone();
        let errors: Vec<f32> = session.drain_prediction_errors().collect();
        if self.start.elapsed() >= SETTLING {
            let flight = &mut self.counted.borrow_mut().flight;
            flight.corrections.extend(errors);
            flight.drawn += stats.rendered_frames - before.rendered_frames;
            flight.extrapolated += stats.extrapolated_frames - before.extrapolated_frames;
        }
        *before = stats;
    }
}
