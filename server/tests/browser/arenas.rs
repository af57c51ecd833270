//! A server with two arenas: the start card offers both, the scene behind it is that of the chosen one, and the choice is
//! stored.

use fantoccini::Locator;

use crate::{
    driver::{Engine, Screen},
    page::Page,
    processes::serve,
};

#[tokio::test]
async fn chosen_arena_is_stored_and_the_address_goes_first() {
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

    // The address goes before the stored choice; an arena that does not exist is replaced by the default.
    for (fragment, arena) in
        [("arena=drift", "Drift"), ("arena=nowhere", "Drift"), ("arena=expanse", "Expanse")]
    {
        page.browser.goto("about:blank").await.expect("another page opens");
        page.browser.goto(&format!("http://{address}/#{fragment}")).await.expect("the page opens");
        page.wait_for(fragment, |status| status["arena"] == arena).await;
    }
    page.close().await;
}
