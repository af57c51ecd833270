//! Arenas with teams, and arenas for duels, as players see them.

use crate::{
    driver::{Engine, Screen},
    page::Page,
    processes::serve,
};

async fn play(screen: Screen, url: &str, name: &str) -> Page {
    let page = Page::open(Engine::Chromium, screen, url).await;
    page.wait_for("the start card", |status| status["phase"] == "start").await;
    page.join(name).await;
    page
}

#[tokio::test]
async fn team_has_its_row_on_the_board() {
    let (_server, address) = serve(&["--seed", "7", "--arena", "teams:8"]);
    let page = play(Screen::Desktop, &format!("http://{address}/"), "Ada").await;
    page.wait_for("a ship", |status| status["phase"] == "playing" && status["position"].is_array()).await;
    page.wait_until(
        "the teams' scores",
        "return document.querySelectorAll('#teams li:not([hidden])').length === 2",
    )
    .await;
    page.watch(60, |_| {}).await;
    page.screenshot("teams.png").await;
    page.assert_no_errors().await;
    page.close().await;
}

#[tokio::test]
async fn duel_counts_down_for_both_and_shows_the_score() {
    let (_server, address) = serve(&["--seed", "7", "--arena", "showdown"]);
    let url = format!("http://{address}/");
    let ada = play(Screen::Desktop, &url, "Ada").await;
    let bo = play(Screen::Phone, &url, "Bo").await;
    for page in [&ada, &bo] {
        page.wait_until(
            "the line of the duel",
            "const line = document.getElementById('duel'); return !line.hidden && /0.*0/.test(line.textContent)",
        )
        .await;
        page.wait_for("a ship", |status| status["position"].is_array()).await;
    }
    ada.screenshot("duel.png").await;
    bo.screenshot("duel-phone.png").await;
    for page in [ada, bo] {
        page.assert_no_errors().await;
        page.close().await;
    }
}
