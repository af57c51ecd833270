//! How the game feels in a real browser behind a bad link: nothing jumps, the readout blames who is to blame, and a page
//! that was hidden or cut off goes on with its ship.

#![allow(clippy::disallowed_methods, reason = "a distance for a bound with room to spare")]

use std::time::Duration;

use fantoccini::actions::KeyAction;
use serde_json::Value;
use tokio::time::sleep;

use crate::{
    engine::{Engine, Screen},
    page::Page,
    rig::{Process, path_from, serve},
};

/// What a picture may show the own ship to move besides flying, in units: a correction is melted away over pictures,
/// and one of 200 units would be another place.
const JUMP_UNITS: f64 = 30.0;
/// Faster than any ship flies, in units a second.
const SPEED: f64 = 800.0;

/// A server, a link before it if one is named, and a page that looks at it.
struct Rig {
    page: Page,
    _processes: Vec<Process>,
}

async fn rig(server: &[&str], link: Option<&str>) -> Rig {
    let (server, mut address) = serve(&[&["--seed", "7"], server].concat());
    let mut processes = vec![server];
    if let Some(link) = link {
        let program = path_from("EMBERDRIFT_BIN").with_file_name("emberdrift-conditioner");
        let arguments = ["--listen", "127.0.0.1:0", "--to", &address, "--link", link];
        let (process, rest) = Process::start(&program, &arguments, "http://");
        address = rest.split(['/', ' ']).next().expect("an address follows").to_owned();
        processes.push(process);
    }
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/#trace")).await;
    Rig { page, _processes: processes }
}

/// Flies about for some seconds.
async fn fly(page: &Page, rounds: usize) {
    for keys in ["d", "dw", "w ", "aw", "a", "as", "s ", "ds"].iter().cycle().take(rounds) {
        page.keys(|value| KeyAction::Down { value }, keys).await;
        sleep(Duration::from_millis(700)).await;
        page.keys(|value| KeyAction::Up { value }, keys).await;
        sleep(Duration::from_millis(150)).await;
    }
}

/// The farthest that the own ship was shown to move from one picture to the next beyond what it can fly, in units,
/// while it lived; and the pictures.
async fn jumps(page: &Page) -> (f64, usize) {
    let script = "return Array.from(window.emberdriftTrace).map(n => isFinite(n) ? n : null)";
    let numbers = page.run(script).await;
    let numbers: Vec<Option<f64>> = numbers.as_array().expect("a list").iter().map(Value::as_f64).collect();
    let pictures: Vec<_> =
        numbers.chunks_exact(3).filter_map(|one| Some((one[0]?, one[1]?, one[2]?))).collect();
    let jump = |two: &[(f64, f64, f64)]| {
        let (ms, x, y) = (two[1].0 - two[0].0, two[1].1 - two[0].1, two[1].2 - two[0].2);
        // After a pause it may be a new ship.
        if ms < 500.0 { x.hypot(y) - SPEED * ms / 1000.0 } else { 0.0 }
    };
    (pictures.windows(2).map(jump).fold(0.0, f64::max), pictures.len())
}

#[tokio::test]
async fn behind_a_bad_link_nothing_jumps_and_the_network_is_to_blame() {
    let link = "delay=150ms jitter=30ms stall=300ms/10s";
    let Rig { page, _processes } = rig(&["--drones", "8"], Some(link)).await;
    page.join("Visitor").await;
    page.wait_for("the ship", |status| status["position"].is_array()).await;
    fly(&page, 24).await;
    let status = page.wait_for("blame", |status| status["lagCulprit"] == "Network").await;
    page.run("document.getElementById('ping-chip').click()").await;
    sleep(Duration::from_millis(1500)).await;
    page.picture("lag-network.png").await;
    let (jump, pictures) = jumps(&page).await;
    println!("{pictures} pictures, farthest jump {jump:.1} units; {status}");
    assert!(pictures > 200, "{pictures} pictures");
    assert!(jump < JUMP_UNITS, "the own ship jumped by {jump:.1} units");
    assert_eq!(status["checksumMismatches"], 0);
    page.close().await;
}

#[tokio::test]
async fn of_a_slow_server_the_server_is_blamed() {
    let server = ["--drones", "8", "--slow-tick", "120ms/300s@20s"];
    let Rig { page, _processes } = rig(&server, None).await;
    page.join("Visitor").await;
    page.wait_for("the ship", |status| status["position"].is_array()).await;
    // The ticks become slow while it plays: those who come then are let in no more.
    page.wait_for("blame", |status| status["lagCulprit"] == "Server tick").await;
    page.run("document.getElementById('ping-chip').click()").await;
    sleep(Duration::from_millis(1500)).await;
    page.picture("lag-server.png").await;
    page.close().await;
}

#[tokio::test]
async fn a_hidden_page_comes_back_without_a_new_connection_and_a_reload_with_the_same_ship() {
    let Rig { page, _processes } = rig(&["--drones", "0"], None).await;
    page.join("Visitor").await;
    page.wait_for("the ship", |status| status["position"].is_array()).await;
    let first = page.browser.window().await.expect("a window");
    // Another tab before it hides it.
    let other = page.browser.new_window(true).await.expect("a new tab");
    page.browser.switch_to_window(other.handle).await.expect("it opens");
    let hidden_seconds: u64 =
        std::env::var("EMBERDRIFT_HIDDEN_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    sleep(Duration::from_secs(hidden_seconds)).await;
    page.browser.switch_to_window(first).await.expect("it is shown again");
    let frames = page.status().await["frames"].as_u64().expect("a count");
    let status = page
        .wait_for("frames again", |status| {
            status["position"].is_array() && status["frames"].as_u64() > Some(frames + 30)
        })
        .await;
    println!("after {hidden_seconds} s: {frames} frames, then {status}");
    assert_eq!(status["connections"], 1);
    // While it was hidden there was about one a second.
    assert!(frames < 120 + 3 * hidden_seconds, "{frames} frames");

    // The name is kept, and with it the ship: another name would ask for another.
    page.browser.refresh().await.expect("it loads again");
    page.join("").await;
    let status = page.wait_for("the ship", |status| status["position"].is_array()).await;
    assert_eq!(status["resumed"], true);
    page.close().await;
}
