//! `emberdrift replay`: steps through a recording, and says where it ended or where it differs.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use crate::engine::{
    recorder::RECORDING_BYTES_MAX,
    recording::{self, Difference, ReplayError, Replayed},
    simulation::Simulation,
};

/// Why a recording was not replayed to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReplayFailed {
    /// The file cannot be read.
    #[error("cannot read the recording '{file}': {error}")]
    Unreadable {
        /// Which.
        file: String,
        /// Why.
        error: io::Error,
    },
    /// It is too big.
    #[error("the recording '{file}' has more than {RECORDING_BYTES_MAX} bytes, which is more than is read")]
    TooBig {
        /// Which.
        file: String,
    },
    /// It is no recording, or one that cannot be stepped through.
    #[error("cannot replay '{file}': {error}")]
    Unusable {
        /// Which.
        file: String,
        /// Why.
        error: ReplayError,
    },
    /// A tick came out differently.
    #[error(
        "tick {} of '{file}' differs: its checksum was {:016x} when it was recorded, and is {:016x} now; it was the same in all \
         ticks before. If this is not the program that recorded it, use that one",
        .difference.tick, .difference.recorded, .difference.replayed
    )]
    Different {
        /// Which.
        file: String,
        /// The first tick.
        difference: Difference,
    },
}

/// Replays a file, and prints how it ended.
pub fn replay<S: Simulation>(file: &Path, is_verified: bool) -> Result<(), ReplayFailed> {
    let shown = || file.display().to_string();
    let mut bytes = Vec::new();
    let read =
        File::open(file).and_then(|open| open.take(RECORDING_BYTES_MAX as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|error| ReplayFailed::Unreadable { file: shown(), error })?;
    if bytes.len() > RECORDING_BYTES_MAX {
        return Err(ReplayFailed::TooBig { file: shown() });
    }
    let replayed = recording::replay::<S>(&bytes, is_verified, |tick| {
        print(&format!("the simulation failed in tick {tick}, which is stepped now"));
    });
    let replayed = replayed.map_err(|error| ReplayFailed::Unusable { file: shown(), error })?;
    if let Some(difference) = replayed.difference {
        return Err(ReplayFailed::Different { file: shown(), difference });
    }
    print(&summary(&replayed, is_verified));
    Ok(())
}

fn summary(replayed: &Replayed, is_verified: bool) -> String {
    let Replayed { arena, from, tick, checksum, cut, .. } = replayed;
    let ticks = tick.saturating_sub(*from);
    let verified = if is_verified { ", each as it was recorded" } else { "" };
    let cut = match cut {
        0 => String::new(),
        bytes => format!("; {bytes} bytes at its end are no whole segment"),
    };
    format!("{arena}: tick {tick}, checksum {checksum:016x}, {ticks} ticks after tick {from}{verified}{cut}")
}

/// A closed output changes nothing.
fn print(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_names_the_tick_and_what_was_verified() {
        let replayed = Replayed {
            arena: "Drift".to_owned(),
            from: 100,
            tick: 250,
            checksum: 0xabc,
            difference: None,
            cut: 0,
        };
        let line = "Drift: tick 250, checksum 0000000000000abc, 150 ticks after tick 100";
        assert_eq!(summary(&replayed, false), line);
        assert_eq!(summary(&replayed, true), format!("{line}, each as it was recorded"));
        let cut = Replayed { cut: 7, ..replayed };
        assert!(summary(&cut, false).ends_with("; 7 bytes at its end are no whole segment"));
    }
}
