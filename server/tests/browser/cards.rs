//! The cards over the scene. The start card offers the server's arenas, and the choice is stored. The death card stays until the
//! player wants to respawn, Enter on it does not open the chat, and the settings lead out of the game.

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

/// The scene behind the start card is that of the chosen arena.
#[tokio::test]
async fn chosen_arena_is_stored_and_the_address_overrides_it() {
    let (_server, address) = serve(&["--seed", "7", "--arena", "drift,expanse:60"]);
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;

    page.wait_for("the first arena", |status| status["arena"] == "Drift").await;
    let other = page.browser.wait().for_element(Locator::Css("#arenas input[value=expanse]")).await;
    other.expect("the card lists the other").click().await.expect("it is chosen");
    let card = page.run("return document.getElementById('arenas').innerText").await;
    let card = card.as_str().expect("text");
    assert!(card.contains("24 ships") && !card.contains("pilot"), "drones count as ships: {card:?}");
    page.wait_for("the other behind the card", |status| status["arena"] == "Expanse").await;
    page.screenshot("arenas.png").await;
    page.join("Visitor").await;
    page.wait_for("the game there", |s| s["phase"] == "playing" && s["arena"] == "Expanse").await;

    // A page that is loaded again knows the arena and resumes the ship.
    page.browser.refresh().await.expect("the page is loaded again");
    page.wait_for("the same arena", |status| status["phase"] == "start" && status["arena"] == "Expanse")
        .await;
    page.join("").await;
    let status = page.wait_for("the game", |status| status["phase"] == "playing").await;
    assert_eq!((&status["arena"], &status["resumed"]), (&"Expanse".into(), &true.into()));

    // The address overrides the stored choice; for an arena that does not exist the default is used.
    for (fragment, arena) in
        [("arena=drift", "Drift"), ("arena=nowhere", "Drift"), ("arena=expanse", "Expanse")]
    {
        page.browser.goto("about:blank").await.expect("another page opens");
        page.browser.goto(&format!("http://{address}/#{fragment}")).await.expect("the page opens");
        page.wait_for(fragment, |status| status["arena"] == arena).await;
    }
    page.close().await;
}

#[tokio::test]
async fn death_card_stays_until_the_player_respawns_or_leaves() {
    let scratch = Scratch::new("between");
    let arena = open_arena(scratch.path(), Vec2::new(1024.0, 1024.0));
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
