//! A frame: one tick for one viewer. A head of the viewer's own, notices, and the updates of the cells in view; the latter two
//! are encoded once for all viewers and copied.

use serde::{Deserialize, Serialize};

use super::{CellChunk, ServerLag, put};
use crate::engine::{
    chat::{ChatLine, ChatRejection, Whisper},
    game_trait::Game,
    grid::CellWindow,
    ids::{PlayerId, Tick},
    roster::{Badge, Leaderboard, PartyMember, Player, UnlockedAchievement},
};

/// One tick for one viewer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Frame", bound = ""))]
pub struct Frame<G: Game> {
    /// The part for this viewer only.
    pub head: FrameHead<G>,
    /// Messages about the arena, and some for this viewer only.
    pub notices: Vec<Notice<G>>,
    /// Updates of the cells in view that changed.
    pub cells: Vec<CellChunk<G>>,
}

/// The part of a frame that differs for every viewer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FrameHead", bound = ""))]
pub struct FrameHead<G: Game> {
    /// The tick that the frame shows.
    pub tick: Tick,
    /// How many ticks ahead of this one the player's newest input is. Negative if this tick had no input: by how many ticks
    /// the newest is late. [`LEAD_NONE`](crate::engine::limits::LEAD_NONE) before the first.
    pub lead: i8,
    /// The viewer's own state.
    pub viewer: ViewerState<G>,
    /// Set when the cells in view changed.
    pub view: Option<ViewChange>,
}

/// A viewer's own state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ViewerState", bound = ""))]
pub enum ViewerState<G: Game> {
    /// A player.
    Player {
        /// Its rank among all players with a body, from 1; 0 until the ranking is computed, once per second.
        rank: u16,
        /// What the game tells it of itself.
        own: G::Own,
    },
    /// A spectator.
    Spectator {
        /// The player whose body the view follows.
        target: Option<PlayerId>,
    },
}

impl<G: Game> ViewerState<G> {
    /// The player's own state; `None` for a spectator.
    pub fn own(&self) -> Option<&G::Own> {
        match self {
            Self::Player { own, .. } => Some(own),
            Self::Spectator { .. } => None,
        }
    }
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

/// A message inside a frame: for everyone in the arena, or for this viewer only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Notice", bound = ""))]
pub enum Notice<G: Game> {
    /// All players; replaces the known ones.
    Roster(Vec<Player>),
    /// A player joined.
    Joined(Player),
    /// A player left.
    Left(PlayerId),
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
    /// The game's own.
    Game(G::Notice),
    /// The creator of the room has made this player its creator: the key for requests that change the room, a text of at most
    /// [`ROOM_KEY_BYTES_MAX`](crate::engine::rooms::ROOM_KEY_BYTES_MAX).
    RoomKey(String),
    /// The badges of these players; those of others stay as they are.
    Badges(Vec<Badge>),
    /// This player has unlocked an achievement.
    Unlocked(UnlockedAchievement),
    /// The other members of this player's party, once per second; empty while it is alone.
    Party(Vec<PartyMember>),
}

/// Passes a [`super::ServerMessage::Frame`] to `out` in pieces, assembled from parts that are already encoded: `notices` are
/// those for everyone, for this player, and for this viewer, each as a count and its bytes; `cells` are encoded updates.
/// `scratch` is a buffer that the caller keeps, so that nothing is allocated.
pub fn write_frame<'a, G: Game>(
    scratch: &mut Vec<u8>,
    head: &FrameHead<G>,
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
    use crate::engine::{
        ids::CellIndex,
        protocol::{CellChange, ServerMessage, decode_server, encode_server},
        testing::{TestBody, TestGame},
    };

    #[test]
    fn assembled_frame_equals_the_encoded_frame() {
        let head: FrameHead<TestGame> = FrameHead {
            tick: Tick(70_000),
            lead: -2,
            viewer: ViewerState::Player { rank: 300, own: Some(TestBody::default()) },
            view: Some(ViewChange {
                window: CellWindow { left: 1, bottom: 2, right: 3, top: 4 },
                reset: true,
            }),
        };
        let notices =
            [Notice::Left(PlayerId(3)), Notice::Game(true), Notice::ChatRejected(ChatRejection::RateLimited)];
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
