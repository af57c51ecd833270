//! Between two ships in a real browser: the card stays until somebody wants to fly again, Enter on it is not for the
//! chat, and there is a way out of the game.

use std::time::Duration;

use fantoccini::{Locator, actions::KeyAction};
use serde_json::Value;
use shared::Vec2;
use tokio::time::sleep;

use crate::{
    crowd::open_arena,
    engine::{Engine, Screen},
    page::Page,
    rig::{Scratch, serve},
};

/// What the keyboard is with.
async fn focused(page: &Page) -> Value {
    page.run("return document.activeElement.id").await
}

/// Presses a key and lets go of it. Enter and Escape are WebDriver's code points for them.
async fn press(page: &Page, key: &str) {
    page.keys(|value| KeyAction::Down { value }, key).await;
    page.keys(|value| KeyAction::Up { value }, key).await;
}

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";

#[tokio::test]
async fn the_card_stays_until_the_pilot_wants_to_fly_again_or_leaves() {
    let scratch = Scratch::new("between");
    let arena = open_arena(scratch.path(), Vec2::new(1600.0, 1200.0));
    let (_server, address) = serve(&["--drones", "24", "--seed", "7", "--arena", &arena]);
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    page.join("Visitor").await;
    page.fly().await;

    // Who sits still among hunters does not do so for long.
    page.wait_for("death", |status| status["phase"] == "dead").await;
    press(&page, ENTER).await;
    let is_offered = Locator::Css("#death-again:not([disabled])");
    page.browser.wait().for_element(is_offered).await.expect("there may be a next ship");
    sleep(Duration::from_secs(3)).await;
    assert_eq!(page.status().await["phase"], "dead", "it is being read");
    assert_eq!(focused(&page).await, "death-again");
    press(&page, ENTER).await;
    page.wait_for("the next ship", |status| status["phase"] == "playing").await;
    assert_eq!(focused(&page).await, "scene", "the keyboard steers");

    press(&page, ESCAPE).await;
    let leave = page.browser.wait().for_element(Locator::Css("#settings[open] #leave")).await;
    leave.expect("there is a way out").click().await.expect("it is pressed");
    let status = page.wait_for("the start card", |status| status["phase"] == "start").await;
    assert!(status["position"].is_null());
    page.join("").await;
    let status = page.wait_for("another ship", |status| status["position"].is_array()).await;
    assert_eq!(status["resumed"], false, "the last one was left for good");
    let errors = page.console_errors().await;
    assert!(errors.is_empty(), "errors on the console: {errors:#?}");
    page.close().await;
}
