//! Records on the page: a run is on the boards of the start card and the death card, an achievement's badge is worn, and nine words
//! move the player to another browser.

use std::path::Path;

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::SigningKey;
use fantoccini::Locator;
use server::engine::records::{Achievement, LastingId, Place, Record, Store};
use sha2::{Digest, Sha256};
use shared::{Vec2, engine::ids::PlayerName};

use crate::{
    crowd::open_arena,
    driver::{Engine, Screen},
    page::{ESCAPE, Page},
    processes::{Scratch, serve},
};

/// The proof must be ready before the game says hello, which a person gives it the time for.
const PROOF_IS_READY: &str = "return window.emberdriftProof !== undefined";

/// The player of the secret that a page keeps. PROTOCOL.md, section 7.12.
fn player_of(secret: &str) -> LastingId {
    let secret = BASE64URL_NOPAD.decode(secret.as_bytes()).expect("the page keeps base64");
    let seed = Sha256::new().chain_update("emberdrift identity v1").chain_update(secret).finalize();
    let key = SigningKey::from_bytes(&seed.into()).verifying_key();
    let hash = Sha256::new().chain_update("emberdrift player v1").chain_update(key.as_bytes()).finalize();
    let mut id = [0; 16];
    id.copy_from_slice(&hash[..16]);
    LastingId(id)
}

/// What an earlier visit of this player has unlocked.
async fn unlock(directory: &Path, player: LastingId, achievement: &str) {
    let store = Store::new(&Place::Directory(directory.to_owned())).expect("the database opens");
    store.prepare().await.expect("it has tables");
    let unlocked = Achievement {
        player,
        name: PlayerName::new("Ada").expect("a name"),
        achievement: achievement.into(),
        unlocked_ms: 1_700_000_000_000,
    };
    store.write(&[Record::Achievement(unlocked)]).await.expect("it is written");
}

async fn click(page: &Page, selector: &str) {
    let element = page.browser.wait().for_element(Locator::Css(selector)).await;
    element.expect(selector).click().await.expect(selector);
}

async fn text(page: &Page, id: &str) -> String {
    let text = page.run(&format!("return document.getElementById('{id}').textContent")).await;
    text.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn run_is_on_the_cards_and_the_player_moves_to_another_browser() {
    let scratch = Scratch::new("records");
    let data = scratch.path().join("data");
    let arena = open_arena(scratch.path(), Vec2::new(1024.0, 1024.0));
    let flags = ["--drones", "24", "--seed", "7", "--arena", &arena, "--data", &data.display().to_string()]
        .map(str::to_owned);
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let (_server, address) = serve(&flags);
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    page.wait_until("a proof", PROOF_IS_READY).await;
    let secret = page.run("return localStorage.getItem('emberdrift.identity')").await;
    unlock(&data, player_of(secret.as_str().expect("a secret")), "first-kill").await;

    // The badge that an earlier visit has unlocked is worn.
    click(&page, "#show-records").await;
    click(&page, "#achievements button:not(:disabled)").await;
    page.wait_until("the choice", "return document.body.dataset.badge === '1'").await;
    page.screenshot("records.png").await;
    click(&page, "#records .done").await;
    page.join("Ada").await;
    page.wait_until(
        "the badge beside the name",
        "return document.getElementById('leaderboard').textContent.includes('✦ Ada')",
    )
    .await;

    // A ship that sits still among drones is shot down soon.
    page.wait_for("death", |status| status["phase"] == "dead").await;
    page.wait_until(
        "the own rank",
        "return document.getElementById('death-board').textContent === 'Today you are 1st'",
    )
    .await;
    page.screenshot("records-death.png").await;

    // Another browser begins as another player, sees the run, and becomes the first by its words.
    let other = Page::open(Engine::Chromium, Screen::Phone, &format!("http://{address}/")).await;
    other
        .wait_until("today's runs", "return document.getElementById('today').textContent.includes('Ada')")
        .await;
    other.screenshot("records-start-phone.png").await;
    click(&other, "#show-records").await;
    other
        .wait_until(
            "no own run",
            "return document.getElementById('records-own').textContent.includes('no run')",
        )
        .await;
    page.press(ESCAPE).await;
    click(&page, "#settings[open] #leave").await;
    click(&page, "#show-records").await;
    page.run("document.querySelector('#records details').open = true").await;
    click(&page, "#records details button").await;
    let words = text(&page, "own-words").await;
    assert_eq!(words.split(' ').count(), 9, "{words}");
    other.run("document.querySelector('#records details').open = true").await;
    let field = other.browser.wait().for_element(Locator::Css("#other-words")).await.expect("the field");
    field.send_keys("babab babab").await.expect("it takes letters");
    click(&other, "#records .line button").await;
    assert!(text(&other, "records-note").await.contains("not the nine words"));
    field.clear().await.expect("it is emptied");
    field.send_keys(&words.to_uppercase()).await.expect("it takes letters");
    click(&other, "#records .line button").await;
    other
        .wait_until(
            "the own rank",
            "return document.getElementById('records-own').textContent.includes('You: 1st')",
        )
        .await;
    other.screenshot("records-phone.png").await;

    // A visitor that presses Play at once has a record too.
    let quick = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    quick.join("Eve").await;
    quick.wait_for_ship().await;
    quick.press(ESCAPE).await;
    click(&quick, "#settings[open] #leave").await;
    quick.wait_until("its run", "return document.getElementById('today').textContent.includes('Eve')").await;
    quick.close().await;

    // Deleted for good, at the second press.
    click(&other, "#records-erase").await;
    click(&other, "#records-erase").await;
    other
        .wait_until(
            "no own run",
            "return document.getElementById('records-own').textContent.includes('no run')",
        )
        .await;
    assert_eq!(text(&other, "records-note").await, "Your records are deleted.");
    page.assert_no_errors().await;
    other.assert_no_errors().await;
    other.close().await;
    page.close().await;
}
