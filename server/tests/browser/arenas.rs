//! A server with two arenas in a real browser: the start card lets one choose, what is behind it follows, and the choice
//! is kept.

use fantoccini::Locator;

use crate::{
    engine::{Engine, Screen},
    page::Page,
    rig::serve,
};

#[tokio::test]
async fn a_visitor_chooses_an_arena_and_comes_back_to_it() {
    let (_server, address) = serve(&["--seed", "7", "--arena", "drift,expanse:60"]);
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;

    page.wait_for("the first arena", |status| status["arena"] == "Drift").await;
    let other = page.browser.wait().for_element(Locator::Css("#arenas input[value=expanse]")).await;
    other.expect("the card lists the other").click().await.expect("it is chosen");
    let card = page.run("return document.getElementById('arenas').innerText").await;
    let card = card.as_str().expect("text");
    assert!(card.contains("24 ships") && !card.contains("pilot"), "drones are life too: {card:?}");
    page.wait_for("the other behind the card", |status| status["arena"] == "Expanse").await;
    page.picture("arenas.png").await;
    page.join("Visitor").await;
    page.wait_for("the game there", |s| s["phase"] == "playing" && s["arena"] == "Expanse").await;

    // The page that is loaded again knows the arena and the ship in it.
    page.browser.refresh().await.expect("the page is loaded again");
    page.wait_for("the same arena", |status| status["phase"] == "start" && status["arena"] == "Expanse")
        .await;
    page.join("").await;
    let status = page.wait_for("the game", |status| status["phase"] == "playing").await;
    assert_eq!((&status["arena"], &status["resumed"]), (&"Expanse".into(), &true.into()));

    // What the address asks for goes first, and what is not there is the first.
    for (fragment, arena) in
        [("arena=drift", "Drift"), ("arena=nowhere", "Drift"), ("arena=expanse", "Expanse")]
    {
        page.browser.goto("about:blank").await.expect("another page opens");
        page.browser.goto(&format!("http://{address}/#{fragment}")).await.expect("the page opens");
        page.wait_for(fragment, |status| status["arena"] == arena).await;
    }
    page.close().await;
}
