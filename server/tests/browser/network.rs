//! The game in a real browser on a bad network: nothing jumps, the lag readout blames the right part, and a page that was
//! hidden or loaded again goes on with its ship.

#![allow(clippy::disallowed_methods, reason = "a distance for a bound with room to spare")]

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{
    driver::{Engine, Screen},
    page::Page,
    processes::{Process, TIMEOUT, path_from, serve},
};

/// What a frame may move the own ship beyond its flight, in units: a correction is spread over many frames.
const JUMP_UNITS: f64 = 30.0;
/// Faster than any ship flies, in units a second.
const SPEED: f64 = 800.0;
/// Frames for which keys are held, and then released.
const HELD_FRAMES: u64 = 20;
const RELEASED_FRAMES: u64 = 5;
/// How long the page is hidden, in seconds of the server's ticks, unless the environment says otherwise.
const HIDDEN_SECONDS: u64 = 5;

/// A server, a network conditioner before it if there is one, and a page.
struct Game {
    page: Page,
    address: String,
    _processes: Vec<Process>,
}

async fn start(server: &[&str], conditions: Option<&str>) -> Game {
    let (server, mut address) = serve(&[&["--seed", "7"], server].concat());
    let mut processes = vec![server];
    if let Some(conditions) = conditions {
        let program = path_from("EMBERDRIFT_BIN").with_file_name("emberdrift-conditioner");
        let arguments = ["--listen", "127.0.0.1:0", "--to", &address, "--link", conditions];
        let (process, rest) = Process::start(&program, &arguments, "http://");
        address = rest.split(['/', ' ']).next().expect("an address follows").to_owned();
        processes.push(process);
    }
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/#trace")).await;
    page.join("Visitor").await;
    page.wait_for_ship().await;
    Game { page, address, _processes: processes }
}

/// Flies about.
async fn fly(page: &Page, rounds: usize) {
    for keys in ["d", "dw", "w ", "aw", "a", "as", "s ", "ds"].iter().cycle().take(rounds) {
        page.hold(keys).await;
        page.watch(HELD_FRAMES, |_| {}).await;
        page.release(keys).await;
        page.watch(RELEASED_FRAMES, |_| {}).await;
    }
}

/// The farthest that the own ship was shown to move in one frame beyond what it can fly, in units, while it lived; and
/// the number of frames.
async fn jumps(page: &Page) -> (f64, usize) {
    let script = "return Array.from(window.emberdriftTrace).map(n => isFinite(n) ? n : null)";
    let numbers = page.run(script).await;
    let numbers: Vec<Option<f64>> = numbers.as_array().expect("a list").iter().map(Value::as_f64).collect();
    let frames: Vec<_> =
        numbers.chunks_exact(3).filter_map(|one| Some((one[0]?, one[1]?, one[2]?))).collect();
    let jump = |two: &[(f64, f64, f64)]| {
        let (ms, x, y) = (two[1].0 - two[0].0, two[1].1 - two[0].1, two[1].2 - two[0].2);
        // After a pause it may be a new ship.
        if ms < 500.0 { x.hypot(y) - SPEED * ms / 1000.0 } else { 0.0 }
    };
    (frames.windows(2).map(jump).fold(0.0, f64::max), frames.len())
}

/// Waits until this part of the delay is blamed, and keeps a screenshot of the readout.
async fn wait_for_blame(page: &Page, culprit: &str, screenshot: &str) -> Value {
    let status = page.wait_for("blame", |status| status["lagCulprit"] == culprit).await;
    page.run("document.getElementById('ping-chip').click()").await;
    let is_marked = "return document.querySelector('#lag:not([hidden]) .culprit') !== null";
    page.wait_until("the readout to mark the culprit", is_marked).await;
    page.screenshot(screenshot).await;
    status
}

#[tokio::test]
async fn bad_network_is_blamed_and_nothing_jumps() {
    let conditions = "delay=150ms jitter=30ms stall=300ms/10s";
    let Game { page, _processes, .. } = start(&["--drones", "8"], Some(conditions)).await;
    fly(&page, 12).await;
    let status = wait_for_blame(&page, "Network", "lag-network.png").await;
    let (jump, frames) = jumps(&page).await;
    println!("{frames} frames, farthest jump {jump:.1} units; {status}");
    assert!(frames > 100, "{frames} frames");
    assert!(jump < JUMP_UNITS, "the own ship jumped by {jump:.1} units");
    assert_eq!(status["checksumMismatches"], 0);
    page.close().await;
}

#[tokio::test]
async fn slow_server_is_blamed() {
    // The ticks become slow while the page plays: a slow server admits no one.
    let server = ["--drones", "8", "--slow-tick", "120ms/300s@20s"];
    let Game { page, _processes, .. } = start(&server, None).await;
    wait_for_blame(&page, "Server tick", "lag-server.png").await;
    page.close().await;
}

/// A counter on the server's page of metrics, which the browser shows.
async fn counter(page: &Page, name: &str) -> u64 {
    page.browser.refresh().await.expect("the metrics are loaded");
    let text = page.run("return document.body.innerText").await;
    let text = text.as_str().expect("text");
    let line =
        text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name}: {text}"));
    line.rsplit(' ')
        .next()
        .and_then(|value| value.parse().ok())
        .unwrap_or_else(|| panic!("no number: {line}"))
}

#[tokio::test]
async fn hidden_page_keeps_its_connection_and_a_reload_resumes_the_ship() {
    let Game { page, address, _processes } = start(&["--drones", "0"], None).await;
    let tick_rate = page.status().await["tickRate"].as_u64().expect("a rate");
    let first = page.browser.window().await.expect("a window");
    // Another tab in front hides the page; it shows what the server counts.
    let other = page.browser.new_window(true).await.expect("a new tab");
    page.browser.switch_to_window(other.handle).await.expect("it opens");
    page.browser.goto(&format!("http://{address}/metrics")).await.expect("the metrics are there");
    let seconds = std::env::var("EMBERDRIFT_HIDDEN_SECONDS").ok().and_then(|text| text.parse().ok());
    let ticks = seconds.unwrap_or(HIDDEN_SECONDS) * tick_rate;
    let (ticks_before, frames_before) =
        (counter(&page, "emberdrift_ticks_total").await, counter(&page, "emberdrift_frames_total").await);
    let (start, mut passed) = (Instant::now(), 0);
    while passed < ticks {
        assert!(
            start.elapsed() < TIMEOUT + Duration::from_secs(ticks / tick_rate),
            "the server does not tick"
        );
        passed = counter(&page, "emberdrift_ticks_total").await - ticks_before;
    }
    let frames = counter(&page, "emberdrift_frames_total").await - frames_before;
    assert!(frames * 4 < passed, "a hidden page got {frames} frames in {passed} ticks");

    page.browser.switch_to_window(first).await.expect("the page is shown again");
    let status = page.watch(30, |_| {}).await;
    println!("hidden for {passed} ticks: {frames} frames, then {status}");
    assert!(status["position"].is_array());
    assert_eq!(status["connections"], 1);

    // The name is stored, and with it the ship can be resumed.
    page.browser.refresh().await.expect("the page is loaded again");
    page.join("").await;
    let status = page.wait_for_ship().await;
    assert_eq!(status["resumed"], true);
    page.close().await;
}
