//! Between two ships: the death card stays until the player wants to respawn, Enter on it does not open the chat, and the
//! settings lead out of the game.

use fantoccini::Locator;
use serde_json::Value;
use shared::Vec2;

use crate::{
    crowd::open_arena,
    driver::{Engine, Screen},
    page::{ENTER, ESCAPE, Page},
    processes::{Scratch, serve},
};

/// Frames for which the card is left alone: three seconds.
const READING_FRAMES: u64 = 90;

/// The id of the element with the keyboard's focus.
async fn focused(page: &Page) -> Value {
    page.run("return document.activeElement.id").await
}

#[tokio::test]
async fn death_card_stays_until_the_player_respawns_or_leaves() {
    let scratch = Scratch::new("between");
    let arena = open_arena(scratch.path(), Vec2::new(1600.0, 1200.0));
    let (_server, address) = serve(&["--drones", "24", "--seed", "7", "--arena", &arena]);
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    page.join("Visitor").await;
    page.respawn().await;

    // A ship that sits still among drones is shot down soon.
    page.wait_for("death", |status| status["phase"] == "dead").await;
    page.press(ENTER).await;
    let offered = Locator::Css("#death-again:not([disabled])");
    page.browser.wait().for_element(offered).await.expect("the next ship is offered");
    page.watch(READING_FRAMES, |status| assert_eq!(status["phase"], "dead", "the card is being read")).await;
    assert_eq!(focused(&page).await, "death-again");
    page.press(ENTER).await;
    page.wait_for("the next ship", |status| status["phase"] == "playing").await;
    page.wait_until("the keyboard to steer", "return document.activeElement.id === 'scene'").await;

    page.press(ESCAPE).await;
    let leave = page.browser.wait().for_element(Locator::Css("#settings[open] #leave")).await;
    leave.expect("the settings lead out of the game").click().await.expect("it is clicked");
    let status = page.wait_for("the start card", |status| status["phase"] == "start").await;
    assert!(status["position"].is_null());
    page.join("").await;
    let status = page.wait_for("another ship", |status| status["position"].is_array()).await;
    assert_eq!(status["resumed"], false, "the last ship was left for good");
    page.assert_no_errors().await;
    page.close().await;
}
