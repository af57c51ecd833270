//! Every limit of messages and the grid, and the reserved value of `lead`. Limits of sockets are in the server.

/// Side of a grid cell, in world units.
pub const CELL_SIZE: f32 = 512.0;
/// Positions on the wire are whole steps of 1/16 unit.
pub const POSITION_STEPS_PER_UNIT: f32 = 16.0;
/// Steps along one side of a cell.
pub const CELL_STEPS: i32 = (CELL_SIZE * POSITION_STEPS_PER_UNIT) as i32;

/// Most cells a grid may have; a `CellIndex` must hold it.
pub const CELLS_MAX: usize = 1024;
/// Longest side of an arena, in world units: 32 cells.
pub const ARENA_SIDE_MAX: f32 = 16_384.0;
/// Most characters in the name of an arena.
pub const ARENA_NAME_CHARS_MAX: usize = 32;

/// Most items in one cell.
pub const ITEMS_PER_CELL_MAX: usize = 1024;
/// Items lie on a lattice of this many points along a cell's side: one byte each way.
pub const ITEM_LATTICE: u16 = 256;

/// Rows of the leaderboard.
pub const LEADERBOARD_ROWS_MAX: usize = 10;

/// Most bytes in the name of a game.
pub const GAME_NAME_BYTES_MAX: usize = 24;
/// Most bytes of an input in memory.
pub const INPUT_SIZE_MAX: usize = 8;
/// Most bytes of an encoded input. A number of two bytes takes up to three.
pub const INPUT_BYTES_MAX: usize = 15;

/// Most players in one arena, server-controlled ones included.
pub const PLAYERS_MAX: usize = 8192;
/// Most characters in a name.
pub const NAME_CHARS_MAX: usize = 16;
/// Most bytes in a name: four a character in UTF-8.
pub const NAME_BYTES_MAX: usize = NAME_CHARS_MAX * 4;
/// Most characters in a line of chat.
pub const CHAT_CHARS_MAX: usize = 120;
/// Most bytes in a line of chat: four a character in UTF-8.
pub const CHAT_BYTES_MAX: usize = CHAT_CHARS_MAX * 4;
/// Most bytes in a join ticket. With the longest name and proof of identity the `Hello` still fits a message.
pub const TICKET_BYTES_MAX: usize = 512;
/// Most bytes in a proof of identity.
pub const IDENTITY_BYTES_MAX: usize = 192;
/// Most bytes in the code of a party.
pub const PARTY_BYTES_MAX: usize = 16;
/// Lines of chat that a joining client receives.
pub const CHAT_HISTORY_MAX: usize = 50;

/// Slowest tick the game is tuned for, in Hz.
pub const TICK_RATE_MIN: u16 = 10;
/// Fastest tick, in Hz.
pub const TICK_RATE_MAX: u16 = 128;

/// Parts of a tick in which a client states how far in the past it saw the others.
pub const REWIND_PARTS: u16 = 16;

/// A frame head's `lead` before the first input has arrived.
pub const LEAD_NONE: i8 = i8::MIN;

/// Frames that may be unacknowledged. Less than half of what a byte distinguishes; two seconds at 60 Hz, less at faster rates.
pub const FRAMES_UNACKED_MAX: u32 = 120;

/// Largest binary message a client may send, in bytes.
pub const CLIENT_MESSAGE_BYTES_MAX: usize = 896;
/// Largest text message a client may send, in bytes: a line of chat in which every character is escaped.
pub const CLIENT_JSON_BYTES_MAX: usize = 2048;
/// Largest binary message a server sends, in bytes: a welcome, or a full view of a crowd.
pub const SERVER_MESSAGE_BYTES_MAX: usize = 1 << 20;
/// Largest text message a server sends, in bytes: the same with field names.
pub const SERVER_JSON_BYTES_MAX: usize = 1 << 25;
/// Most bytes of an arena in the binary encoding: a welcome has 64 KiB for everything else.
pub const ARENA_BYTES_MAX: usize = SERVER_MESSAGE_BYTES_MAX - (1 << 16);
/// The same in JSON, with 1 MiB for everything else.
pub const ARENA_JSON_BYTES_MAX: usize = SERVER_JSON_BYTES_MAX - (1 << 20);

/// Colours that a player can choose from.
pub const COLOURS: u8 = 8;

const _: () = {
    assert!(CELL_STEPS <= u16::MAX as i32, "a position in a cell must fit a u16");
    assert!(CELLS_MAX <= u16::MAX as usize);
    let cells = (ARENA_SIDE_MAX / CELL_SIZE) as usize;
    assert!(cells * cells <= CELLS_MAX, "the largest arena must fit the largest grid");
    assert!(PLAYERS_MAX <= u16::MAX as usize, "the largest id is reserved");
    assert!(FRAMES_UNACKED_MAX < 128, "the acknowledged byte must name one frame");
    // A whisper is sent as one line with the name; JSON escapes a character outside the basic plane in twelve bytes.
    let line = CHAT_CHARS_MAX + NAME_CHARS_MAX;
    assert!(line * 4 + 16 < CLIENT_MESSAGE_BYTES_MAX && line * 12 + 32 < CLIENT_JSON_BYTES_MAX);
    let hello =
        NAME_BYTES_MAX + GAME_NAME_BYTES_MAX + TICKET_BYTES_MAX + IDENTITY_BYTES_MAX + PARTY_BYTES_MAX;
    assert!(hello + 64 < CLIENT_MESSAGE_BYTES_MAX, "a hello must fit a client message");
    // A welcome has the last lines of chat too, each with two names.
    let chat = CHAT_HISTORY_MAX * (CHAT_BYTES_MAX + 2 * NAME_BYTES_MAX + 64);
    assert!(ARENA_BYTES_MAX + chat < SERVER_MESSAGE_BYTES_MAX, "a welcome must fit a server message");
    assert!(ARENA_JSON_BYTES_MAX + 3 * chat < SERVER_JSON_BYTES_MAX);
    assert!(INPUT_BYTES_MAX + 16 < CLIENT_MESSAGE_BYTES_MAX, "an input must fit a client message");
};
