//! The players in the arena. A body may come into view before the server has sent its player's name, so every question
//! has a fallback.

use std::sync::Arc;

use shared::engine::{
    game_trait::Game,
    ids::PlayerId,
    limits::COLOURS,
    protocol::Notice,
    roster::{Badge, Player, PlayerKind},
};

/// Most characters of a badge.
const SIGN_CHARS_MAX: usize = 2;

/// Players by id. Cloning is cheap: all clones share the list until one of them changes.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    players: Arc<Vec<Option<Entry>>>,
}

/// A player as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The player.
    pub player: Player,
    /// Its badge, if it wears one, and its name.
    pub label: String,
}

impl Listed {
    fn new(player: Player, sign: &str) -> Self {
        let sign: String = sign.chars().take(SIGN_CHARS_MAX).collect();
        let gap = if sign.is_empty() { "" } else { " " };
        Self { label: format!("{sign}{gap}{}", player.name.as_str()), player }
    }
}

#[derive(Clone, Debug)]
struct Entry {
    listed: Arc<Listed>,
    /// Whether the player has not left.
    is_here: bool,
}

impl Roster {
    /// Replaces the player with this id.
    fn insert(&mut self, player: Player) {
        let index = usize::from(player.id.0);
        let players = Arc::make_mut(&mut self.players);
        if players.len() <= index {
            players.resize_with(index + 1, || None);
        }
        players[index] = Some(Entry { listed: Arc::new(Listed::new(player, "")), is_here: true });
    }

    /// Shows a badge beside the name of its player. That of an unknown player is ignored.
    fn set_badge(&mut self, badge: &Badge) {
        let players = Arc::make_mut(&mut self.players);
        if let Some(Some(entry)) = players.get_mut(usize::from(badge.player.0)) {
            entry.listed = Arc::new(Listed::new(entry.listed.player.clone(), &badge.sign));
        }
    }

    /// Forgets every player.
    fn clear(&mut self) {
        self.players = Arc::default();
    }

    /// The player who has this id, or had it last; `None` before the server sent its name.
    pub fn get(&self, id: PlayerId) -> Option<&Arc<Listed>> {
        self.players.get(usize::from(id.0))?.as_ref().map(|entry| &entry.listed)
    }

    /// The players that are in the arena, without bots, by id.
    pub fn humans(&self) -> impl Iterator<Item = &Player> {
        let here = self.players.iter().flatten().filter(|entry| entry.is_here);
        here.map(|entry| &entry.listed.player).filter(|player| player.kind == PlayerKind::Human)
    }

    /// Applies a notice. Returns whether a name may have changed.
    pub(crate) fn apply<G: Game>(&mut self, notice: &Notice<G>) -> bool {
        match notice {
            Notice::Roster(players) => {
                self.clear();
                players.iter().cloned().for_each(|player| self.insert(player));
            }
            Notice::Joined(player) => self.insert(player.clone()),
            Notice::Badges(badges) => badges.iter().for_each(|badge| self.set_badge(badge)),
            // The name of a player who left stays: the leaderboard and messages about it still show it.
            Notice::Left(id) => {
                let players = Arc::make_mut(&mut self.players);
                if let Some(Some(entry)) = players.get_mut(usize::from(id.0)) {
                    entry.is_here = false;
                }
                return false;
            }
            Notice::Leaderboard(_)
            | Notice::Chat(_)
            | Notice::ChatHistory(_)
            | Notice::Whisper(_)
            | Notice::ChatRejected(_)
            | Notice::Lag(_)
            | Notice::RoomKey(_)
            | Notice::Unlocked(_)
            | Notice::Party(_)
            | Notice::Game(_) => return false,
        }
        true
    }

    /// Human or bot.
    pub fn kind(&self, id: PlayerId) -> PlayerKind {
        self.get(id).map_or(PlayerKind::Human, |listed| listed.player.kind)
    }

    /// The player's colour, below [`COLOURS`].
    pub fn colour(&self, id: PlayerId) -> u8 {
        self.get(id).map_or((id.0 % u16::from(COLOURS)) as u8, |listed| listed.player.colour.min(COLOURS - 1))
    }

