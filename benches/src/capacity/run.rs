//! A whole run: every kind of work, step by step, and the report of it. A step that fails is told in the report and
//! does not end the run.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use super::{
    arena,
    climb::Tried,
    judge::judge,
    machine::Machine,
    model::{Attempt, Figures, Ladder, PeerRuns, Report, Settings},
    pair::{PairError, Wish, measure},
    plan::{Part, PeerAt, Plan},
    programs::{self, Programs},
};

/// Players of ours and of the floor that come in a second.
const RAMP: u32 = 400;
/// Players of the peer that come in a second.
const PEER_RAMP: u32 = 100;
/// Bytes of the floor's frames where none of ours are known.
const FRAME_BYTES: u32 = 500;

/// Why a run cannot even begin, or was ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Programs that are not there.
    #[error("not built: {0}; `cargo xtask capacity` builds all that is needed")]
    Missing(String),
    /// The folder for what is written.
    #[error("cannot write to {folder}: {error}")]
    Out {
        /// Which.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Someone asked for its end.
    #[error("stopped")]
    Stopped,
}

/// Runs everything. `say` is told of each step as it ends; when `stop` turns true, the run ends and its programs with
/// it.
pub fn run(plan: &Plan, stop: &AtomicBool, say: &mut dyn FnMut(&str)) -> Result<Report, RunError> {
    let began = Instant::now();
    let programs = Programs::in_folder(&plan.programs);
    let missing: Vec<_> = programs.missing().iter().map(|file| file.display().to_string()).collect();
    if !missing.is_empty() {
        return Err(RunError::Missing(missing.join(", ")));
    }
    let raw = plan.out.join("raw");
    fs::create_dir_all(&raw).map_err(|error| RunError::Out { folder: raw.clone(), error })?;
    let settings = plan.settings();
    let mut run = Run { plan, settings, programs, raw, stop, say };
    let mut report = Report { machine: Machine::here(), settings, ..Report::default() };
    if plan.has(Part::Spread) {
        (report.spread, report.floor) = run.spread_and_floor();
    }
    if plan.has(Part::Crowd) {
        report.crowd = run.crowd();
    }
    if plan.has(Part::Peer) {
        run.peer(&mut report);
    }
    if plan.has(Part::Stalled) {
        let players = plan.stalled_players();
        report.stalled.without = Some(run.ours("stalled-without", "expanse", players, true, "spread", &[]));
        let more = ["--stalled", "0.2"];
        report.stalled.with = Some(run.ours("stalled-with", "expanse", players, true, "stalled", &more));
    }
    if stop.load(Ordering::Relaxed) {
        return Err(RunError::Stopped);
    }
    report.verdict = judge(&report);
    report.took_seconds = began.elapsed().as_secs_f64();
    Ok(report)
}

/// What the steps of a run have in common.
struct Run<'a> {
    plan: &'a Plan,
    settings: Settings,
    programs: Programs,
    /// Where the loads write.
    raw: PathBuf,
    stop: &'a AtomicBool,
    say: &'a mut dyn FnMut(&str),
}

