//! The feed of one arena: what happens is gathered tick by tick, and becomes a document once a second. Must not know how
//! documents reach their subscribers. Without subscribers nothing is listed and nothing is allocated.

use std::time::Duration;

use shared::engine::{
    chat::ChatLine,
    feed::{FEED_EVENTS_MAX, FeedDocument, FeedEvents, FeedHealth, FeedLeaderboardRow, FeedScores},
    game_trait::{Arena as _, Game},
    ids::PlayerName,
    limits::LEADERBOARD_ROWS_MAX,
    roster::PlayerKind,
};

use super::{
    feed_channel::FeedSender,
    simulation::{PlayerOf, Simulation},
    telemetry::Telemetry,
};

/// Gathers the second that has begun.
#[derive(Debug)]
pub struct Recorder<G: Game> {
    sender: FeedSender<FeedDocument<G>>,
    events: FeedEvents<G>,
    ticks: u32,
    work: Duration,
    longest: Duration,
    /// At the end of the second before.
    before: Counters,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counters {
    frames: u64,
    frame_bytes: u64,
    frames_skipped: u64,
    messages_in: u64,
}

impl Counters {
    fn of(telemetry: &Telemetry) -> Self {
        Self {
            frames: telemetry.frames_total.get(),
            frame_bytes: telemetry.frame_bytes_total.get(),
            frames_skipped: telemetry.frames_skipped_total.get(),
            messages_in: telemetry.messages_in_total.get(),
        }
    }
}

/// Lists something if it is wanted and there is room; what is not listed is only counted.
fn list<T>(events: &mut Vec<T>, is_wanted: bool, event: impl FnOnce() -> Option<T>) {
    if is_wanted && events.len() < FEED_EVENTS_MAX {
        events.extend(event());
    }
}

impl<G: Game> Recorder<G> {
    /// Documents go to `sender`.
    pub fn new(sender: FeedSender<FeedDocument<G>>) -> Self {
        Self {
            sender,
            events: FeedEvents::default(),
            ticks: 0,
            work: Duration::ZERO,
            longest: Duration::ZERO,
            before: Counters::default(),
        }
    }

    /// How many read it.
    pub fn subscribers(&self) -> usize {
        self.sender.subscribers().count()
    }

    fn has_subscribers(&self) -> bool {
        self.subscribers() > 0
    }

    /// Notes what happened in a step.
    pub fn on_step<S: Simulation<Game = G>>(&mut self, sim: &S) {
        let is_wanted = self.has_subscribers();
        let Self { events, .. } = self;
        events.game_total += sim.feed_events();
        if is_wanted && events.game.len() < FEED_EVENTS_MAX {
            sim.list_feed_events(|event| list(&mut events.game, true, || Some(event)));
        }
        let joined = sim.changes().joined.iter().filter_map(|id| sim.players().get(*id));
        for player in joined.filter(|player| player.kind == PlayerKind::Human) {
            events.joined_total += 1;
            list(&mut events.joined, is_wanted, || Some(player.name.clone()));
        }
    }

    /// Notes that a player is about to leave.
    pub fn on_leave(&mut self, name: &PlayerName) {
        let is_wanted = self.has_subscribers();
        self.events.left_total += 1;
        list(&mut self.events.left, is_wanted, || Some(name.clone()));
    }

    /// Notes a chat line for everyone.
    pub fn on_chat(&mut self, line: &ChatLine) {
        let is_wanted = self.has_subscribers();
        self.events.chat_total += 1;
        list(&mut self.events.chat, is_wanted, || Some(line.clone()));
    }

    /// Notes how long a tick took.
    pub fn on_tick(&mut self, work: Duration) {
        self.ticks += 1;
        self.work += work;
        self.longest = self.longest.max(work);
    }

    /// Ends a second: its document goes out if there are subscribers. `time_ms` is the Unix time.
    pub fn end_second<S: Simulation<Game = G>>(
        &mut self,
        sim: &S,
        spectators: usize,
        telemetry: &Telemetry,
        time_ms: u64,
    ) {
        if self.has_subscribers() {
            let document = self.document(sim, spectators, telemetry, time_ms);
            self.sender.offer(document);
        } else {
            self.forget_second(telemetry);
        }
    }

    fn document<S: Simulation<Game = G>>(
        &mut self,
        sim: &S,
        spectators: usize,
        telemetry: &Telemetry,
        time_ms: u64,
    ) -> FeedDocument<G> {
        FeedDocument {
            arena: sim.arena().name().to_owned(),
            tick: sim.tick(),
            time_ms,
            scores: Some(scores(sim, spectators)),
            events: Some(self.take_events()),
            health: Some(self.take_health(sim.tick_rate(), telemetry)),
            // The network side adds what the arena does not know.
            today: None,
            totals: None,
        }
    }

