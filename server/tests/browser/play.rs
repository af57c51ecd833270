//! A visit with a real browser to the real server: presses Play at once, then types a name, flies, fires and collects
//! embers, and reads what the page reports. The same for every engine.

#![allow(clippy::disallowed_methods, reason = "a distance for a bound with room to spare")]

use serde_json::Value;

use crate::{
    driver::{Engine, Screen},
    page::{Page, position},
    processes::serve,
};

/// Presses Play as soon as it can be pressed. Returns when that was, when the ship flew and when the first thing was
/// painted, in milliseconds since the page was requested, and how many bytes and files were downloaded.
const FLY_AT_ONCE: &str = r#"
    const done = arguments[0], figures = {};
    const look = () => {
        const card = document.getElementById("start");
        if (!figures.ready && card && !card.hidden) {
            figures.ready = performance.now();
            document.getElementById("play").click();
        }
        if (window.emberdrift?.phase !== "playing") return setTimeout(look, 5);
        figures.flying = performance.now();
        for (const paint of performance.getEntriesByType("paint")) figures.paint ??= paint.startTime;
        const files = ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind));
        figures.bytes = files.reduce((sum, file) => sum + (file.encodedBodySize || 0), 0);
        figures.files = files.length;
        done(figures);
    };
    look();
"#;

/// Rounds of flying after which everything must have been seen.
const ROUNDS_MAX: usize = 40;
/// Frames of a round: a second and a half.
const ROUND_FRAMES: u64 = 45;

/// What was seen in a visit.
#[derive(Debug, Default)]
struct Visit {
    /// Distance from the first position, in units.
    farthest: f64,
    /// Ships in one frame, with the own one.
    most_ships: u64,
    /// Own shots in one frame.
    most_shots: u64,
    /// Embers collected.
    collected: u64,
    deaths: u32,
}

impl Visit {
    /// Adds what changed from one look to the next.
    fn record(&mut self, from: (f64, f64), before: &Value, now: &Value) {
        if let Some((x, y)) = position(now) {
            self.farthest = self.farthest.max((x - from.0).hypot(y - from.1));
        }
        let count = |status: &Value, key: &str| status[key].as_u64().unwrap_or(0);
        self.most_ships = self.most_ships.max(count(now, "ships"));
        self.most_shots = self.most_shots.max(count(now, "shots"));
        if before["phase"] == "playing" && now["phase"] == "playing" {
            self.collected += count(now, "carried").saturating_sub(count(before, "carried"));
        }
        self.deaths += u32::from(before["phase"] == "playing" && now["phase"] == "dead");
    }

    fn has_seen_enough(&self) -> bool {
        self.farthest > 100.0 && self.most_ships >= 2 && self.most_shots > 0 && self.collected > 0
    }
}

/// Prints how long a first visit takes until the ship flies. There is no limit to compare it with, because machines
/// differ; what is downloaded has one, in `xtask`.
async fn first_visit(page: &Page, url: &str) {
    page.browser.goto(url).await.expect("the page opens");
    let figures = page.browser.execute_async(FLY_AT_ONCE, Vec::new()).await.expect("the ship flies");
    let ms = |key: &str| figures[key].as_f64().map_or("not reported".to_owned(), |ms| format!("{ms:.0} ms"));
    let paint_to_flying = match (figures["flying"].as_f64(), figures["paint"].as_f64()) {
        (Some(flying), Some(paint)) => format!("{:.0} ms", flying - paint),
        _ => "not reported".to_owned(),
    };
    println!(
        "cold start: first paint {}, Play can be pressed {}, flying {}; first paint to flying {paint_to_flying}; \
         {} bytes in {} files",
        ms("paint"),
        ms("ready"),
        ms("flying"),
        figures["bytes"],
        figures["files"],
    );
}

/// Visits, plays until everything was seen, and leaves.
pub(crate) async fn visit(engine: Engine) {
    let (_server, address) = serve(&["--seed", "7"]);
    let page = Page::blank(engine, Screen::Desktop).await;
    println!("{engine:?}: {}", page.run("return navigator.userAgent").await);
    first_visit(&page, &format!("http://{address}/")).await;

    page.browser.refresh().await.expect("it loads again");
    page.join("Visitor").await;
    let first = page.wait_for_ship().await;

    // In another direction each round, so that no wall ends the flight; firing by key and by mouse in turn.
    let from = position(&first).expect("the ship was waited for");
    let mut visit = Visit::default();
    let mut before = first.clone();
    for (round, keys) in ["ds ", "dw", "aw ", "as"].iter().cycle().take(ROUNDS_MAX).enumerate() {
        page.hold(keys).await;
        if round % 2 == 1 {
            page.press_mouse(900.0, 200.0).await;
        }
        page.watch(ROUND_FRAMES, |now| {
            visit.record(from, &before, now);
            before = now.clone();
        })
        .await;
        page.release(keys).await;
        if round % 2 == 1 {
            page.release_mouse().await;
        }
        if round >= 3 && visit.has_seen_enough() {
            break;
        }
    }
    page.screenshot(&format!("play-{engine:?}.png").to_lowercase()).await;
    let last = page.status().await;
    println!("{visit:?}; {last}");
    assert!(visit.farthest > 100.0, "the ship hardly moved");
    assert!(visit.most_ships >= 2, "no other ship was seen");
    assert!(visit.most_shots > 0, "nothing was fired");
    assert!(visit.collected > 0, "no ember was collected");
    assert!(last["phase"] == "playing" || last["phase"] == "dead", "the page left the game: {last}");
    assert!(last["frames"].as_u64() > first["frames"].as_u64(), "no more frames were received");
    assert!(last["drawn"].as_u64() > first["drawn"].as_u64(), "no more frames were drawn: {first}");
    assert_eq!(last["checksumMismatches"], 0);
    page.assert_no_errors().await;
    page.close().await;
}

#[tokio::test]
async fn chromium_plays() {
    visit(Engine::Chromium).await;
}
