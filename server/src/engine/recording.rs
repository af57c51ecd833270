//! What a recording has of a game: an arena, states and commands; and the replay of a recording. Must not know files.

use serde::Serialize;
use shared::engine::{
    arena_check,
    checksum::Checksum,
    game_trait::{Arena as _, Game as _, Input, RuleError},
    ids::Tick,
    limits::{ARENA_BYTES_MAX, INPUT_BYTES_MAX, TICK_RATE_MAX, TICK_RATE_MIN},
    protocol::{DecodeError, decode, decode_prefix, encode, put},
};

use super::{
    checked::{Broken, ensure},
    input_queue::TimedInput,
    recorder::{self, BrokenRecording, Entry, RecordedSegment},
    sessions::SessionId,
    simulation::{ArenaOf, Command, InputOf, Simulation},
    snapshot::SNAPSHOT_BYTES_MAX,
};

/// Version of the encoding of commands.
const COMMANDS_VERSION: u32 = 3;

/// Version of what is in a recording: the encoding of states, and that of commands.
pub const fn content<S: Simulation>() -> u32 {
    S::STATE_VERSION << 16 | COMMANDS_VERSION
}

/// Most bytes of an arena and its tick rate.
pub(crate) const DEFINITION_BYTES_MAX: usize = ARENA_BYTES_MAX + 16;
/// Most bytes of a command that is no input.
const COMMAND_BYTES_MAX: usize = 256;

/// An input follows: its session, tick and rewind in as many bytes as they have, because a thousand inputs in each tick must cost next
/// to nothing; then the game's encoding of it.
const INPUT: u8 = 0;
const INPUT_HEAD_BYTES: usize = 14;
/// Any other command follows.
const OTHER: u8 = 1;

/// The encoding of an arena.
pub fn definition<A: Serialize>(arena: &A, tick_rate: u16) -> Vec<u8> {
    encode(&(arena, tick_rate))
}

/// Appends the commands of a tick.
pub fn put_commands<I: Input>(out: &mut Vec<u8>, commands: &[Command<I>]) {
    for command in commands {
        if let Command::Input { session, input: TimedInput { tick, input, rewind } } = command {
            let mut head = [INPUT; INPUT_HEAD_BYTES + 1];
            head[1..9].copy_from_slice(&session.0.to_le_bytes());
            head[9..13].copy_from_slice(&tick.0.to_le_bytes());
            head[13..15].copy_from_slice(&rewind.to_le_bytes());
            out.extend_from_slice(&head);
            put(out, input);
        } else {
            out.push(OTHER);
            put(out, command);
        }
    }
}

/// The commands of a tick. Any bytes are some or refused; memory is bounded by a few times theirs.
pub fn read_commands<I: Input>(mut bytes: &[u8]) -> Result<Vec<Command<I>>, BrokenRecording> {
    let mut commands = Vec::new();
    while let Some((kind, rest)) = bytes.split_first() {
        let (command, used) = match *kind {
            INPUT => read_input(rest).ok_or(BrokenRecording::Entry)?,
            OTHER => {
                let bounded = &rest[..rest.len().min(COMMAND_BYTES_MAX)];
                decode_prefix::<_, COMMAND_BYTES_MAX>(bounded).map_err(|_| BrokenRecording::Entry)?
            }
            _ => return Err(BrokenRecording::Entry),
        };
        commands.push(command);
        bytes = &rest[used..];
    }
    Ok(commands)
}

/// An input, and how many bytes it has.
fn read_input<I: Input>(bytes: &[u8]) -> Option<(Command<I>, usize)> {
    let (head, rest) = bytes.split_first_chunk::<INPUT_HEAD_BYTES>()?;
    let (session, head) = head.split_first_chunk()?;
    let (tick, rewind) = head.split_first_chunk()?;
    let rewind = u16::from_le_bytes(*rewind.first_chunk()?);
    let bounded = &rest[..rest.len().min(INPUT_BYTES_MAX)];
    let (input, used) = decode_prefix::<_, INPUT_BYTES_MAX>(bounded).ok()?;
    let input = TimedInput { tick: Tick(u32::from_le_bytes(*tick)), input, rewind };
    let session = SessionId(u64::from_le_bytes(*session));
    Some((Command::Input { session, input }, INPUT_HEAD_BYTES + used))
}

