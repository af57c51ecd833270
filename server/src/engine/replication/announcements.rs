//! Announcements: notices for everyone in the arena, encoded once a tick. Who joined and left, what the game announces, chat,
//! and the leaderboard once a second. What the game tells one player goes with that player's frame.

use std::{collections::VecDeque, mem};

use shared::engine::{
    chat::ChatLine,
    game_trait::{Arena as _, Game, Input},
    ids::{CellIndex, PlayerId},
    limits::{CHAT_HISTORY_MAX, LEADERBOARD_ROWS_MAX},
    protocol::Notice,
    roster::{self, Badge, Leaderboard, LeaderboardRow, PlayerKind},
};

use super::{
    social::{Badges, Parties},
    viewer::Notices,
};
use crate::engine::{
    players::Player,
    simulation::{Audience, Simulation},
};

/// Initial capacity, so that no later tick has to allocate.
const OWN_BYTES_CAPACITY: usize = 256;

/// The notices of this tick, and those for a client that has none.
#[derive(Debug)]
pub(super) struct Announcements {
    latest: Notices,
    /// What a client without state needs; encoded when the first asks for it in a tick.
    initial: Notices,
    /// For the viewer that was served last.
    own: Notices,
    /// Whether some of this tick's are for one player only.
    has_private: bool,
    leaderboard: Leaderboard,
    /// Ranks by `PlayerId`, from 1; 0 for none.
    ranks: Vec<u16>,
    /// Bodies in each cell.
    crowds: Vec<u8>,
    parties: Parties,
    badges: Badges,
    /// Chat lines since the last tick.
    new_lines: Vec<ChatLine>,
    /// The latest chat lines, oldest first.
    history: VecDeque<ChatLine>,
}

impl Default for Announcements {
    fn default() -> Self {
        Self {
            latest: Notices::default(),
            initial: Notices::default(),
            own: Notices::with_capacity(OWN_BYTES_CAPACITY),
            has_private: false,
            leaderboard: Leaderboard::default(),
            ranks: Vec::new(),
            crowds: Vec::new(),
            parties: Parties::default(),
            badges: Badges::default(),
            new_lines: Vec::new(),
            history: VecDeque::with_capacity(CHAT_HISTORY_MAX),
        }
    }
}

impl Announcements {
    /// Sends a chat line to everyone with the next tick.
    pub(super) fn add_chat(&mut self, line: ChatLine) {
        self.new_lines.push(line);
    }

    /// Sends a player's badge to everyone with the next tick. An empty sign takes it off.
    pub(super) fn set_badge(&mut self, badge: Badge) {
        self.badges.set(badge);
    }

    /// Encodes this tick's announcements.
    pub(super) fn encode<S: Simulation>(&mut self, sim: &S) {
        let (changes, players) = (sim.changes(), sim.players());
        self.initial.clear();
        self.latest.clear();
        for id in &changes.left {
            self.latest.push::<S::Game>(&Notice::Left(*id));
            self.badges.on_left(*id);
        }
        // A player that joined and left in the same tick is only in `left`.
        for joined in changes.joined.iter().filter_map(|id| players.get(*id)) {
            self.latest.push::<S::Game>(&Notice::Joined(listed(joined)));
        }
        self.badges.push_changed::<S::Game>(&mut self.latest);
        for line in self.new_lines.drain(..) {
            self.latest.push::<S::Game>(&Notice::Chat(line.clone()));
            if self.history.len() == CHAT_HISTORY_MAX {
                self.history.pop_front();
            }
            self.history.push_back(line);
        }
        self.has_private = false;
        for (audience, notice) in &changes.notices {
            if *audience == Audience::Everyone {
                self.latest.push::<S::Game>(&Notice::Game(notice.clone()));
            } else {
                self.has_private = true;
            }
        }
        let is_full_second = sim.tick().0.is_multiple_of(u32::from(sim.tick_rate()));
        self.parties.update(sim, is_full_second);
        if is_full_second {
            self.update_leaderboard(sim);
            push_leaderboard::<S::Game>(&mut self.latest, &mut self.leaderboard);
        }
    }

