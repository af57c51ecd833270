//! A whole run: every kind of load, step by step, and the report of it. A step that fails is noted in the report and does
//! not end the run.

use std::{
    collections::BTreeMap,
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use super::{
    CapacityReport, Figures, LoadRequest, PairError, PeerAt, PeerRuns, Plan, Programs, Settings, Sweep,
    Trial, Work, measure,
    plan::{JUDGED_PLAYERS, Tried},
    programs, verdict,
};
use crate::{machine::Machine, report::fixed};

/// Players of ours and of the baseline that join in a second.
const RAMP: u32 = 400;
const PEER_RAMP: u32 = 100;
/// Bytes of the baseline's frames if ours were not measured.
const FRAME_BYTES: u32 = 500;

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("not built: {0}; `cargo xtask capacity` builds everything")]
    Missing(String),
    #[error("cannot write to {folder}: {error}")]
    Out { folder: PathBuf, error: io::Error },
    #[error("stopped")]
    Stopped,
}

/// Runs everything. `say` gets a line for each step that ends; when `stop` turns true, the run ends and its programs
/// with it.
pub fn run(plan: &Plan, stop: &AtomicBool, say: &mut dyn FnMut(&str)) -> Result<CapacityReport, RunError> {
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
    let mut report = CapacityReport { machine: Machine::here(), settings, ..CapacityReport::default() };
    if plan.has(Work::Spread) {
        (report.spread, report.baseline) = run.spread_and_baseline();
    }
    if plan.has(Work::Crowd) {
        report.crowd = run.crowd();
    }
    if plan.has(Work::Peer) {
        run.peer(&mut report);
    }
    if plan.has(Work::Stalled) {
        let players = plan.stalled_players();
        report.stalled.without = Some(run.ours("stalled-without", "expanse", players, true, "spread", &[]));
        let more = ["--stalled", "0.2"];
        report.stalled.with = Some(run.ours("stalled-with", "expanse", players, true, "stalled", &more));
    }
    if stop.load(Ordering::Relaxed) {
        return Err(RunError::Stopped);
    }
    report.verdict = verdict(&report);
    report.took_seconds = began.elapsed().as_secs_f64();
    Ok(report)
}

struct Run<'a> {
    plan: &'a Plan,
    settings: Settings,
    programs: Programs,
    /// The folder that the loads write to.
    raw: PathBuf,
    stop: &'a AtomicBool,
    say: &'a mut dyn FnMut(&str),
}

