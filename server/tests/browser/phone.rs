//! Two thumbs on a phone held upright, which Chromium emulates.

#![allow(clippy::disallowed_methods, reason = "a distance for a bound with room to spare")]

use std::time::Duration;

use fantoccini::{
    Locator,
    actions::{Actions, InputSource, PointerAction, TouchActions},
};

use crate::{
    driver::{Engine, Screen},
    page::{Page, position},
    processes::serve,
};

/// Where the thumbs rest, in CSS pixels of 390 × 844: the left one steers, the right one aims and fires.
const LEFT: (f64, f64) = (100.0, 640.0);
const RIGHT: (f64, f64) = (290.0, 600.0);
/// How far a thumb is pushed from where it rests.
const PUSH: f64 = 70.0;
/// How long a push takes.
const PUSH_TIME: Option<Duration> = Some(Duration::from_millis(60));
/// Frames in which a push has its effect: a second and a half.
const PUSH_FRAMES: u64 = 45;
/// Pushes and boosts after which one must have succeeded.
const ROUNDS_MAX: usize = 24;

/// A thumb put down at `at`, pushed by `way`, which is a share of the push, and held there.
fn push(thumb: &str, at: (f64, f64), way: (f64, f64)) -> TouchActions {
    TouchActions::new(thumb.into())
        .then(PointerAction::MoveTo { duration: None, x: at.0, y: at.1 })
        .then(PointerAction::Down { button: 0 })
        .then(PointerAction::MoveTo { duration: PUSH_TIME, x: at.0 + PUSH * way.0, y: at.1 + PUSH * way.1 })
}

/// Puts down all fingers that are to be down together: chromedriver allows no second one later.
async fn touch(page: &Page, actions: impl Into<Actions>) {
    page.browser.perform_actions(actions).await.expect("the screen is touched");
}

/// A finger put on an element.
async fn finger_on(page: &Page, id: &str) -> TouchActions {
    let element = page.browser.find(Locator::Id(id)).await.unwrap_or_else(|error| panic!("no {id}: {error}"));
    TouchActions::new("finger".into())
        .then(PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 })
        .then(PointerAction::Down { button: 0 })
}

/// Boosts while it steers. Returns whether that cost embers.
async fn boost(page: &Page) -> bool {
    page.wait_for("a ship with embers", |status| {
        status["phase"] == "playing" && status["carried"].as_u64() > Some(2)
    })
    .await;
    let finger = finger_on(page, "boost-button").await;
    touch(page, Actions::from(push("left", LEFT, (1.0, 0.0))).and(finger)).await;
    let mut before: Option<u64> = None;
    let mut has_burnt = false;
    page.watch(PUSH_FRAMES, |status| {
        let carried = status["carried"].as_u64().filter(|_| status["phase"] == "playing");
        has_burnt |= matches!((before, carried), (Some(before), Some(carried)) if carried < before);
        before = carried;
    })
    .await;
    lift_all(page).await;
    has_burnt
}

/// Taps Play.
pub(crate) async fn join_by_touch(page: &Page) {
    page.wait_for("the start card", |status| status["phase"] == "start").await;
    // Down and up in one go: held longer it would not be a tap.
    touch(page, finger_on(page, "play").await.then(PointerAction::Up { button: 0 })).await;
    page.wait_for_ship().await;
}

/// Steers and fires, with both thumbs at once, until the fingers are lifted.
pub(crate) async fn push_both(page: &Page, steer: (f64, f64), aim: (f64, f64)) {
    touch(page, Actions::from(push("left", LEFT, steer)).and(push("right", RIGHT, aim))).await;
}

/// Steers with the left thumb until it is lifted.
pub(crate) async fn push_left(page: &Page, steer: (f64, f64)) {
    touch(page, Actions::from(push("left", LEFT, steer))).await;
}

pub(crate) async fn lift_all(page: &Page) {
    page.browser.release_actions().await.expect("the fingers are lifted");
}

#[tokio::test]
async fn touch_flies_fires_and_boosts() {
    // Without drones, which would shoot at the ship.
    let (_server, address) = serve(&["--seed", "7", "--drones", "0"]);
    let page = Page::open(Engine::Chromium, Screen::Phone, &format!("http://{address}/")).await;
    join_by_touch(&page).await;
    assert_eq!(page.run("return [innerWidth, innerHeight]").await, serde_json::json!([390, 844]));
    let wide = page.run("return document.documentElement.scrollWidth").await;
    assert_eq!(wide, 390, "the page is wider than the screen");

    let (mut farthest, mut most_shots) = (0.0_f64, 0);
    let ways = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)];
    for (round, &way) in ways.iter().cycle().take(ROUNDS_MAX).enumerate() {
        push_both(&page, way, (0.6, -0.8)).await;
        let mut from = None;
        page.watch(PUSH_FRAMES, |status| {
            most_shots = most_shots.max(status["shots"].as_u64().unwrap_or(0));
            // Only in the direction of the thumb: drifting is not steering.
            let at = position(status);
            if let (Some((x, y)), Some((x0, y0))) = (at, from) {
                farthest = farthest.max((x - x0) * way.0 - (y - y0) * way.1);
            }
            from = from.or(at);
        })
        .await;
        if round == 1 {
            page.screenshot("phone.png").await;
        }
        lift_all(&page).await;
        if round >= 3 && farthest > 100.0 && most_shots > 0 {
            break;
        }
    }
    println!("by touch: {farthest:.0} units in the direction of the thumb, {most_shots} shots at once");
    assert!(farthest > 100.0, "the ship did not go where the thumb pushed it");
    assert!(most_shots > 0, "nothing was fired");

    let mut has_boosted = false;
    for _ in 0..ROUNDS_MAX {
        has_boosted = boost(&page).await;
        if has_boosted {
            break;
        }
    }
    assert!(has_boosted, "the button did not boost");
    page.assert_no_errors().await;
    page.close().await;
}
