//! Controls beyond the keyboard: a gamepad plays from the start card on, a click on the HUD does not fire, and what happens
//! is heard.

use fantoccini::{
    Locator,
    actions::{InputSource, MouseActions, PointerAction},
};
use serde_json::Value;

use crate::{
    driver::{Engine, Screen},
    page::{Page, position},
    processes::serve,
};

/// A gamepad of the standard mapping, in the test's hands.
const GAMEPAD: &str = "
    window.pad = { connected: true, mapping: 'standard', axes: [0, 0, 0, 0],
                   buttons: Array.from({ length: 17 }, () => ({ pressed: false, value: 0 })) };
    navigator.getGamepads = () => [null, window.pad];";

/// Frames for which a button is held: a second, in which a ship fires several times.
const HELD_FRAMES: u64 = 30;
/// Frames in which every shot has met something, and is heard no more.
const FLIGHT_FRAMES: u64 = 60;

fn sounds(status: &Value) -> u64 {
    status["sounds"].as_u64().expect("a number of sounds")
}

/// Sounds of a long press of the mouse, where nothing else makes any: of the shots, and of what they meet.
async fn sounds_of_press(page: &Page, way: MouseActions) -> u64 {
    let before = sounds(&page.status().await);
    page.browser.perform_actions(way.then(PointerAction::Down { button: 0 })).await.expect("it is pressed");
    page.watch(HELD_FRAMES, |_| {}).await;
    page.browser.release_actions().await.expect("it is released");
    sounds(&page.watch(FLIGHT_FRAMES, |_| {}).await) - before
}

/// Waits until the own ship is at rest.
async fn wait_for_rest(page: &Page) {
    for _ in 0..60 {
        let before = position(&page.status().await);
        let after = position(&page.watch(10, |_| {}).await);
        let moved = |((x, y), (x0, y0)): ((f64, f64), (f64, f64))| (x - x0).abs() + (y - y0).abs();
        if after.zip(before).map(moved).is_some_and(|moved| moved < 0.5) {
            return;
        }
    }
    panic!("the ship does not come to rest");
}

#[tokio::test]
async fn gamepad_plays_and_clicks_on_the_hud_do_not_fire() {
    let (_server, address) = serve(&["--seed", "7", "--drones", "0"]);
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;

    page.wait_for("the start card", |status| status["phase"] == "start").await;
    assert_eq!(page.status().await["sound"], "off", "a page is silent before the first gesture");
    page.run(GAMEPAD).await;
    page.run("window.pad.buttons[9] = { pressed: true, value: 1 }").await;
    let first = page.wait_for_ship().await;
    assert_eq!(page.run("return document.body.dataset.controls").await, "gamepad");
    // Across, so that a wall ahead leaves one way to go.
    page.run("window.pad.axes = [0.7, -0.7, 0, 0]").await;
    let start = position(&first).expect("the ship was waited for");
    page.wait_for("the left stick to fly", |status| {
        position(status).is_some_and(|(x, y)| (x - start.0).abs() + (y - start.1).abs() > 50.0)
    })
    .await;
    page.run("window.pad.axes = [0, 0, 0, 0]").await;

    // A key is a gesture, and takes the controls over.
    page.hold("w").await;
    page.wait_until("the keyboard to be in use", "return document.body.dataset.controls === 'keys'").await;
    page.release("w").await;
    page.wait_for("sound", |status| status["sound"] == "running").await;
    // A ship at rest collects nothing more, so that only shots are heard.
    wait_for_rest(&page).await;
    let chip = page.browser.find(Locator::Id("ping-chip")).await.expect("the HUD has a chip");
    let mouse = || MouseActions::new("mouse".into());
    let on_chip =
        mouse().then(PointerAction::MoveToElement { element: chip, duration: None, x: 0.0, y: 0.0 });
    assert_eq!(sounds_of_press(&page, on_chip).await, 0, "a press on the HUD fires");
    let on_scene = mouse().then(PointerAction::MoveTo { duration: None, x: 300.0, y: 300.0 });
    let heard = sounds_of_press(&page, on_scene).await;
    assert!(heard >= 2, "a press on the scene does not fire, or is not heard: {heard} sounds");
    page.assert_no_errors().await;
    page.close().await;
}
