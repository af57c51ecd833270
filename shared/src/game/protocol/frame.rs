//! One tick as one player sees it: a short head of the player's own, then what is shared by many: notices that
//! go to everyone and the chunks of the cells in view, encoded once and copied.

use serde::{Deserialize, Serialize};

use super::CellChunk;
use crate::{
    engine::{
        chat::{ChatLine, ChatRejection, Whisper},
        grid::CellWindow,
        ids::{CellIndex, PlayerId, Tick},
        name::PlayerName,
        protocol::{ServerLag, put},
    },
    game::{
        flight::{Flight, PowerUps},
        movement::Motion,
        pilot::{Kill, PilotKind},
    },
};

/// One tick as one player sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Frame {
    /// The player's own part.
    pub head: FrameHead,
    /// News for everyone.
    pub notices: Vec<Notice>,
    /// The cells in view in which something changed.
    pub cells: Vec<CellChunk>,
}

/// A frame's own part, different for every player.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FrameHead {
    /// The tick that this frame shows.
    pub tick: Tick,
    /// Ticks from this one to the newest that the player sent an input for: those that wait. Negative if this tick had
    /// to do without one, by how much the newest is late. [`LEAD_NONE`](crate::engine::input::LEAD_NONE) before the first.
    pub lead: i8,
    /// The player itself.
    pub pilot: PilotState,
    /// Set when the view changed.
    pub view: Option<ViewChange>,
}

/// Which cells the player sees from this frame on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ViewChange {
    /// The cells. Those that were not in view follow in full; those that no longer are, are to be forgotten.
    pub window: CellWindow,
    /// Forget every cell: after frames were skipped, all of them follow in full.
    pub reset: bool,
}

/// How it stands with the player.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PilotState {
    /// It flies.
    Alive(OwnShip),
    /// It waits for its next ship.
    Dead {
        /// The tick from which on an input with any button brings the next ship.
        until: Tick,
        /// Who did it; `None` for nobody.
        by: Option<PlayerId>,
    },
    /// Nobody looks, so its ship is out of the arena.
    Idle {
        /// Embers it will have.
        embers: u32,
    },
    /// It has no ship, and watches.
    Spectating {
        /// Whose ship the view is around, while there is one.
        target: Option<PlayerId>,
    },
}

/// A player's own ship, exactly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OwnShip {
    /// After this frame's tick.
    pub motion: Motion,
    /// Embers aboard.
    pub embers: u32,
    /// The part of an ember burnt already, in 1/256.
    pub burnt: u8,
    /// Ticks until it can fire.
    pub reload: u8,
    /// What pickups give it.
    pub power_ups: PowerUps,
    /// In the unit of [`crate::game::rules::Hull::health`].
    pub health: f32,
    /// Place among all ships, from 1; 0 until the first count, which is made once a second.
    pub rank: u16,
    /// Ships that it has shot down.
    pub streak: u16,
    /// Whether it boosted in this tick.
    pub boosting: bool,
    /// Whether nothing harms it.
    pub shielded: bool,
}

impl OwnShip {
    /// What its pilot's next inputs go on from.
    pub fn flight(&self) -> Flight {
        let Self { motion, embers, burnt, reload, power_ups, .. } = *self;
        Flight { motion, embers, burnt, reload, power_ups }
    }
}

/// News for everyone in the arena, and some for this player alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Notice {
    /// All pilots there are; replaces what was known.
    Roster(Vec<Pilot>),
    /// A pilot came.
    Joined(Pilot),
    /// A pilot went.
    Left(PlayerId),
    /// A ship was shot down, of which more should hear than those who see it: everyone of the leader's and of a streak
    /// worth telling, and who did it of one out of sight.
    Killed {
        /// Whose ship.
        victim: PlayerId,
        /// By whom.
        kill: Kill,
    },
    /// The leaderboard, once a second.
    Leaderboard(Leaderboard),
    /// Somebody said something to everyone.
    Chat(ChatLine),
    /// The last lines, oldest first, for one who knows none or may have missed some.
    ChatHistory(Vec<ChatLine>),
    /// Somebody said something to this player, or this player to somebody.
    Whisper(Whisper),
    /// What this player said was not passed on.
    ChatRejected(ChatRejection),
    /// What the server measured of this player's delay, once a second.
    Lag(ServerLag),
}

/// A pilot, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pilot {
    /// Its number.
    pub id: PlayerId,
    /// Its name.
    pub name: PlayerName,
    /// What flies it.
    pub kind: PilotKind,
    /// The colour of its ships, below [`crate::engine::limits::COLOURS`].
    pub colour: u8,
}

/// The leaderboard and the minimap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Leaderboard {
    /// At most [`crate::game::limits::LEADERBOARD_ROWS_MAX`], first first.
    pub top: Vec<LeaderboardRow>,
    /// Players, without drones.
    pub players: u16,
    /// Ships in flight, drones among them.
    pub ships: u16,
    /// Where the leader is, in 1/256 of the arena's width and height.
    pub beacon: Option<(u8, u8)>,
    /// Cells with ships in them, a byte each: see [`Self::crowds`].
    pub crowds: Vec<u8>,
}

