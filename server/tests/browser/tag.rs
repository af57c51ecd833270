//! Tag, the second game, on the engine's own page: with keys on a desktop, and with a thumb on a phone.

use serde_json::{Value, json};

use crate::{
    driver::{Engine, Screen},
    page::{Page, position},
    phone,
    processes::serve_tag,
};

/// Frames in which a runner gets somewhere: a second and a half.
const FRAMES: u64 = 45;

async fn open(screen: Screen, address: &str) -> Page {
    Page::open(Engine::Chromium, screen, &format!("http://{address}/")).await
}

/// How far the own body gets while the page shows some frames, to the right and up. It may be at a wall, so it is tried again.
async fn way(page: &Page) -> (f64, f64) {
    let start = position(&page.status().await).expect("it plays");
    let end = position(&page.watch(FRAMES, |_| {}).await).expect("it plays");
    (end.0 - start.0, end.1 - start.1)
}

#[tokio::test]
async fn tag_is_played_with_keys_and_goes_on_after_a_reload() {
    let (_server, address) = serve_tag(&["--seed", "7"]);
    let page = open(Screen::Desktop, &address).await;
    page.join("Ada").await;
    page.wait_for_ship().await;
    let mut farthest = (0.0_f64, 0.0_f64);
    for (keys, toward) in [("d", (1.0, 0.0)), ("a", (-1.0, 0.0)), ("w", (0.0, 1.0)), ("s", (0.0, -1.0))] {
        page.hold(keys).await;
        let (x, y) = way(&page).await;
        page.release(keys).await;
        farthest = (farthest.0.max(x * toward.0), farthest.1.max(y * toward.1));
    }
    assert!(farthest.0 > 100.0 && farthest.1 > 100.0, "{farthest:?}");
    page.press("l").await;
    page.wait_until("the lag readout", "return !document.getElementById('lag').hidden").await;
    let status = page
        .wait_for("a leaderboard and a round trip", |status| {
            status["bodies"].as_u64() >= Some(2) && status["inputToAckMs"].as_f64() > Some(0.0)
        })
        .await;
    page.screenshot("tag.png").await;
    // The bots touch, and a touch is not predicted; all else is, to the bit.
    assert_eq!((&status["checksumMismatches"], &status["game"]), (&json!(0), &json!("tag")), "{status}");
    let rows = page.run("return document.querySelectorAll('#leaderboard li').length").await;
    assert!(rows.as_u64() >= Some(5), "{rows}");
    let before = status["player"].clone();
    page.assert_no_errors().await;

    page.browser.refresh().await.expect("the page loads again");
    page.join("").await;
    let status = page.wait_for_ship().await;
    assert_eq!(
        (&status["player"], &status["resumed"], &status["name"]),
        (&before, &json!(true), &json!("Ada"))
    );
    page.close().await;
}

#[tokio::test]
async fn tag_is_played_with_a_thumb() {
    let (_server, address) = serve_tag(&["--seed", "7"]);
    let page = open(Screen::Phone, &address).await;
    phone::join_by_touch(&page).await;
    let wide = page.run("return document.documentElement.scrollWidth").await;
    assert_eq!(wide, 390, "the page is wider than the screen");
    let mut farthest = 0.0_f64;
    for toward in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
        phone::push_left(&page, toward).await;
        let (x, y) = way(&page).await;
        if farthest == 0.0 {
            page.screenshot("tag-phone.png").await;
        }
        phone::lift_all(&page).await;
        // Up on the screen is up in the world, and a screen's y points down.
        farthest = farthest.max(x * toward.0 - y * toward.1);
    }
    assert!(farthest > 100.0, "{farthest}");
    page.assert_no_errors().await;
    page.close().await;
}

/// A page of one game that reaches a server of another is told so, and does not load itself again and again.
#[tokio::test]
async fn page_of_another_game_says_so() {
    let (_server, address) = serve_tag(&[]);
    let page = open(Screen::Desktop, &address).await;
    page.wait_for("the start card", |status| status["phase"] == "start").await;
    let refused: Value = page
        .browser
        .execute_async(
            "const done = arguments[0]; const socket = new WebSocket(`ws://${location.host}/ws`, 'emberdrift.json');
             socket.onopen = () => socket.send(JSON.stringify({ Hello: { game: 'emberdrift', name: 'Ada' } }));
             socket.onclose = (event) => done([event.code, event.reason]);",
            Vec::new(),
        )
        .await
        .expect("the page answers");
    assert!(refused[1].as_str().is_some_and(|reason| reason.contains("this server runs tag")), "{refused}");
    page.close().await;
}
