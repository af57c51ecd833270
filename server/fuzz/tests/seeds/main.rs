//! Keeps the targets alive: each runs on its seeds, on parts and changes of them, and on random bytes.
//!
//! `EMBERDRIFT_WRITE_SEEDS=1` writes the seeds that are recorded: from a game over a socket, and from what is played in memory.

mod record;
mod socket;

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use fuzz::{TARGETS, Target};
use proptest::{collection::vec, prelude::*, sample::Index, test_runner::TestRunner};

/// libFuzzer makes no longer ones by itself.
pub(crate) const SEED_BYTES_MAX: usize = 4096;
/// All seeds together: they are part of the repository.
const SEEDS_BYTES_MAX: u64 = 200_000;

fn folder(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target.name)
}

fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let folder = folder(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    files.map(|file| fs::read(file.expect("a file").path()).expect("it can be read")).collect()
}

#[test]
fn seeds_are_recorded() {
    let mut recorded = record::all();
    // Another game each time: what it sends is run, whether it is written or not.
    recorded.extend(socket::all());
    for (name, seed) in &recorded {
        let (target, _) = name.split_once('/').expect("it has a folder");
        let target = fuzz::target(target).expect("there is a target of this name");
        assert!(seed.len() <= SEED_BYTES_MAX, "{name}: {} bytes", seed.len());
        (target.run)(seed);
    }
    if env::var_os("EMBERDRIFT_WRITE_SEEDS").is_some() {
        for (name, seed) in recorded {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("it can be made");
            fs::write(file, seed).expect("it can be written");
        }
    }
}

#[test]
fn every_target_has_seeds_and_they_are_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let folders =
        fs::read_dir(root).expect("it can be read").map(|folder| folder.expect("a folder").file_name());
    let folders: BTreeSet<_> = folders.map(|name| name.into_string().expect("plain")).collect();
    let targets: BTreeSet<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(folders, targets, "a folder for each target, and none else");
    let sizes = TARGETS.iter().flat_map(seeds).map(|seed| seed.len() as u64);
    let (count, bytes) = sizes.fold((0, 0), |(count, sum), bytes| (count + 1, sum + bytes));
    assert!(count >= TARGETS.len() && bytes <= SEEDS_BYTES_MAX, "{count} seeds of {bytes} bytes");
}

/// A seed that was cut, and had some of its bytes replaced and others put in.
fn changed(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let edits = vec((any::<Index>(), any::<u8>(), any::<bool>()), 0..8);
    (proptest::sample::select(seeds), any::<Index>(), any::<bool>(), edits).prop_map(
        |(mut bytes, cut, cuts, edits)| {
            if cuts {
                bytes.truncate(cut.index(bytes.len() + 1));
            }
            for (at, byte, puts_in) in edits {
                match bytes.len() {
                    length if puts_in || length == 0 => bytes.insert(at.index(length + 1), byte),
                    length => bytes[at.index(length)] = byte,
                }
            }
            bytes
        },
    )
}

#[test]
fn every_target_bears_its_seeds_changes_of_them_and_random_bytes() {
    for target in TARGETS {
        let seeds = seeds(&target);
        for seed in &seeds {
            (target.run)(seed);
        }
        let config = ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() };
        let bytes = prop_oneof![4 => changed(seeds), 1 => vec(any::<u8>(), 0..300)];
        let ran = TestRunner::new(config).run(&bytes, |bytes| {
            (target.run)(&bytes);
            Ok(())
        });
        if let Err(error) = ran {
            panic!("{}: {error}", target.name);
        }
    }
}