/// Why a recording cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The bytes are no recording.
    #[error(transparent)]
    Recording(#[from] BrokenRecording),
    /// A part of it is not encoded as it should be.
    #[error("it has a part that cannot be read: {0}")]
    Bytes(#[from] DecodeError),
    /// A number of its arena is outside its range.
    #[error("its arena: {0}")]
    Arena(#[from] RuleError),
    /// Its state is none.
    #[error("it has a state that breaks a rule: {0}")]
    State(#[from] Broken),
}

/// A tick that came out differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The first one.
    pub tick: u32,
    /// The checksum in the recording.
    pub recorded: u64,
    /// The checksum here.
    pub replayed: u64,
}

/// How a replay ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// The arena's name.
    pub arena: String,
    /// The tick of the first state.
    pub from: u32,
    /// The last tick.
    pub tick: u32,
    /// The checksum of the whole state after it.
    pub checksum: u64,
    /// Where it differs from the recording, if it was verified. It ends there.
    pub difference: Option<Difference>,
    /// Bytes at the recording's end that are no whole segment.
    pub cut: usize,
}

/// Replays a recording to its end, or, to verify it, up to the first tick that differs. `on_unfinished` is called before a tick
/// whose end was not recorded: the simulation failed in it, and may do so again.
pub fn replay<S: Simulation>(
    bytes: &[u8],
    is_verified: bool,
    mut on_unfinished: impl FnMut(u32),
) -> Result<Replayed, ReplayError> {
    let recording = recorder::decode(bytes, content::<S>())?;
    let (arena, tick_rate) = decode::<(ArenaOf<S>, u16), DEFINITION_BYTES_MAX>(recording.definition.arena)?;
    arena_check::check(&arena)?;
    let is_in_range = (TICK_RATE_MIN..=TICK_RATE_MAX).contains(&tick_rate);
    ensure(is_in_range, || format!("{tick_rate} ticks a second"))?;
    let mut segments = recording.segments.iter();
    // `decode` accepts no recording without it.
    let first = segments.next().ok_or(BrokenRecording::Empty)?;
    let state = decode::<S::Unchecked, SNAPSHOT_BYTES_MAX>(first.base)?;
    let mut sim = S::restore(state, S::Game::map(arena, tick_rate), tick_rate)?;
    let mut replayed = Replayed {
        arena: sim.arena().name().to_owned(),
        from: first.tick,
        tick: 0,
        checksum: 0,
        difference: None,
        cut: recording.cut,
    };
    let mut differs = |sim: &S, recorded: u64, here: u64| {
        if is_verified && recorded != here {
            replayed.difference = Some(Difference { tick: sim.tick().0, recorded, replayed: here });
        }
        replayed.difference.is_some()
    };
    'all: for RecordedSegment { base_hash, log, .. } in std::iter::once(first).chain(segments) {
        // What a quick checksum does not cover may differ too.
        if is_verified && differs(&sim, *base_hash, recorder::base_hash(&encode(&sim.state()))) {
            break;
        }
        for entry in recorder::entries(log) {
            match entry? {
                Entry::Skip(ticks) => sim.skip(ticks),
                Entry::Step { commands, checksum } => {
                    if checksum.is_none() {
                        on_unfinished(sim.tick().after(1).0);
                    }
                    sim.step(&read_commands::<InputOf<S>>(commands)?);
                    if checksum.is_some_and(|recorded| differs(&sim, recorded, sim.quick_checksum())) {
                        break 'all;
                    }
                }
            }
        }
    }
    (replayed.tick, replayed.checksum) = (sim.tick().0, Checksum::of(&sim.state()));
    Ok(replayed)
}