    fn update_leaderboard<S: Simulation>(&mut self, sim: &S) {
        let (players, ranking) = (sim.players(), sim.ranking());
        self.ranks.clear();
        self.ranks.resize(players.places(), 0);
        for (index, id) in ranking.iter().enumerate() {
            self.ranks[usize::from(id.0)] = index as u16 + 1;
        }
        let top = ranking.iter().filter_map(|id| players.get(*id)).take(LEADERBOARD_ROWS_MAX);
        self.leaderboard.top.clear();
        self.leaderboard.top.extend(
            top.filter_map(|player| {
                sim.score(player).map(|score| LeaderboardRow { player: player.id, score })
            }),
        );
        self.leaderboard.players =
            players.iter().filter(|player| player.kind == PlayerKind::Human).count() as u16;
        self.leaderboard.bodies = ranking.len() as u16;
        let leader = sim.watched().and_then(|id| players.get(id)).and_then(|leader| sim.body(leader));
        self.leaderboard.beacon = leader.map(|body| {
            let share = body.position / sim.arena().size() * 255.0;
            (share.x as u8, share.y as u8)
        });
        self.count_crowds(sim);
    }

    fn count_crowds<S: Simulation>(&mut self, sim: &S) {
        let grid = sim.arena().grid();
        self.crowds.clear();
        self.crowds.resize(grid.len(), 0);
        for body in sim.players().iter().filter_map(|player| sim.body(player)) {
            let bodies = &mut self.crowds[usize::from(grid.cell_at(body.position).0)];
            *bodies = bodies.saturating_add(1);
        }
        let crowds = (0..).map(CellIndex).zip(self.crowds.iter().copied());
        self.leaderboard.set_crowds(crowds.filter(|(_, bodies)| *bodies > 0));
    }

    /// The notices of this tick for one viewer: those for all, or the initial ones if its client has no state; then those
    /// for it alone. Each as a count and bytes. `sees` says in which cells it sees what happens.
    pub(super) fn for_viewer<S: Simulation>(
        &mut self,
        sim: &S,
        has_no_state: bool,
        player: Option<PlayerId>,
        sees: impl Fn(CellIndex) -> bool,
    ) -> [(usize, &[u8]); 2] {
        if has_no_state && self.initial.count() == 0 {
            self.initial.push::<S::Game>(&Notice::Roster(sim.players().iter().map(listed).collect()));
            self.badges.push_all::<S::Game>(&mut self.initial);
            push_leaderboard::<S::Game>(&mut self.initial, &mut self.leaderboard);
            self.initial.push::<S::Game>(&Notice::ChatHistory(self.history.iter().cloned().collect()));
        }
        self.own.clear();
        let notices = if self.has_private { &sim.changes().notices[..] } else { &[] };
        for (audience, notice) in notices {
            let is_for_it = match audience {
                Audience::Everyone => false,
                Audience::Player(id) => Some(*id) == player,
                Audience::PlayerOutOfSight(id, cell) => Some(*id) == player && !sees(*cell),
            };
            if is_for_it {
                self.own.push::<S::Game>(&Notice::Game(notice.clone()));
            }
        }
        if let Some(player) = player {
            self.parties.push_for::<S::Game>(player, &mut self.own);
        }
        let all = if has_no_state { &self.initial } else { &self.latest };
        [all.encoded(), self.own.encoded()]
    }

    /// A player's rank among all with a body, from 1; 0 while it has none.
    #[inline]
    pub(super) fn rank_of(&self, id: PlayerId) -> u16 {
        self.ranks.get(usize::from(id.0)).copied().unwrap_or(0)
    }
}

/// Encodes the leaderboard, which is moved into a notice and back: nothing is copied.
fn push_leaderboard<G: Game>(notices: &mut Notices, leaderboard: &mut Leaderboard) {
    let notice = Notice::<G>::Leaderboard(mem::take(leaderboard));
    notices.push(&notice);
    if let Notice::Leaderboard(moved) = notice {
        *leaderboard = moved;
    }
}

fn listed<I: Input, T>(player: &Player<I, T>) -> roster::Player {
    roster::Player { id: player.id, name: player.name.clone(), kind: player.kind, colour: player.colour }
}

#[cfg(test)]
mod tests;