impl Run<'_> {
    /// In turns, so that both find the machine in the same state.
    fn spread_and_baseline(&mut self) -> (Sweep, Sweep) {
        let (mut spread, mut baseline) = (Sweep::default(), Sweep::default());
        let mut frame_bytes: BTreeMap<u32, u32> = BTreeMap::new();
        let began = Instant::now();
        loop {
            let ours = self.next(&spread, Work::Spread, began);
            if let Some(players) = ours {
                let trial = self.ours("spread", "expanse", players, true, "spread", &[]);
                if let Some(bytes) =
                    trial.figures.as_ref().and_then(|figures| figures.load.bytes_per_player_second.mean)
                {
                    let bytes = bytes / f64::from(self.settings.tick_rate);
                    frame_bytes.insert(players, bytes.round().max(1.0) as u32);
                }
                spread.trials.push(trial);
            }
            let theirs = self.next(&baseline, Work::Spread, began);
            if let Some(players) = theirs {
                let bytes = nearest(&frame_bytes, players).unwrap_or(FRAME_BYTES);
                baseline.trials.push(self.baseline(players, bytes));
            }
            if ours.is_none() && theirs.is_none() {
                return (self.held(spread), self.held(baseline));
            }
        }
    }

    fn crowd(&mut self) -> Sweep {
        let mut sweep = Sweep::default();
        let began = Instant::now();
        let arena = self.raw.join("crowd.ron");
        let written = programs::write_arena(programs::crowd(), &arena);
        while let Some(players) = self.next(&sweep, Work::Crowd, began) {
            sweep.trials.push(match &written {
                Ok(()) => self.ours("crowd", &arena, players, true, "crowd", &[]),
                Err(error) => Trial::failed(players, &error),
            });
        }
        self.held(sweep)
    }

    fn peer(&mut self, report: &mut CapacityReport) {
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
            let trials = self.plan.peer_players().iter().map(|&players| self.peers(&folder, mode, players));
            peer.runs.push(PeerRuns { mode: mode.to_owned(), trials: trials.collect() });
        }
        // The peer's players read each message when it arrives, so these do too.
        let alike = ["--peaceful", "--eager"];
        for &players in self.plan.peer_players() {
            let arena = self.raw.join(format!("like-peer-{players}.ron"));
            peer.ours.push(match programs::write_arena(programs::like_peer(players), &arena) {
                Ok(()) => self.ours("like-peer", &arena, players, false, "spread", &alike),
                Err(error) => Trial::failed(players, &error),
            });
        }
    }

    /// The number of players to go on with; none when enough is known or the time is up.
    fn next(&self, sweep: &Sweep, work: Work, began: Instant) -> Option<u32> {
        if self.stop.load(Ordering::Relaxed) {
            return None;
        }
        let search = self.plan.search();
        let held = |trial: &Trial| trial.shortfall(self.settings.gap_ms_max).is_none();
        let tried = sweep.trials.iter().map(|one| Tried { players: one.players, held: held(one) });
        let next = search.next(&tried.collect::<Vec<_>>())?;
        let has_time = began.elapsed() < self.plan.search_time(work);
        (has_time || next <= JUDGED_PLAYERS).then_some(next)
    }

    fn held(&self, mut sweep: Sweep) -> Sweep {
        sweep.held = sweep.find_held(self.settings.gap_ms_max);
        sweep
    }

    fn ours(
        &mut self,
        name: &str,
        arena: impl AsRef<Path>,
        players: u32,
        with_drones: bool,
        scenario: &str,
        more: &[&str],
    ) -> Trial {
        let server = self.programs.server(arena.as_ref(), players, with_drones);
        let programs = self.programs.clone();
        self.step(name, players, RAMP, server, |address, request| {
            programs.bots(address, request, scenario, more)
        })
    }

    fn baseline(&mut self, players: u32, frame_bytes: u32) -> Trial {
        let server = self.programs.baseline(frame_bytes);
        let programs = self.programs.clone();
        self.step("baseline", players, RAMP, server, |address, request| {
            programs.bots(address, request, "spread", &["--baseline", &frame_bytes.to_string()])
        })
    }

    fn peers(&mut self, folder: &Path, mode: &str, players: u32) -> Trial {
        let server = programs::peer_server(folder, mode);
        self.step(&format!("peer-{mode}"), players, PEER_RAMP, server, |address, request| {
            programs::peer_load(folder, address, mode, request)
        })
    }

    fn step(
        &mut self,
        name: &str,
        players: u32,
        ramp: u32,
        mut server: Command,
        load: impl FnOnce(SocketAddr, &LoadRequest) -> Command,
    ) -> Trial {
        if self.stop.load(Ordering::Relaxed) {
            return Trial::failed(players, &RunError::Stopped);
        }
        let json = self.raw.join(format!("{name}-{players}.json"));
        let request = LoadRequest { players, seconds: self.settings.seconds, ramp, json };
        let began = Instant::now();
        let measured = measure(&mut server, |address| load(address, &request), &request, self.stop);
        let took_seconds = began.elapsed().as_secs_f64();
        (self.say)(&format!("{name} {players}: {} ({took_seconds:.0} s)", summary(&measured)));
        match measured {
            Ok(figures) => Trial { players, figures: Some(figures), failure: None },
            Err(error) => Trial::failed(players, &error),
        }
    }
}

/// The value of the nearest key.
fn nearest(known: &BTreeMap<u32, u32>, players: u32) -> Option<u32> {
    known.iter().min_by_key(|(key, _)| key.abs_diff(players)).map(|(_, &value)| value)
}

/// A step in a line.
fn summary(measured: &Result<Figures, PairError>) -> String {
    let figures = match measured {
        Ok(figures) => figures,
        Err(error) => return format!("FAILED: {error}"),
    };
    let doubt =
        figures.load.invalid_because.iter().map(|why| format!("; not valid: {why}")).collect::<String>();
    format!(
        "{} joined, {} at the end, gap p99 {} ms, {} µs per client-tick, {} cores, load {} cores{doubt}",
        figures.load.players_joined,
        figures.load.players_at_end,
        fixed(figures.load.frame_gap_ms.p99, 1),
        fixed(figures.cpu_us_per_client_tick, 1),
        fixed(figures.cpu_cores, 2),
        fixed(figures.load_cpu_cores, 2),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn baseline_frames_have_the_bytes_of_the_nearest_number_of_players() {
        let known = BTreeMap::from([(250, 400), (1000, 700)]);
        assert_eq!(nearest(&known, 1000), Some(700));
        assert_eq!(nearest(&known, 300), Some(400));
        assert_eq!(nearest(&known, 3000), Some(700));
        assert_eq!(nearest(&BTreeMap::new(), 3000), None);
    }
}
