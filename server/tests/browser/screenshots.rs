//! The screenshots of the documents, taken by `cargo xtask screenshots`. They are no tests, so they run only when asked for.

use std::fs;

use fantoccini::Locator;
use serde_json::Value;
use shared::Vec2;

use crate::{
    crowd::{bots, fly_to_middle, open_arena},
    driver::{Engine, Screen},
    page::Page,
    phone::{join_by_touch, push_both},
    processes::{Scratch, path_from, serve},
};

/// Frames in which what is drawn settles: three seconds.
const SETTLING_FRAMES: u64 = 90;

/// Takes a screenshot for the documents.
async fn take(page: &Page, name: &str) {
    let file = path_from("EMBERDRIFT_SCREENSHOTS").join(name);
    let png = page.browser.screenshot().await.expect("a screenshot of the page");
    fs::write(&file, png).expect("the screenshot is kept");
    println!("{}", file.display());
    page.assert_no_errors().await;
}

/// Opens the page in high quality, as a fast machine shows it: here frames come late, but are as sharp.
async fn open(screen: Screen, address: &str, fragment: &str) -> Page {
    let page = Page::open(Engine::Chromium, screen, &format!("http://{address}/{fragment}")).await;
    page.run("localStorage.setItem('emberdrift.settings', 'quality=high')").await;
    // Without the first hint, which the phone's screenshot shows.
    if matches!(screen, Screen::Desktop) {
        page.run("localStorage.setItem('emberdrift.learnt', '+++')").await;
    }
    page.browser.refresh().await.expect("the page is loaded again");
    page
}

fn is_flying(status: &Value) -> bool {
    status["phase"] == "playing" && status["position"].is_array()
}

#[tokio::test]
#[ignore = "takes a screenshot"]
async fn start_and_chinese() {
    let (_server, address) = serve(&["--seed", "7"]);
    for (fragment, name) in [("", "start.png"), ("#lang=zh", "chinese.png")] {
        let page = open(Screen::Desktop, &address, fragment).await;
        page.wait_for("the start card", |status| status["phase"] == "start").await;
        page.watch(SETTLING_FRAMES, |_| {}).await;
        take(&page, name).await;
        page.close().await;
    }
}

#[tokio::test]
#[ignore = "takes a screenshot"]
async fn play() {
    let (_server, address) = serve(&["--seed", "7", "--drones", "60"]);
    let page = open(Screen::Desktop, &address, "").await;
    page.join("Visitor").await;
    page.respawn().await;
    page.press_mouse(900.0, 250.0).await;
    // Until there is a fight to be seen.
    for keys in ["d", "w", "a", "s"].iter().cycle().take(40) {
        page.hold(keys).await;
        let status = page.watch(45, |_| {}).await;
        let count = |key: &str| status[key].as_u64().unwrap_or(0);
        if is_flying(&status) && count("ships") >= 9 && count("shots") > 0 && count("carried") > 30 {
            break;
        }
        page.release(keys).await;
    }
    page.respawn().await;
    take(&page, "play.png").await;
    page.close().await;
}

#[tokio::test]
#[ignore = "takes a screenshot"]
async fn crowd() {
    let scratch = Scratch::new("crowd");
    let size = Vec2::new(2400.0, 1500.0);
    let arena = open_arena(scratch.path(), size);
    let (_server, address) = serve(&["--tick-rate", "20", "--drones", "0", "--seed", "7", "--arena", &arena]);
    let page = open(Screen::Desktop, &address, "").await;
    page.join("Visitor").await;
    page.respawn().await;
    let _bots = bots(&address, 400, &["--scenario", "spread"]);
    page.wait_for("the crowd", |status| status["ships"].as_u64() >= Some(120)).await;
    // The bots collect embers and grow: 15 seconds.
    page.watch(300, |_| {}).await;
    // Into the middle while the shield of a new ship lasts.
    for _ in 0..20 {
        page.respawn().await;
        if !fly_to_middle(&page, size).await {
            continue;
        }
        take(&page, "crowd.png").await;
        // If the ship was shot down a moment ago, the death card covers the crowd.
        if is_flying(&page.status().await) {
            page.close().await;
            return;
        }
    }
    panic!("no screenshot of the crowd without a card before it");
}

#[tokio::test]
#[ignore = "takes a screenshot"]
async fn death() {
    let scratch = Scratch::new("death");
    let arena = open_arena(scratch.path(), Vec2::new(1600.0, 1200.0));
    let (_server, address) = serve(&["--drones", "24", "--seed", "7", "--arena", &arena]);
    let page = open(Screen::Desktop, &address, "").await;
    page.join("Visitor").await;
    page.respawn().await;
    // A ship that sits still among drones is shot down soon.
    page.wait_for("death", |status| status["phase"] == "dead").await;
    let offered = Locator::Css("#death-again:not([disabled])");
    page.browser.wait().for_element(offered).await.expect("the next ship is offered");
    take(&page, "death.png").await;
    page.close().await;
}

#[tokio::test]
#[ignore = "takes a screenshot"]
async fn phone() {
    let (_server, address) = serve(&["--seed", "7", "--drones", "60"]);
    let page = open(Screen::Phone, &address, "").await;
    join_by_touch(&page).await;
    push_both(&page, (0.9, -0.3), (0.7, -0.7)).await;
    page.wait_for("company", |status| is_flying(status) && status["ships"].as_u64() >= Some(2)).await;
    take(&page, "phone.png").await;
    page.close().await;
}
