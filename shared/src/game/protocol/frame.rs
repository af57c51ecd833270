//! A frame: one tick for one viewer. A head of the viewer's own, notices, and the updates of the cells in view; the latter two
//! are encoded once for all viewers and copied.

use serde::{Deserialize, Serialize};

use super::CellChunk;
use crate::{
    engine::{
        chat::{ChatLine, ChatRejection, Whisper},
        grid::CellWindow,
        ids::{PlayerId, Tick},
        limits::CELL_SIZE,
        protocol::{ServerLag, put},
    },
    game::{
        arena::Arena,
        flight::{Flight, PowerUps},
        limits::{RuleError, within},
        movement::Motion,
        pilot::{Kill, Leaderboard, Pilot},
    },
};

/// One tick for one viewer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Frame {
    /// The part for this viewer only.
    pub head: FrameHead,
    /// Messages about the arena, and some for this viewer only.
    pub notices: Vec<Notice>,
    /// Updates of the cells in view that changed.
    pub cells: Vec<CellChunk>,
}

/// The part of a frame that differs for every viewer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FrameHead {
    /// The tick that the frame shows.
    pub tick: Tick,
    /// How many ticks ahead of this one the player's newest input is. Negative if this tick had no input: by how many ticks
    /// the newest is late. [`LEAD_NONE`](crate::engine::limits::LEAD_NONE) before the first.
    pub lead: i8,
    /// The viewer's own state.
    pub pilot: PilotState,
    /// Set when the cells in view changed.
    pub view: Option<ViewChange>,
}

/// The cells in view from this frame on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ViewChange {
    /// The cells. Those new in view follow in full; the client forgets those no longer in view.
    pub window: CellWindow,
    /// Forget every cell: all of them follow in full, because frames were skipped.
    pub reset: bool,
}

/// The viewer's own state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PilotState {
    /// It has a ship.
    Alive(OwnShip),
    /// Its ship was destroyed.
    Dead {
        /// The first tick in which an input with any button spawns the next ship.
        until: Tick,
        /// The killer, if there is one.
        by: Option<PlayerId>,
    },
    /// Hidden or disconnected: its ship is out of the arena.
    Idle {
        /// Embers it will return with.
        embers: u32,
    },
    /// A spectator.
    Spectating {
        /// The player whose ship the view follows.
        target: Option<PlayerId>,
    },
}

/// Bounds of [`OwnShip`], far above all that the rules of an arena allow.
const SPEED_MAX: f32 = 16_384.0;
const EMBERS_MAX: f32 = 16_777_216.0;
const HEALTH_MAX: f32 = 1e6;

/// A player's own ship, unrounded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OwnShip {
    /// At the end of this frame's tick.
    pub motion: Motion,
    /// Embers carried, or owned.
    pub embers: u32,
    /// The fraction of an ember already burnt, in 1/256.
    pub burnt: u8,
    /// Ticks until it can fire.
    pub reload: u8,
    /// Active power-ups.
    pub power_ups: PowerUps,
    /// In the unit of [`crate::game::rules::Hull::health`].
    pub health: f32,
    /// Rank among all ships, from 1; 0 until the ranking is computed, once per second.
    pub rank: u16,
    /// Kills with this ship.
    pub streak: u16,
    /// Whether it boosted in this tick.
    pub boosting: bool,
    /// Whether it is protected from damage.
    pub shielded: bool,
}

impl OwnShip {
    /// Checks that it could be a ship of this arena: a client computes with it before it knows whether the server is honest.
    pub fn validate(&self, arena: &Arena) -> Result<(), RuleError> {
        let Motion { position, velocity } = self.motion;
        for (place, speed, side) in
            [(position.x, velocity.x, arena.size.x), (position.y, velocity.y, arena.size.y)]
        {
            within("the position of the own ship", place, -CELL_SIZE, side + CELL_SIZE, "in the arena")?;
            within(
                "the velocity of the own ship",
                speed,
                -SPEED_MAX,
                SPEED_MAX,
                "at most 16384 units a second",
            )?;
        }
        within("the embers of the own ship", self.embers as f32, 0.0, EMBERS_MAX, "at most 16777216")?;
        within("the health of the own ship", self.health, -HEALTH_MAX, HEALTH_MAX, "at most 1000000")
    }

    /// The part that the player's inputs determine.
    pub fn flight(&self) -> Flight {
        let Self { motion, embers, burnt, reload, power_ups, .. } = *self;
        Flight { motion, embers, burnt, reload, power_ups }
    }
}

/// A message inside a frame: for everyone in the arena, or for this viewer only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Notice {
    /// All players; replaces the known ones.
    Roster(Vec<Pilot>),
    /// A player joined.
    Joined(Pilot),
    /// A player left.
    Left(PlayerId),
    /// A kill that more clients should know of than those who see the cell: everyone if the leader died or a long streak
    /// grew or ended, and the killer if it was out of sight.
    Killed {
        /// The player whose ship was destroyed.
        victim: PlayerId,
        /// The killer and the streaks.
        kill: Kill,
    },
    /// Once per second.
    Leaderboard(Leaderboard),
    /// A line of chat for everyone.
    Chat(ChatLine),
    /// The last lines, oldest first, for a client that joined or missed frames.
    ChatHistory(Vec<ChatLine>),
    /// A whisper to or from this player.
    Whisper(Whisper),
    /// This player's line was rejected.
    ChatRejected(ChatRejection),
    /// The server's parts of this player's lag, once per second.
    Lag(ServerLag),
}

/// Passes a [`super::ServerMessage::Frame`] to `out` in pieces, assembled from parts that are already encoded: `notices` are
/// those for everyone, for this player, and for this viewer, each as a count and its bytes; `cells` are encoded updates.
/// `scratch` is a buffer that the caller keeps, so that nothing is allocated.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::ids::CellIndex,
        game::protocol::{CellChange, ServerMessage, decode_server, encode_server},
    };

    #[test]
    fn assembled_frame_equals_the_encoded_frame() {
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
}
