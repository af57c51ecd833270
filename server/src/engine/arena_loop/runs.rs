//! The runs of players on their way to the records: joins what the simulation says of a run with who the player is. A player that has
//! not proved who it is has no records, and a bot has no session.

use std::mem;

use serde_json::{Map, Value};
use shared::engine::{game_trait::Arena as _, ids::PlayerName};

use super::state::ArenaState;
use crate::engine::{
    records::{LastingId, Record, RecordId, RecordQueue, Run},
    sessions::{Session, SessionId, Sessions},
    simulation::{EndedRun, Simulation},
};

/// Where the runs of an arena go.
#[derive(Debug, Default)]
pub struct Runs {
    /// `None`: nowhere.
    queue: Option<RecordQueue>,
    /// The arena's slug.
    arena: Box<str>,
    /// Players that leave with the next step, and are then no longer found.
    leaving: Vec<Leaving>,
}

#[derive(Debug)]
struct Leaving {
    session: SessionId,
    player: LastingId,
    name: PlayerName,
}

impl Runs {
    /// Of the arena with this slug, into this queue if records are kept.
    pub fn new(queue: Option<RecordQueue>, arena: &str) -> Self {
        Self { queue, arena: arena.into(), leaving: Vec::new() }
    }

    /// Where they go; `None` for nowhere.
    pub(super) fn queue(&self) -> Option<&RecordQueue> {
        self.queue.as_ref()
    }

    /// A session ends: its player leaves with the next step.
    pub(super) fn on_leave<S: Simulation>(&mut self, session: &Session, sim: &S) {
        let player = session.player.and_then(|player| sim.players().get(player));
        if let (Some(lasting), Some(player)) = (session.profile.lasting, player) {
            let name = player.name.clone();
            self.leaving.push(Leaving { session: session.id, player: lasting, name });
        }
    }

    /// Records the runs that ended in the step that is done.
    pub(super) fn record<S: Simulation>(&mut self, sessions: &Sessions, arena: &ArenaState<S>) {
        let Some(queue) = &self.queue else { return self.leaving.clear() };
        let mut leaving = mem::take(&mut self.leaving);
        let sim = &arena.sim;
        sim.list_ended_runs(|run| {
            let left = leaving.iter().find(|left| left.session == run.session);
            let of_present = || {
                let session = sessions.get(run.session)?;
                let player = sim.players().get(session.player?)?;
                Some((session.profile.lasting?, player.name.clone()))
            };
            let of = left.map(|left| (left.player, left.name.clone())).or_else(of_present);
            if let Some((player, name)) = of.filter(|_| run.score > 0) {
                let ended_ms = arena.clock.unix_ms();
                let duration_ms = u64::from(run.ticks) * 1000 / u64::from(sim.tick_rate());
                queue.offer(Record::Run(Run {
                    id: RecordId::draw(ended_ms),
                    player,
                    name,
                    arena: self.arena.clone(),
                    mode: sim.arena().mode(),
                    score: run.score.into(),
                    duration_ms,
                    ended_ms,
                    details: details(&run),
                }));
            }
        });
        leaving.clear();
        self.leaving = leaving;
    }
}

fn details(run: &EndedRun) -> Box<str> {
    let details: Map<_, _> =
        run.details.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    Value::Object(details).to_string().into()
}
