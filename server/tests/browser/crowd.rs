//! Five hundred ships in one frame. What the page needs for it is printed and not compared with anything, because the same
//! machine runs the server and all the bots.

use std::{path::Path, process::Command};

use serde_json::Value;
use server::game::arena_file;
use shared::Vec2;

use crate::{
    driver::{Engine, Screen},
    page::{Page, position},
    processes::{Process, Scratch, path_from, serve},
};

/// Bots.
const SHIPS: u32 = 500;
/// The size of an arena that one frame shows from its middle.
const SIZE: Vec2 = Vec2::new(1536.0, 1024.0);
/// Looks at the page, and frames between two of them.
const LOOKS: usize = 5;
const LOOK_FRAMES: u64 = 20;

/// Writes an arena without rocks, of this size, and returns its path. In a small one every ship is in view of every other.
pub(crate) fn open_arena(scratch: &Path, size: Vec2) -> String {
    let mut arena = arena_file::load("drift").expect("the arena is embedded");
    let share = size.element_product() / arena.size.element_product();
    arena.size = size;
    arena.rocks.clear();
    let embers = &mut arena.rules.embers;
    embers.supply = (embers.supply as f32 * share) as u32;
    embers.emit_per_second *= share;
    let text = ron::ser::to_string_pretty(&arena, ron::ser::PrettyConfig::default()).expect("it is text");
    let file = scratch.join("open.ron");
    std::fs::write(&file, text).expect("the arena is written");
    file.display().to_string()
}

/// Runs this many bots until the value is dropped.
pub(crate) fn bots(address: &str, count: u32, more: &[&str]) -> Process {
    let mut bots = Command::new(path_from("EMBERDRIFT_BIN").with_file_name("emberdrift-bots"));
    bots.args(["--url", &format!("ws://{address}"), "--players", &count.to_string(), "--full", "0"]);
    bots.args(["--seconds", "600"]).args(more);
    Process::spawn(bots.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()))
}

/// Flies to the middle of an open arena. Returns whether the ship got there.
pub(crate) async fn fly_to_middle(page: &Page, size: Vec2) -> bool {
    for _ in 0..40 {
        let Some((x, y)) = position(&page.status().await) else { return false };
        let (x, y) = (f64::from(size.x) / 2.0 - x, f64::from(size.y) / 2.0 - y);
        let key = |way: f64, more: char, less: char| match way {
            _ if way > 60.0 => Some(more),
            _ if way < -60.0 => Some(less),
            _ => None,
        };
        let keys: String = [key(x, 'd', 'a'), key(y, 'w', 's')].into_iter().flatten().collect();
        if keys.is_empty() {
            return true;
        }
        page.hold(&keys).await;
        page.watch(4, |_| {}).await;
        page.release(&keys).await;
    }
    false
}

#[tokio::test]
async fn crowd_of_500_is_drawn() {
    let scratch = Scratch::new("crowd");
    let arena = open_arena(scratch.path(), SIZE);
    let (_server, address) = serve(&["--tick-rate", "20", "--drones", "0", "--seed", "7", "--arena", &arena]);
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    page.join("Visitor").await;
    page.respawn().await;
    assert!(fly_to_middle(&page, SIZE).await, "no other ship is there yet");

    let _bots = bots(&address, SHIPS, &["--scenario", "crowd", "--peaceful"]);
    let most = u64::from(SHIPS * 9 / 10);
    page.wait_for("the crowd", |status| status["ships"].as_u64() >= Some(most)).await;
    let mut looks = Vec::new();
    for _ in 0..LOOKS {
        looks.push(page.watch(LOOK_FRAMES, |_| {}).await);
    }
    page.screenshot("crowd.png").await;
    let mean = |key: &str| {
        let values: Vec<f64> = looks.iter().filter_map(|status| status[key].as_f64()).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        if values.is_empty() { "not reported".to_owned() } else { format!("{mean:.1}") }
    };
    println!(
        "crowd: {} ships and {} embers in a frame; the page's own work {} ms a frame (mean), {} draw calls; {} FPS, \
         rendered by the processor",
        mean("ships"),
        mean("embers"),
        mean("workMs"),
        mean("drawCalls"),
        mean("fps"),
    );
    let last: &Value = looks.last().expect("there were looks");
    assert!(last["frames"].as_u64() > looks[0]["frames"].as_u64(), "no more frames were received");
    assert_eq!(last["checksumMismatches"], 0);
    page.assert_no_errors().await;
    page.close().await;
}