/// One line of the leaderboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeaderboardRow {
    /// Who.
    pub player: PlayerId,
    /// With how many embers.
    pub embers: u32,
}

/// Hands `out`, piece by piece, a [`super::ServerMessage::Frame`] put together from parts that are encoded already:
/// `notices`, those for all, those for this player, and what it alone is told, and `cells` are how many there are and their bytes, one behind
/// the other. `scratch` is for what is encoded here, and kept by the caller so that nothing is allocated.
pub fn write_frame<'a>(
    scratch: &mut Vec<u8>,
    head: &FrameHead,
    notices: [(usize, &[u8]); 3],
    cells: impl ExactSizeIterator<Item = &'a [u8]>,
    mut out: impl FnMut(&[u8]),
) {
    scratch.clear();
    // The number of the variant `Frame`; a test compares with the derived encoding.
    put(scratch, &1_u32);
    put(scratch, head);
    put(scratch, &notices.iter().map(|(count, _)| count).sum::<usize>());
    out(scratch);
    notices.iter().for_each(|(_, bytes)| out(bytes));
    scratch.clear();
    put(scratch, &cells.len());
    out(scratch);
    cells.for_each(out);
}

/// Most that half a byte holds.
const HALF_MAX: u16 = 15;

impl Leaderboard {
    /// Cells with ships in them in rising order, and how many: 15 for 15 or more.
    pub fn crowds(&self) -> impl Iterator<Item = (CellIndex, u8)> {
        let cells = self.crowds.iter().scan(0_u16, |cell, byte| {
            *cell = cell.saturating_add(u16::from(byte >> 4));
            Some((CellIndex(*cell), byte & 15))
        });
        cells.filter(|(_, ships)| *ships > 0)
    }

    /// Replaces the cells with ships in them by these, which are in rising order. The upper half of a byte is the way
    /// from the cell before, the lower the ships; a long way is several bytes, the first ones without ships.
    pub fn set_crowds(&mut self, crowds: impl Iterator<Item = (CellIndex, u8)>) {
        let mut at = 0;
        self.crowds.clear();
        for (cell, ships) in crowds {
            while cell.0 - at > HALF_MAX {
                at += HALF_MAX;
                self.crowds.push((HALF_MAX << 4) as u8);
            }
            self.crowds.push(((cell.0 - at) << 4) as u8 | ships.min(HALF_MAX as u8));
            at = cell.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::game::protocol::{CellChange, ServerMessage, decode_server, encode_server};

    #[test]
    fn a_frame_put_together_is_the_frame_encoded_whole() {
        let head = FrameHead {
            tick: Tick(70_000),
            lead: -2,
            pilot: PilotState::Dead { until: Tick(70_030), by: Some(PlayerId(4)) },
            view: Some(ViewChange {
                window: CellWindow { left: 1, bottom: 2, right: 3, top: 4 },
                reset: true,
            }),
        };
        let notices = [
            Notice::Left(PlayerId(3)),
            Notice::Killed { victim: PlayerId(1), kill: Kill { by: PlayerId(2), streak: 3, ended: 4 } },
            Notice::ChatRejected(ChatRejection::RateLimited),
        ];
        let chunk = |cell| CellChunk {
            cell: CellIndex(cell),
            changes: vec![CellChange::Reset, CellChange::Checksum(7)],
        };
        let cells: Vec<_> = (0..300).map(chunk).collect();

        let notice_bytes = notices.each_ref().map(|notice| {
            let mut bytes = Vec::new();
            put(&mut bytes, notice);
            bytes
        });
        let chunks: Vec<Vec<u8>> = cells
            .iter()
            .map(|chunk| {
                let mut bytes = Vec::new();
                put(&mut bytes, chunk);
                bytes
            })
            .collect();
        let mut frame = Vec::new();
        let chunks = chunks.iter().map(Vec::as_slice);
        write_frame(
            &mut Vec::new(),
            &head,
            notice_bytes.each_ref().map(|bytes| (1, &bytes[..])),
            chunks,
            |piece| {
                frame.extend_from_slice(piece);
            },
        );

        let whole = ServerMessage::Frame(Frame { head, notices: notices.into(), cells });
        assert_eq!(frame, encode_server(&whole));
        assert_eq!(decode_server(&frame), Ok(whole));
    }

    proptest! {
        #[test]
        fn crowds_survive_to_fifteen_ships(cells in proptest::collection::btree_map(0..1024_u16, 1..=255_u8, 0..60)) {
            let mut leaderboard = Leaderboard::default();
            leaderboard.set_crowds(cells.iter().map(|(cell, ships)| (CellIndex(*cell), *ships)));
            let told: Vec<_> = leaderboard.crowds().map(|(cell, ships)| (cell.0, ships)).collect();
            let expected: Vec<_> = cells.iter().map(|(cell, ships)| (*cell, (*ships).min(15))).collect();
            prop_assert_eq!(told, expected);
        }
    }
}
