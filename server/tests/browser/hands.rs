//! What hands do to the page beyond keys: a gamepad plays from the card on, a press on what lies above the scene does
//! not fire, and what happens is heard.

use std::time::Duration;

use fantoccini::{
    Locator,
    actions::{InputSource, KeyAction, MouseActions, PointerAction},
};
use serde_json::Value;
use tokio::time::sleep;

use crate::{
    engine::{Engine, Screen},
    page::Page,
    rig::serve,
};

/// A gamepad of the standard mapping that does what the test says.
const GAMEPAD: &str = "
    window.pad = { connected: true, mapping: 'standard', axes: [0, 0, 0, 0],
                   buttons: Array.from({ length: 17 }, () => ({ pressed: false, value: 0 })) };
    navigator.getGamepads = () => [null, window.pad];";

async fn sounds(page: &Page) -> u64 {
    page.status().await["sounds"].as_u64().expect("a number of sounds")
}

/// How many sounds a long press makes, where nothing else makes any: the shots, and where they strike.
async fn sounds_of_press(page: &Page, press: MouseActions) -> u64 {
    let before = sounds(page).await;
    page.browser.perform_actions(press.then(PointerAction::Down { button: 0 })).await.expect("it is pressed");
    sleep(Duration::from_millis(900)).await;
    page.browser.release_actions().await.expect("it is released");
    sleep(Duration::from_millis(1200)).await;
    sounds(page).await - before
}

#[tokio::test]
async fn a_gamepad_plays_and_only_the_scene_is_shot_at() {
    let (_server, address) = serve(&["--seed", "7", "--drones", "0"]);
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;

    page.wait_for("the start card", |status| status["phase"] == "start").await;
    assert_eq!(page.status().await["sound"], "off", "a page is silent before somebody touches it");
    page.run(GAMEPAD).await;
    page.run("window.pad.buttons[9] = { pressed: true, value: 1 }").await;
    let is_there = |status: &Value| status["phase"] == "playing" && status["position"].is_array();
    let first = page.wait_for("Start to press Play", is_there).await;
    assert_eq!(page.run("return document.body.dataset.controls").await, "gamepad");
    // Across, so that a wall ahead leaves one way to go.
    page.run("window.pad.axes = [0.7, -0.7, 0, 0]").await;
    let place = |status: &Value| Some([status["position"][0].as_f64()?, status["position"][1].as_f64()?]);
    let moved = move |status: &Value| {
        let way = |(now, first): ([f64; 2], [f64; 2])| (now[0] - first[0]).abs() + (now[1] - first[1]).abs();
        Option::zip(place(status), place(&first)).is_some_and(|both| way(both) > 50.0)
    };
    page.wait_for("the left stick to fly", moved).await;
    page.run("window.pad.axes = [0, 0, 0, 0]").await;

    // A key is a gesture; and it takes over.
    for key in [|value| KeyAction::Down { value }, |value| KeyAction::Up { value }] {
        page.keys(key, "w").await;
        sleep(Duration::from_millis(300)).await;
    }
    page.wait_for("sound", |status| status["sound"] == "running").await;
    assert_eq!(page.run("return document.body.dataset.controls").await, "keys");
    // The ship comes to rest, and gathers nothing more.
    sleep(Duration::from_secs(3)).await;
    let chip = page.browser.find(Locator::Id("ping-chip")).await.expect("there is a chip");
    let mouse = || MouseActions::new("mouse".into());
    let on_chip =
        mouse().then(PointerAction::MoveToElement { element: chip, duration: None, x: 0.0, y: 0.0 });
    assert_eq!(sounds_of_press(&page, on_chip).await, 0, "a press on the HUD fires");
    let on_scene = mouse().then(PointerAction::MoveTo { duration: None, x: 300.0, y: 300.0 });
    assert!(
        sounds_of_press(&page, on_scene).await >= 2,
        "a press on the scene does not fire, or is not heard"
    );

    let errors = page.console_errors().await;
    assert!(errors.is_empty(), "errors on the console: {errors:#?}");
    page.close().await;
}
