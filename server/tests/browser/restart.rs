//! The server restarts while a page plays: by a takeover, which the page hardly notices, and by a stop with a pause, in which a
//! banner says that the ship is kept. The player is back in its own ship both times.

use std::time::Duration;

use serde_json::Value;

use crate::{
    driver::{Engine, Screen},
    page::Page,
    processes::{Process, Scratch, serve, serve_at},
};

/// Notes the longest time between two frames of the game, and what the banner says.
const WATCH: &str = r#"
    const seen = window.seen = { gap: 0, said: [] };
    let [frames, at] = [window.emberdrift.frames, performance.now()];
    const banner = document.getElementById("banner");
    const look = () => {
        const now = performance.now();
        if (window.emberdrift.frames !== frames) {
            seen.gap = Math.max(seen.gap, now - at);
            [frames, at] = [window.emberdrift.frames, now];
        }
        const text = banner.hidden ? "" : banner.innerText;
        if (text && !seen.said.includes(text)) seen.said.push(text);
        requestAnimationFrame(look);
    };
    look();
"#;

fn carried(status: &Value) -> u64 {
    status["carried"].as_u64().unwrap_or(0)
}

/// Flies until the ship carries this many embers.
async fn collect(page: &Page, embers: u64) -> u64 {
    for keys in ["d", "s", "a", "w"].iter().cycle().take(60) {
        page.hold(keys).await;
        let status = page.watch(45, |_| {}).await;
        page.release(keys).await;
        if carried(&status) >= embers {
            // Until it has come to rest.
            page.watch(60, |_| {}).await;
            return carried(&page.status().await);
        }
    }
    panic!("no {embers} embers: {}", page.status().await);
}

/// Waits until the page plays over its connection number `connection`. Fails unless it has its own ship, with all it carried.
async fn returns(page: &Page, connection: u64, before: u64) {
    let is_back = |status: &Value| {
        status["connections"].as_u64() >= Some(connection)
            && status["phase"] == "playing"
            && status["position"].is_array()
    };
    page.wait_for("the page to be back", is_back).await;
    let status = page.watch(30, |_| {}).await;
    assert_eq!(status["resumed"], true, "{status}");
    assert!(carried(&status) >= before, "it had {before} embers: {status}");
}

#[tokio::test]
async fn page_is_back_in_its_own_ship_after_a_restart() {
    let scratch = Scratch::new("restart");
    let file = |name: &str| scratch.path().join(name).display().to_string();
    let (state, takeover) = (file("state"), file("takeover"));
    let flags = ["--seed", "7", "--drones", "0", "--state", &state, "--takeover", &takeover];
    let (first, address) = serve(&flags);
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    page.join("Visitor").await;
    page.wait_for_ship().await;
    let before = collect(&page, 25).await;
    page.run(WATCH).await;

    let (second, _) = serve_at(&address, &flags);
    returns(&page, 2, before).await;
    let seen = page.run("return window.seen").await;
    println!("takeover: {} ms without frames, as the page saw it; its banner: {}", seen["gap"], seen["said"]);
    assert!(seen["said"].as_array().is_some_and(|said| !said.is_empty()), "no banner was shown");
    // Not later: a connect that fails while there is no server is an error on the console.
    page.assert_no_errors().await;
    drop(first);

    let before = carried(&page.status().await);
    second.terminate();
    page.wait_until("the banner", "return !document.getElementById('banner').hidden").await;
    page.screenshot("restart-banner.png").await;
    let said = page.run("return document.getElementById('banner').innerText").await;
    assert!(said.as_str().is_some_and(|said| said.contains("ship")), "{said}");
    wait_for_end(second).await;
    let (_third, _) = serve_at(&address, &flags);
    returns(&page, 3, before).await;
    let seen = page.run("return window.seen").await;
    println!(
        "stop, a screenshot, and a start: {} ms without frames; its banner: {}",
        seen["gap"], seen["said"]
    );
    page.screenshot("restart-back.png").await;
    page.close().await;
}

async fn wait_for_end(mut server: Process) {
    let ended = async {
        while !server.has_ended() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ended).await.expect("the server ends");
}
