//! Five hundred ships in one picture: what the page has to do for each, told and not judged, because the machine that
//! draws also carries the server and all the others.

use std::{path::Path, process::Command, time::Duration};

use fantoccini::actions::KeyAction;
use serde_json::Value;
use server::game::arena_file;
use shared::Vec2;
use tokio::time::sleep;

use crate::{
    engine::{Engine, Screen},
    page::{Page, position},
    rig::{Process, Scratch, path_from, serve},
};

/// The others.
const SHIPS: u32 = 500;
/// Sides of an arena that one picture shows from its middle.
const SIZE: Vec2 = Vec2::new(1536.0, 1024.0);
/// For how long the page is looked at, in seconds.
const LOOKS: usize = 10;

/// Writes an arena without rocks, of this size: whoever is in a small one is in everybody's view. Returns its path.
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

/// Lets so many bots play, until they are dropped.
pub(crate) fn bots(address: &str, count: u32, more: &[&str]) -> Process {
    let mut bots = Command::new(path_from("EMBERDRIFT_BIN").with_file_name("emberdrift-bots"));
    bots.args(["--url", &format!("ws://{address}"), "--players", &count.to_string(), "--full", "0"]);
    bots.args(["--seconds", "600"]).args(more);
    Process::spawn(bots.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()))
}

/// Flies to the middle of an open arena; whether nobody prevented it.
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
        page.keys(|value| KeyAction::Down { value }, &keys).await;
        sleep(Duration::from_millis(200)).await;
        page.keys(|value| KeyAction::Up { value }, &keys).await;
    }
    false
}

#[tokio::test]
async fn a_crowd_is_drawn() {
    let scratch = Scratch::new("crowd");
    let arena = open_arena(scratch.path(), SIZE);
    let (_server, address) = serve(&["--tick-rate", "20", "--drones", "0", "--seed", "7", "--arena", &arena]);
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    page.join("Visitor").await;
    page.fly().await;
    assert!(fly_to_middle(&page, SIZE).await, "who is alone gets to the middle");

    let _bots = bots(&address, SHIPS, &["--scenario", "crowd", "--peaceful"]);
    let most = u64::from(SHIPS * 9 / 10);
    page.wait_for("the crowd", |status| status["ships"].as_u64() >= Some(most)).await;
    let mut looks = Vec::new();
    for _ in 0..LOOKS {
        sleep(Duration::from_secs(1)).await;
        looks.push(page.status().await);
    }
    page.picture("crowd.png").await;
    let mean = |key: &str| {
        let told: Vec<f64> = looks.iter().filter_map(|status| status[key].as_f64()).collect();
        let mean = told.iter().sum::<f64>() / told.len() as f64;
        if told.is_empty() { "not told".to_owned() } else { format!("{mean:.1}") }
    };
    println!(
        "crowd: {} ships and {} embers in the picture; the page's own work {} ms a picture (mean), {} draw calls; {} \
         pictures a second, drawn by the processor",
        mean("ships"),
        mean("embers"),
        mean("workMs"),
        mean("drawCalls"),
        mean("fps"),
    );
    let last: &Value = looks.last().expect("there were looks");
    assert!(last["frames"].as_u64() > looks[0]["frames"].as_u64(), "frames no longer come");
    assert_eq!(last["checksumMismatches"], 0);
    let errors = page.console_errors().await;
    assert!(errors.is_empty(), "errors on the console: {errors:#?}");
    page.close().await;
}
