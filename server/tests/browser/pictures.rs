//! The pictures of the documents, taken by `cargo xtask screenshots`: not tests, so that they run only when asked for.

use std::{fs, time::Duration};

use fantoccini::{Locator, actions::KeyAction};
use serde_json::Value;
use shared::Vec2;
use tokio::time::sleep;

use crate::{
    crowd::{bots, fly_to_middle, open_arena},
    engine::{Engine, Screen},
    page::Page,
    phone::{join_by_touch, push_both},
    rig::{Scratch, path_from, serve},
};

/// Takes a picture for the documents.
async fn take(page: &Page, name: &str) {
    let file = path_from("EMBERDRIFT_PICTURES").join(name);
    let picture = page.browser.screenshot().await.expect("a picture of the page");
    fs::write(&file, picture).expect("the picture is kept");
    println!("{}", file.display());
    let errors = page.console_errors().await;
    assert!(errors.is_empty(), "errors on the console: {errors:#?}");
}

/// Opens the page as it looks where it is drawn fast: a picture here comes late, but as sharp as there.
async fn open(screen: Screen, address: &str, fragment: &str) -> Page {
    let page = Page::open(Engine::Chromium, screen, &format!("http://{address}/{fragment}")).await;
    page.run("localStorage.setItem('emberdrift.settings', 'quality=high')").await;
    // Past the first hint, which the phone's picture shows.
    if matches!(screen, Screen::Desktop) {
        page.run("localStorage.setItem('emberdrift.learnt', '+++')").await;
    }
    page.browser.refresh().await.expect("it loads again");
    page
}

fn is_flying(status: &Value) -> bool {
    status["phase"] == "playing" && status["position"].is_array()
}

#[tokio::test]
#[ignore = "takes a picture"]
async fn start_and_chinese() {
    let (_server, address) = serve(&["--seed", "7"]);
    for (fragment, name) in [("", "start.png"), ("#lang=zh", "chinese.png")] {
        let page = open(Screen::Desktop, &address, fragment).await;
        page.wait_for("the start card", |status| status["phase"] == "start").await;
        // The sky behind it settles.
        sleep(Duration::from_secs(3)).await;
        take(&page, name).await;
        page.close().await;
    }
}

#[tokio::test]
#[ignore = "takes a picture"]
async fn play() {
    let (_server, address) = serve(&["--seed", "7", "--drones", "60"]);
    let page = open(Screen::Desktop, &address, "").await;
    page.join("Visitor").await;
    page.fly().await;
    page.press_mouse(900.0, 250.0).await;
    // Until there is a fight worth a picture; a new ship each time one is lost.
    for keys in ["d", "w", "a", "s"].iter().cycle().take(40) {
        page.keys(|value| KeyAction::Down { value }, keys).await;
        sleep(Duration::from_millis(1500)).await;
        let status = page.status().await;
        let count = |key: &str| status[key].as_u64().unwrap_or(0);
        if is_flying(&status) && count("ships") >= 9 && count("shots") > 0 && count("carried") > 30 {
            break;
        }
        page.keys(|value| KeyAction::Up { value }, keys).await;
    }
    page.fly().await;
    take(&page, "play.png").await;
    page.close().await;
}

#[tokio::test]
#[ignore = "takes a picture"]
async fn crowd() {
    let scratch = Scratch::new("crowd");
    let size = Vec2::new(2400.0, 1500.0);
    let arena = open_arena(scratch.path(), size);
    let (_server, address) = serve(&["--tick-rate", "20", "--drones", "0", "--seed", "7", "--arena", &arena]);
    let page = open(Screen::Desktop, &address, "").await;
    page.join("Visitor").await;
    page.fly().await;
    let _bots = bots(&address, 400, &["--scenario", "spread"]);
    page.wait_for("the crowd", |status| status["ships"].as_u64() >= Some(120)).await;
    // They gather and grow.
    sleep(Duration::from_secs(15)).await;
    // Into the thick of it, as long as the shield of a new ship lasts.
    for _ in 0..20 {
        page.fly().await;
        if !fly_to_middle(&page, size).await {
            continue;
        }
        take(&page, "crowd.png").await;
        // Or it was shot down a moment ago, and there is a card before the crowd.
        if is_flying(&page.status().await) {
            page.close().await;
            return;
        }
    }
    panic!("no picture of the crowd without a card before it");
}

#[tokio::test]
#[ignore = "takes a picture"]
async fn death() {
    let scratch = Scratch::new("death");
    let arena = open_arena(scratch.path(), Vec2::new(1600.0, 1200.0));
    let (_server, address) = serve(&["--drones", "24", "--seed", "7", "--arena", &arena]);
    let page = open(Screen::Desktop, &address, "").await;
    page.join("Visitor").await;
    page.fly().await;
    // Who sits still among hunters does not do so for long.
    page.wait_for("death", |status| status["phase"] == "dead").await;
    let is_offered = Locator::Css("#death-again:not([disabled])");
    page.browser.wait().for_element(is_offered).await.expect("there may be a next ship");
    take(&page, "death.png").await;
    page.close().await;
}

#[tokio::test]
#[ignore = "takes a picture"]
async fn phone() {
    let (_server, address) = serve(&["--seed", "7", "--drones", "60"]);
    let page = open(Screen::Phone, &address, "").await;
    join_by_touch(&page).await;
    push_both(&page, (0.9, -0.3), (0.7, -0.7)).await;
    page.wait_for("company", |status| is_flying(status) && status["ships"].as_u64() >= Some(2)).await;
    take(&page, "phone.png").await;
    page.close().await;
}
