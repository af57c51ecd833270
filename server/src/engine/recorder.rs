//! The flight recorder: what entered each tick, since a state that it can be stepped from. Always on, in memory, bounded. It is
//! written when a simulation fails, so that the failure can be stepped through again; and all of it, if asked for. Knows
//! bytes; what they mean is the game's.

mod file;
mod game_files;
mod log;
mod numbered;
mod writer;

pub use self::{
    file::{
        BrokenRecording, Definition, Entry, RECORDING_BYTES_MAX, RECORDING_FORMAT, RecordedSegment,
        Recording, base_hash, decode, entries, put_header, put_segment,
    },
    log::{Recorder, Segment},
    numbered::save_failure,
    writer::{RecordSender, RecordWriter},
};