impl Run<'_> {
    /// Turn by turn, so that both meet the machine in the same mood.
    fn spread_and_floor(&mut self) -> (Ladder, Ladder) {
        let (mut spread, mut floor) = (Ladder::default(), Ladder::default());
        let mut frame_bytes: BTreeMap<u32, u32> = BTreeMap::new();
        let began = Instant::now();
        loop {
            let next = self.next(&spread, Part::Spread, began);
            if let Some(players) = next {
                let attempt = self.ours("spread", "expanse", players, true, "spread", &[]);
                if let Some(bytes) =
                    attempt.figures.as_ref().and_then(|figures| figures.bytes_per_player_second)
                {
                    let bytes = bytes / f64::from(self.settings.tick_rate);
                    frame_bytes.insert(players, bytes.round().max(1.0) as u32);
                }
                spread.attempts.push(attempt);
            }
            let floors = self.next(&floor, Part::Spread, began);
            if let Some(players) = floors {
                let bytes = nearest(&frame_bytes, players).unwrap_or(FRAME_BYTES);
                floor.attempts.push(self.floor(players, bytes));
            }
            if next.is_none() && floors.is_none() {
                break;
            }
        }
        (self.held(spread), self.held(floor))
    }

    fn crowd(&mut self) -> Ladder {
        let mut ladder = Ladder::default();
        let began = Instant::now();
        let arena = self.raw.join("crowd.ron");
        let written = arena::crowd().map_err(Into::into).and_then(|made| arena::write(&made, &arena));
        while let Some(players) = self.next(&ladder, Part::Crowd, began) {
            ladder.attempts.push(match &written {
                Ok(()) => self.ours("crowd", &arena, players, true, "crowd", &[]),
                Err(error) => Attempt::failed(players, &error),
            });
        }
        self.held(ladder)
    }

    fn peer(&mut self, report: &mut Report) {
        let peer = &mut report.peer;
        peer.name = "Colyseus".to_owned();
        let folder = match &self.plan.peer {
            PeerAt::Folder(folder) => folder.clone(),
            PeerAt::Missing(why) => {
                (self.say)(&format!("{}: left out: {why}", peer.name));
                peer.left_out = Some(why.clone());
                return;
            }
        };
        for &mode in self.plan.peer_modes() {
            let attempts = self.plan.peer_players().iter().map(|&players| self.peers(&folder, mode, players));
            peer.runs.push(PeerRuns { mode: mode.to_owned(), attempts: attempts.collect() });
        }
        // The peer's players read each message when it comes, so these do too.
        let alike = ["--peaceful", "--eager"];
        for &players in self.plan.peer_players() {
            let arena = self.raw.join(format!("like-peer-{players}.ron"));
            let written =
                arena::like_peer(players).map_err(Into::into).and_then(|made| arena::write(&made, &arena));
            peer.ours.push(match written {
                Ok(()) => self.ours("like-peer", &arena, players, false, "spread", &alike),
                Err(error) => Attempt::failed(players, &error),
            });
        }
    }

    /// With how many players to go on; none when enough is known or the time is up.
    fn next(&self, ladder: &Ladder, part: Part, began: Instant) -> Option<u32> {
        if self.stop.load(Ordering::Relaxed) {
            return None;
        }
        let climb = self.plan.climb();
        let held = |attempt: &Attempt| attempt.shortfall(self.settings.gap_ms_max).is_none();
        let tried = ladder.attempts.iter().map(|one| Tried { players: one.players, held: held(one) });
        let next = climb.next(&tried.collect::<Vec<_>>())?;
        let has_time = began.elapsed() < self.plan.climb_time(part);
        (has_time || next <= climb.always).then_some(next)
    }

    fn held(&self, mut ladder: Ladder) -> Ladder {
        ladder.held = ladder.find_held(self.settings.gap_ms_max);
        ladder
    }

    fn ours(
        &mut self,
        name: &str,
        arena: impl AsRef<Path>,
        players: u32,
        with_drones: bool,
        scenario: &str,
        more: &[&str],
    ) -> Attempt {
        let tick_rate = self.settings.tick_rate;
        let server = self.programs.server(arena.as_ref(), players, with_drones, tick_rate);
        let programs = self.programs.clone();
        self.step(name, players, RAMP, server, |address, wish| programs.bots(address, wish, scenario, more))
    }

    fn floor(&mut self, players: u32, frame_bytes: u32) -> Attempt {
        let server = self.programs.floor_server(frame_bytes, self.settings.tick_rate);
        let programs = self.programs.clone();
        self.step("floor", players, RAMP, server, |address, wish| {
            programs.floor_load(address, frame_bytes, wish)
        })
    }

    fn peers(&mut self, folder: &Path, mode: &str, players: u32) -> Attempt {
        let server = programs::peer_server(folder, mode, self.settings.tick_rate);
        self.step(&format!("peer-{mode}"), players, PEER_RAMP, server, |address, wish| {
            programs::peer_load(folder, address, mode, wish)
        })
    }

    fn step(
        &mut self,
        name: &str,
        players: u32,
        ramp: u32,
        mut server: Command,
        load: impl FnOnce(std::net::SocketAddr, &Wish) -> Command,
    ) -> Attempt {
        if self.stop.load(Ordering::Relaxed) {
            return Attempt::failed(players, &RunError::Stopped);
        }
        let json = self.raw.join(format!("{name}-{players}.json"));
        let Settings { seconds, tick_rate, .. } = self.settings;
        let wish = Wish { players, seconds, ramp, tick_rate, json };
        let began = Instant::now();
        let measured = measure(&mut server, |address| load(address, &wish), &wish, self.stop);
        let took_seconds = began.elapsed().as_secs_f64();
        (self.say)(&format!("{name} {players}: {} ({took_seconds:.0} s)", told(&measured)));
        match measured {
            Ok(figures) => Attempt { players, figures: Some(figures), failure: None },
            Err(error) => Attempt::failed(players, &error),
        }
    }
}

/// The value of the key that is nearest.
fn nearest(known: &BTreeMap<u32, u32>, players: u32) -> Option<u32> {
    known.iter().min_by_key(|(key, _)| key.abs_diff(players)).map(|(_, &value)| value)
}

/// A step in a line.
fn told(measured: &Result<Figures, PairError>) -> String {
    let figures = match measured {
        Ok(figures) => figures,
        Err(error) => return format!("FAILED: {error}"),
    };
    let known =
        |value: Option<f64>, digits: usize| value.map_or("?".to_owned(), |value| format!("{value:.digits$}"));
    let doubt = figures.invalid_because.iter().map(|why| format!("; not valid: {why}")).collect::<String>();
    format!(
        "{} joined, {} at the end, gap p99 {} ms, {} µs per client-tick, {} cores, load {} cores{doubt}",
        figures.joined,
        figures.at_end,
        known(figures.frame_gap_ms.p99, 1),
        known(figures.cpu_us_per_client_tick, 1),
        known(figures.cpu_cores, 2),
        known(figures.load_cpu_cores, 2),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_the_nearest_number_of_players() {
        let known = BTreeMap::from([(250, 400), (1000, 700)]);
        assert_eq!(nearest(&known, 1000), Some(700));
        assert_eq!(nearest(&known, 300), Some(400));
        assert_eq!(nearest(&known, 3000), Some(700));
        assert_eq!(nearest(&BTreeMap::new(), 3000), None);
    }
}
