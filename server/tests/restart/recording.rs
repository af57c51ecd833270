//! A simulation that fails leaves a recording, and whole games are recorded if asked for: both are replayed to the same tick, and a
//! difference is named.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use server::{
    engine::{
        recorder::{Segment, decode, put_header, put_segment},
        recording::content,
    },
    game::replicated::ReplicatedSim,
};

use super::{
    duellist::{Duellist, duel},
    process::{Arena, Server},
    program,
};

fn replay(file: &Path, more: &[&str]) -> Output {
    program::output(program::emberdrift().arg("replay").arg(file).args(more))
}

/// The line that a replay to the end prints.
pub(crate) fn verified(file: &Path) -> String {
    let output = replay(file, &["--verify"]);
    let (said, error) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!((output.status.code(), &*error), (Some(0), ""), "{said}");
    assert!(said.starts_with("Duel: tick ") && said.contains("each as it was recorded"), "{said}");
    said
}

pub(crate) fn recordings(dir: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "recording")).collect()
}

/// The first segment of a recording with another checksum of its last tick, and that tick.
fn spoilt(recording: &[u8]) -> (Vec<u8>, u32) {
    let read = decode(recording, content::<ReplicatedSim>()).unwrap();
    let (first, second) = (read.segments[0], read.segments[1]);
    let mut log = first.log.to_vec();
    // A log ends with the checksum of its last tick.
    *log.last_mut().unwrap() ^= 1;
    let mut out = Vec::new();
    put_header(&mut out, read.definition);
    put_segment(&mut out, &Segment { tick: first.tick, base: first.base.to_vec(), log }, true);
    (out, second.tick)
}

#[tokio::test]
async fn simulation_that_fails_leaves_what_led_to_it_and_players_come_back() {
    let arena = Arena::new();
    let server = Server::start(&arena, &["--snapshot-seconds", "1", "--fail-after", "4"]);
    let mut ada = Duellist::join(&server, "Ada").await;
    ada.closed().await;
    let address = server.address.clone();
    let (code, log) = server.wait_with_log();
    assert_eq!(code, Some(3), "{log:?}");
    let said: Vec<_> = log.iter().filter(|line| line.contains("the simulation failed")).collect();
    let [recording] = &recordings(&arena.state())[..] else { panic!("{log:?}") };
    assert!(matches!(&said[..], [line] if line.contains(recording.to_str().unwrap())), "{said:?}");
    assert!(log.iter().any(|line| line.contains("a failure drill, by --fail-after")), "{log:?}");
    let line = verified(recording);
    assert_eq!(line, String::from_utf8(replay(recording, &["--verify"]).stdout).unwrap(), "twice the same");

    let server = Server::start_at(&address, &arena, &[]);
    assert!(ada.reconnect(&server).await.is_resumed);
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
}

#[test]
fn snapshot_that_leads_to_a_failure_at_once_is_not_loaded_again() {
    let arena = Arena::new();
    let server = Server::start(&arena, &[]);
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
    let server = Server::start(&arena, &["--fail-after", "1"]);
    assert_eq!(server.wait(), Some(3));
    assert!(!arena.snapshot().exists());
    assert!(Path::new(&format!("{}.refused-1", arena.snapshot().display())).exists());
}

#[tokio::test]
async fn whole_game_is_recorded_and_a_tick_that_differs_is_named() {
    let arena = Arena::new();
    let games = arena.state().with_file_name("games");
    let server = Server::start(&arena, &["--record", games.to_str().unwrap()]);
    let (mut ada, _bo) = duel(&server).await;
    let last = ada.frame().await.head.tick;
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
    let [recording] = &recordings(&games)[..] else { panic!("{games:?}") };
    let line = verified(recording);
    assert!(line.contains("after tick 0"), "{line}");
    let tick: u32 = line.split("tick ").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
    assert!(tick >= last.0, "{line}");

    let other = recording.with_extension("spoilt");
    let (bytes, tick) = spoilt(&fs::read(recording).unwrap());
    fs::write(&other, bytes).unwrap();
    let output = replay(&other, &["--verify"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{error}");
    assert!(error.contains(&format!("tick {tick} of")) && error.lines().count() == 1, "{error}");
    assert_eq!(replay(&other, &[]).status.code(), Some(0), "it is not asked for");
    assert_eq!(replay(&arena.snapshot(), &[]).status.code(), Some(1), "a snapshot is no recording");
    assert_eq!(replay(Path::new("nowhere"), &[]).status.code(), Some(1));
}

#[test]
fn full_disk_takes_no_old_recording_with_it_and_is_said_once() {
    let arena = Arena::new();
    let games = arena.state().with_file_name("games");
    fs::create_dir(&games).unwrap();
    // More than are kept.
    for number in 1..=600 {
        fs::write(games.join(format!("duel-{number}.recording")), "an hour of play").unwrap();
    }
    // The stop hands two segments over.
    let server = Server::start_on_full_disk(&arena, &["--record", games.to_str().unwrap()]);
    while server.metric("emberdrift_ticks_total{arena=\"duel\"}") <= 5 * 30 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    server.signal("-TERM");
    let (code, log) = server.wait_with_log();
    assert_eq!(code, Some(1), "its snapshot cannot be written either: {log:?}");
    let said: Vec<_> = log.iter().filter(|line| line.contains("record")).collect();
    assert!(matches!(&said[..], [line] if line.contains("cannot record")), "{said:?}");
    let left = recordings(&games);
    assert_eq!(left.len(), 600);
    assert!(left.iter().all(|file| fs::metadata(file).unwrap().len() > 0));
}
