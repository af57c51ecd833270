//! A whole run: every kind of load, step by step, and the report of it. A step that fails is noted in the report and does
//! not end the run.

use std::{
    fs, io,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::{
    CapacityReport, EMBERDRIFT, Figures, Load, LoadRequest, PeerAt, Plan, Programs, Sweep, Trial, measure,
    plan::{JUDGED_PLAYERS, next_players, peer_players, stalled_players},
    verdict,
};
use crate::{machine::Machine, report::fixed};

/// Players of ours and of the baseline that join in a second.
const RAMP: u32 = 400;
const PEER_RAMP: u32 = 100;
/// Bytes of the baseline's frames if ours were not measured.
const FRAME_BYTES: u32 = 500;
/// After this long, a search ends with what it has.
const SPREAD_TIME: Duration = Duration::from_secs(470);
const CROWD_TIME: Duration = Duration::from_secs(180);

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
    let arenas = plan.out.join("raw");
    let is_emberdrift = plan.game == EMBERDRIFT;
    let (peer, peer_left_out) = match &plan.peer {
        PeerAt::Folder(folder) => (folder.clone(), None),
        PeerAt::Missing(why) => (PathBuf::new(), is_emberdrift.then(|| why.clone())),
    };
    let programs =
        Programs { folder: plan.programs.clone(), peer, arenas: arenas.clone(), game: plan.game.clone() };
    let missing: Vec<_> = programs.missing().iter().map(|file| file.display().to_string()).collect();
    if !missing.is_empty() {
        return Err(RunError::Missing(missing.join(", ")));
    }
    fs::create_dir_all(&arenas).map_err(|error| RunError::Out { folder: arenas, error })?;
    let settings = plan.settings();
    let report = CapacityReport {
        machine: Machine::here(),
        game: plan.game.clone(),
        settings,
        peer_left_out,
        ..CapacityReport::default()
    };
    let mut run = Run { programs, stop, say, report };
    // In turns, so that both find the machine in the same state.
    run.search(&[Load::Spread, Load::Baseline], SPREAD_TIME);
    if is_emberdrift {
        run.search(&[Load::Crowd], CROWD_TIME);
    }
    if is_emberdrift && run.report.peer_left_out.is_none() {
        let modes: &[_] = if plan.quick { &[Load::PeerRooms] } else { &[Load::PeerRooms, Load::PeerWorld] };
        for &load in modes.iter().chain(&[Load::LikePeer]) {
            peer_players(plan.quick).iter().for_each(|&players| run.step(load, players));
        }
    }
    for load in [Load::AllRead, Load::Tls, Load::Stalled] {
        run.step(load, stalled_players(plan.quick));
    }
    if stop.load(Ordering::Relaxed) {
        return Err(RunError::Stopped);
    }
    let mut report = run.report;
    report.verdict = verdict(&report);
    report.took_seconds = began.elapsed().as_secs_f64();
    Ok(report)
}

struct Run<'a> {
    programs: Programs,
    stop: &'a AtomicBool,
    say: &'a mut dyn FnMut(&str),
    report: CapacityReport,
}

impl Run<'_> {
    /// Searches how many players these loads hold, one step of each in turn.
    fn search(&mut self, loads: &[Load], time: Duration) {
        let (began, settings) = (Instant::now(), self.report.settings);
        let mut has_next = true;
        while std::mem::take(&mut has_next) {
            for &load in loads {
                let trials = &self.report.sweeps.entry(load).or_default().trials;
                let held = |trial: &Trial| trial.shortfall(settings.gap_ms_max).is_none();
                let tried: Vec<_> = trials.iter().map(|trial| (trial.players, held(trial))).collect();
                let next = next_players(&tried, settings.quick);
                let has_time = began.elapsed() < time;
                let next = next.filter(|&players| has_time || players <= JUDGED_PLAYERS);
                if let Some(players) = next.filter(|_| !self.stop.load(Ordering::Relaxed)) {
                    self.step(load, players);
                    has_next = true;
                }
            }
        }
        for load in loads {
            let sweep = self.report.sweeps.entry(*load).or_default();
            sweep.held = sweep.find_held(settings.gap_ms_max);
        }
    }

    fn step(&mut self, load: Load, players: u32) {
        if self.stop.load(Ordering::Relaxed) {
            return;
        }
        let began = Instant::now();
        let measured = self.measure(load, players);
        let took_seconds = began.elapsed().as_secs_f64();
        let summary = measured.as_ref().map_or_else(|error| format!("FAILED: {error}"), summary);
        (self.say)(&format!("{} {players}: {summary} ({took_seconds:.0} s)", load.label()));
        let trial = match measured {
            Ok(figures) => Trial { players, figures: Some(figures), failure: None },
            Err(error) => Trial::failed(players, &error),
        };
        self.report.sweeps.entry(load).or_default().trials.push(trial);
    }

    fn measure(&self, load: Load, players: u32) -> Result<Figures, String> {
        let settings = self.report.settings;
        let spread = self.report.sweeps.get(&Load::Spread);
        let bytes = spread.and_then(|spread| bytes_per_second(spread, players));
        let frame_bytes = bytes
            .map_or(FRAME_BYTES, |bytes| (bytes / f64::from(settings.tick_rate)).round().max(1.0) as u32);
        let ramp = if matches!(load, Load::PeerRooms | Load::PeerWorld) { PEER_RAMP } else { RAMP };
        let json = self.programs.arenas.join(format!("{load:?}-{players}.json").to_lowercase());
        let is_secure = load == Load::Tls;
        let request = LoadRequest { players, seconds: settings.seconds, ramp, is_secure, json };
        let pair = self.programs.pair(load, players, frame_bytes);
        let (mut server, mut bots) = pair.map_err(|error| error.to_string())?;
        measure(&mut server, &mut bots, &request, self.stop).map_err(|error| error.to_string())
    }
}

/// What each player received in the last trial with the nearest number of players.
fn bytes_per_second(sweep: &Sweep, players: u32) -> Option<f64> {
    let known = sweep.trials.iter().rev().filter_map(|trial| {
        let bytes = trial.figures.as_ref()?.load.bytes_per_player_second.mean?;
        Some((trial.players.abs_diff(players), bytes))
    });
    known.min_by_key(|(apart, _)| *apart).map(|(_, bytes)| bytes)
}

/// A step in a line.
fn summary(figures: &Figures) -> String {
    let doubt: String =
        figures.load.invalid_because.iter().map(|why| format!("; not valid: {why}")).collect();
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
    use crate::{client::LoadReport, report::Spread};

    #[test]
    fn baseline_frames_have_the_bytes_of_the_nearest_number_of_players() {
        let trial = |players, bytes| {
            let bytes_per_player_second = Spread { mean: Some(bytes), ..Spread::default() };
            let load = LoadReport { bytes_per_player_second, ..LoadReport::default() };
            Trial { players, figures: Some(Figures { load, ..Figures::default() }), failure: None }
        };
        let trials = vec![trial(250, 400.0), trial(1000, 700.0), Trial::failed(2000, &"it broke")];
        let sweep = Sweep { trials, held: None };
        let found = [1000, 300, 3000].map(|players| bytes_per_second(&sweep, players));
        assert_eq!(found, [Some(700.0), Some(400.0), Some(700.0)]);
        assert_eq!(bytes_per_second(&Sweep::default(), 3000), None);
    }
}
