//! What an arena gives up under overload.

use std::time::Duration;

use tracing::warn;

use super::state::ArenaState;
use crate::engine::{
    inbox::AdmissionGate,
    load_shedder::{Level, LoadShedder},
    network_delay::NetworkDelay,
    replication::Detail,
    simulation::{Command, Simulation},
};

/// Carries out the level of the load shedder.
#[derive(Debug)]
pub(super) struct Overload {
    shedder: LoadShedder,
    gate: AdmissionGate,
    network: NetworkDelay,
    /// Bots fill the arena up to this many bodies at [`Level::Normal`].
    bots: u16,
}

impl Overload {
    pub(super) fn new(tick_rate: u16, bots: u16, gate: AdmissionGate, network: NetworkDelay) -> Self {
        Self { shedder: LoadShedder::new(tick_rate), gate, network, bots }
    }

    /// From now on bots are to fill the arena up to this many bodies: to how many they do at the present level.
    pub(super) fn fill_up_to(&mut self, full: u16) -> u16 {
        self.bots = full;
        bots(self.shedder.level(), full)
    }

    /// Notes ticks that were skipped.
    pub(super) fn on_skip(&mut self, ticks: u32) {
        self.shedder.on_skip(ticks);
    }

    /// Notes how long a tick took, and how late it began. A new level holds from the next tick on.
    pub(super) fn on_tick<S: Simulation>(
        &mut self,
        work: Duration,
        lateness: Duration,
        arena: &mut ArenaState<S>,
    ) {
        let period = Duration::from_secs(1) / u32::from(arena.sim.tick_rate());
        // Its frames are sent by the network's threads.
        let is_late = lateness > period / 2 || self.network.get(arena.clock.now()) > period;
        let Some(level) = self.shedder.on_tick(work, is_late) else { return };
        warn!("overload level {}: {}", level.number(), description(level));
        arena.telemetry.overload_level.set(level.number().into());
        arena.telemetry.overload_changes_total.inc();
        arena
            .publisher
            .set_detail(Detail { full_rate_share: level.full_rate_share(), view_scale: level.view_scale() });
        arena.commands.push(Command::FillWithBots { bodies: bots(level, self.bots) });
        self.gate.set_open(level.admits());
    }
}

/// Up to how many bodies bots fill the arena, of `full` at [`Level::Normal`].
fn bots(level: Level, full: u16) -> u16 {
    if level >= Level::ReducedGame { full / 4 } else { full }
}

/// For the log.
fn description(level: Level) -> &'static str {
    match level {
        Level::Normal => "back to normal",
        Level::ReducedRate => "the outer part of each view is updated less often",
        Level::SmallerViews => "views are smaller",
        Level::ReducedGame => "most bots leave",
        Level::Closed => "new players are turned away",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_bots_leave_from_the_third_level_on() {
        assert_eq!(Level::ALL.map(|level| bots(level, 100)), [100, 100, 100, 25, 25]);
    }
}