    fn forget_second(&mut self, telemetry: &Telemetry) {
        (self.ticks, self.work, self.longest) = (0, Duration::ZERO, Duration::ZERO);
        self.before = Counters::of(telemetry);
        let FeedEvents { game, joined, left, chat, .. } = &mut self.events;
        game.clear();
        joined.clear();
        left.clear();
        chat.clear();
    }

    fn take_events(&mut self) -> FeedEvents<G> {
        let FeedEvents { game_total, joined_total, left_total, chat_total, .. } = self.events;
        let fresh = FeedEvents { game_total, joined_total, left_total, chat_total, ..FeedEvents::default() };
        core::mem::replace(&mut self.events, fresh)
    }

    fn take_health(&mut self, tick_rate: u16, telemetry: &Telemetry) -> FeedHealth {
        let (now, before) = (Counters::of(telemetry), self.before);
        let ms = |time: Duration| time.as_secs_f32() * 1000.0;
        let health = FeedHealth {
            tick_rate,
            ticks: self.ticks,
            tick_ms_mean: ms(self.work) / self.ticks.max(1) as f32,
            tick_ms_max: ms(self.longest),
            ticks_skipped_total: telemetry.ticks_skipped_total.get(),
            frames: now.frames - before.frames,
            frame_bytes: now.frame_bytes - before.frame_bytes,
            frames_skipped: now.frames_skipped - before.frames_skipped,
            messages_in: now.messages_in - before.messages_in,
            connections: u32::try_from(telemetry.connections.get()).unwrap_or(u32::MAX),
            overload_level: u8::try_from(telemetry.overload_level.get()).unwrap_or(u8::MAX),
        };
        self.before = now;
        (self.ticks, self.work, self.longest) = (0, Duration::ZERO, Duration::ZERO);
        health
    }
}

fn scores<S: Simulation>(sim: &S, spectators: usize) -> FeedScores {
    let all = sim.players();
    let players = all.iter().filter(|player| player.kind == PlayerKind::Human).count();
    let standing = |player: &PlayerOf<S>| {
        let score = sim.score(player)?;
        Some(FeedLeaderboardRow { name: player.name.clone(), kind: player.kind, score })
    };
    let ranked = sim.ranking().iter().filter_map(|id| all.get(*id));
    FeedScores {
        players: players as u32,
        bots: (all.len() - players) as u32,
        spectators: spectators as u32,
        bodies: all.iter().filter(|player| sim.body(player).is_some()).count() as u32,
        leaderboard: ranked.filter_map(standing).take(LEADERBOARD_ROWS_MAX).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{sessions::SessionId, simulation::Command, testing::TestSimulation};

    #[test]
    fn document_has_the_events_of_its_second_and_totals_since_the_start() {
        let mut sim = TestSimulation::new(3);
        let telemetry = Telemetry::new(&[]);
        let (sender, mut documents) = FeedSender::new();
        let subscribers = sender.subscribers();
        let mut recorder = Recorder::new(sender);
        for tick in 0..40 {
            let join =
                Command::Join { session: SessionId(tick), name: PlayerName::new("Ada").ok(), colour: None };
            sim.step(&[join]);
            if tick == 1 {
                assert!(subscribers.enter(1));
            }
            telemetry.frames_total.add(3);
            recorder.on_step(&sim);
            recorder.on_tick(Duration::from_millis(tick));
        }
        recorder.end_second(&sim, 2, &telemetry, 5);
        let document = documents.try_recv().unwrap();
        let (scores, events) = (document.scores.unwrap(), document.events.unwrap());
        assert_eq!((scores.players, scores.bots, scores.spectators, document.time_ms), (40, 0, 2, 5));
        assert_eq!((scores.leaderboard.len(), scores.bodies), (LEADERBOARD_ROWS_MAX, 40));
        assert_eq!((events.joined_total, events.joined.len()), (40, FEED_EVENTS_MAX));
        assert_eq!((events.game_total, events.game.len()), (40, FEED_EVENTS_MAX));
        let health = document.health.unwrap();
        assert_eq!((health.ticks, health.tick_ms_max, health.frames), (40, 39.0, 120));
        recorder.end_second(&sim, 0, &telemetry, 6);
        let next = documents.try_recv().unwrap();
        let (events, health) = (next.events.unwrap(), next.health.unwrap());
        assert_eq!((events.joined_total, events.joined.len(), health.frames), (40, 0, 0));
        assert_eq!((events.game_total, events.game.len()), (40, 0));
        subscribers.leave();
        recorder.end_second(&sim, 0, &telemetry, 7);
        assert!(documents.try_recv().is_err(), "no subscriber is left");
    }
}
