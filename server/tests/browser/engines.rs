//! Visits in Firefox and WebKit, and three friends in three browsers. `cargo xtask test` runs these in a step of their own, which installs
//! the browsers.

use fantoccini::Locator;
use serde_json::Value;

use crate::{
    driver::{Engine, Screen},
    page::{Page, position},
    play::visit,
    processes::serve,
};

/// How far friends begin from one another at most, in units, with room for a second of drift.
const NEAR: f64 = 600.0;

#[tokio::test]
async fn firefox_plays() {
    visit(Engine::Firefox).await;
}

#[tokio::test]
async fn webkit_plays() {
    visit(Engine::WebKit).await;
}

/// Opens a link and plays. Returns the page, and where its ship began.
async fn friend(engine: Engine, link: &str, name: &str) -> (Page, (f64, f64)) {
    let page = Page::open(engine, Screen::Desktop, link).await;
    page.wait_until("the room", "return !document.getElementById('room').hidden").await;
    page.join(name).await;
    let began = page.wait_for_ship().await;
    let began = position(&began).expect("it flies");
    (page, began)
}

#[tokio::test]
async fn three_friends_in_three_browsers_fly_together_by_one_link() {
    let (_server, address) = serve(&["--seed", "7", "--arena", "drift:0"]);
    let ada = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    ada.wait_for("the start card", |status| status["phase"] == "start").await;
    let button = ada.browser.wait().for_element(Locator::Css("#friends:not([hidden])")).await;
    button.expect("rooms can be made").click().await.expect("it is pressed");
    ada.wait_until("the room", "return !document.getElementById('room').hidden").await;
    let link = ada.run("return document.getElementById('room-link').value").await;
    let link = link.as_str().expect("a link").to_owned();
    println!("Ada (Chromium) made a room: {link}");
    ada.join("Ada").await;
    let began = position(&ada.wait_for_ship().await).expect("it flies");

    let (bo, began_bo) = friend(Engine::Firefox, &link, "Bo").await;
    let (cy, began_cy) = friend(Engine::WebKit, &link, "Cy").await;
    for (name, at) in [("Ada", began), ("Bo", began_bo), ("Cy", began_cy)] {
        println!("{name} begins at {:.0}, {:.0}", at.0, at.1);
    }
    let is_near = |a: (f64, f64), b: (f64, f64)| {
        let (x, y) = (a.0 - b.0, a.1 - b.1);
        x * x + y * y < NEAR * NEAR
    };
    assert!(is_near(began, began_bo), "Bo begins near Ada");
    assert!(is_near(began, began_cy) || is_near(began_bo, began_cy), "Cy begins near one of them");
    for (page, name) in [(&ada, "Ada"), (&bo, "Bo"), (&cy, "Cy")] {
        let all = "const names = document.getElementById('leaderboard').textContent; \
                   return ['Ada', 'Bo', 'Cy'].every((name) => names.includes(name))";
        page.wait_until("three names on the leaderboard", all).await;
        let status = page.wait_for("a game", |status| status["phase"] == "playing").await;
        assert_eq!((&status["checksumMismatches"], &status["arena"]), (&Value::from(0), &"Drift".into()));
        page.screenshot(&format!("friends-{name}.png")).await;
        page.assert_no_errors().await;
    }
    for page in [cy, bo, ada] {
        page.close().await;
    }
}
