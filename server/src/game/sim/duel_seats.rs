//! Who plays in a duel, who waits, and what goes on, as plain data. The rules by which it changes are in `duel`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use shared::{
    engine::{
        ids::{PlayerId, Tick},
        limits::PLAYERS_MAX,
        roster::PlayerKind,
    },
    game::{duel::DuelPhase, mode::Mode, timing::Timing},
};

use super::pilot::Pilots;
use crate::engine::checked::{Broken, bounded, ensure};

/// After a match that ended because one of the two left, the next player comes so soon, in seconds.
const FORFEIT_SECONDS: u32 = 3;

/// The two, the bench, and what goes on. Empty in other modes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Duel {
    pub(super) seats: [Option<PlayerId>; 2],
    pub(super) wins: [u8; 2],
    pub(super) phase: DuelPhase,
    /// In the order in which they came.
    #[serde(deserialize_with = "bounded::<_, _, PLAYERS_MAX>")]
    pub(super) bench: Vec<PlayerId>,
}

impl Duel {
    /// Whether both ships stay in the arena even if their players leave the controls.
    pub(super) fn is_on(&self) -> bool {
        !matches!(self.phase, DuelPhase::Lobby | DuelPhase::Over { .. })
    }

    /// Whether a player may get a ship as in other modes: to fly about until there is another player.
    pub(super) fn is_warming_up(&self, id: PlayerId) -> bool {
        self.phase == DuelPhase::Lobby && self.seats.contains(&Some(id))
    }

    /// The player of a side is gone, and has lost a match that was on.
    pub(super) fn forfeit(&mut self, side: usize, now: Tick, timing: &Timing) {
        self.seats[side] = None;
        let soon = now.after(seconds(FORFEIT_SECONDS, timing));
        match (self.phase, self.seats[1 - side]) {
            (DuelPhase::Over { winner, .. }, _) => {
                self.phase = DuelPhase::Over { winner, next: Some(soon) };
            }
            (DuelPhase::Lobby, _) => {}
            (_, Some(winner)) => self.phase = DuelPhase::Over { winner, next: Some(soon) },
            (_, None) => self.phase = DuelPhase::Lobby,
        }
    }

    /// Checks what was read from a file.
    pub(super) fn check(&self, mode: Mode, pilots: &Pilots) -> Result<(), Broken> {
        let listed: Vec<_> = self.seats.iter().flatten().chain(&self.bench).collect();
        let distinct: BTreeSet<_> = listed.iter().collect();
        ensure(distinct.len() == listed.len(), || "a player is in a duel twice".to_owned())?;
        let is_player = |id: &PlayerId| pilots.get(*id).is_some_and(|pilot| pilot.kind == PlayerKind::Human);
        ensure(listed.iter().all(|id| is_player(id)), || {
            "a duel has a player that is not in the arena".to_owned()
        })?;
        let players = match mode {
            Mode::Duel { .. } => pilots.iter().filter(|pilot| pilot.kind == PlayerKind::Human).count(),
            Mode::Free | Mode::Teams { .. } => 0,
        };
        ensure(listed.len() == players, || format!("{} of {players} players are in a duel", listed.len()))
    }
}

/// This many seconds, in ticks.
pub(super) fn seconds(seconds: u32, timing: &Timing) -> u32 {
    seconds * u32::from(timing.tick_rate)
}