    /// The player's name, behind its badge; `#` and the id while the name is unknown.
    pub fn name(&self, id: PlayerId) -> String {
        self.get(id).map_or_else(|| format!("#{}", id.0), |listed| listed.label.clone())
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::{ids::PlayerName, testing::TestGame};

    use super::*;

    type Notice = shared::engine::protocol::Notice<TestGame>;

    fn player(id: u16, kind: PlayerKind) -> Player {
        let name = PlayerName::new(&format!("P{id}")).unwrap();
        Player { id: PlayerId(id), name, kind, colour: 1 }
    }

    #[test]
    fn roster_notice_replaces_all_players_and_joined_adds_one() {
        let mut roster = Roster::default();
        roster.apply(&Notice::Joined(player(900, PlayerKind::Human)));
        roster.apply(&Notice::Roster(vec![player(3, PlayerKind::Bot), player(1, PlayerKind::Human)]));
        assert_eq!((roster.name(PlayerId(900)), roster.name(PlayerId(3))), ("#900".into(), "P3".into()));
        assert_eq!([3, 1, 900].map(|id| roster.kind(PlayerId(id)) == PlayerKind::Bot), [true, false, false]);
        assert!(roster.apply(&Notice::Joined(player(3, PlayerKind::Human))));
        assert_eq!(roster.kind(PlayerId(3)), PlayerKind::Human);
    }

    #[test]
    fn name_of_a_player_who_left_stays() {
        let mut roster = Roster::default();
        roster.apply(&Notice::Joined(player(3, PlayerKind::Human)));
        assert!(!roster.apply(&Notice::Left(PlayerId(3))));
        assert_eq!(roster.name(PlayerId(3)), "P3");
    }

    #[test]
    fn badge_stands_before_the_name_until_it_is_taken_off() {
        let mut roster = Roster::default();
        let badge = |player, sign: &str| {
            Notice::Badges(vec![shared::engine::roster::Badge {
                player: PlayerId(player),
                sign: sign.into(),
            }])
        };
        roster.apply(&Notice::Joined(player(3, PlayerKind::Human)));
        for (sign, expected) in [("★", "★ P3"), ("★★★", "★★ P3"), ("", "P3")] {
            assert!(roster.apply(&badge(3, sign)));
            assert_eq!(roster.name(PlayerId(3)), expected);
        }
        roster.apply(&badge(900, "★"));
        assert_eq!(roster.name(PlayerId(900)), "#900");
    }

    #[test]
    fn humans_are_those_that_are_here() {
        let mut roster = Roster::default();
        let ids = |roster: &Roster| roster.humans().map(|player| player.id.0).collect::<Vec<_>>();
        roster.apply(&Notice::Roster(
            [(1, PlayerKind::Human), (3, PlayerKind::Bot), (7, PlayerKind::Human)]
                .map(|(id, kind)| player(id, kind))
                .into(),
        ));
        assert_eq!(ids(&roster), [1, 7]);
        roster.apply(&Notice::Left(PlayerId(1)));
        assert_eq!(ids(&roster), [7]);
        roster.apply(&Notice::Joined(player(1, PlayerKind::Human)));
        assert_eq!(ids(&roster), [1, 7]);
    }

    #[test]
    fn clone_keeps_the_players_of_its_moment() {
        let mut roster = Roster::default();
        roster.insert(player(900, PlayerKind::Human));
        let earlier = roster.clone();
        roster.insert(player(900, PlayerKind::Bot));
        roster.insert(player(3, PlayerKind::Human));
        let kind = |roster: &Roster, id| roster.get(PlayerId(id)).map(|listed| listed.player.kind);
        assert_eq!([kind(&earlier, 900), kind(&earlier, 3)], [Some(PlayerKind::Human), None]);
        assert_eq!([kind(&roster, 900), kind(&roster, 3)], [Some(PlayerKind::Bot), Some(PlayerKind::Human)]);
        roster.clear();
        assert_eq!([kind(&roster, 900), kind(&earlier, 900)], [None, Some(PlayerKind::Human)]);
    }
}
