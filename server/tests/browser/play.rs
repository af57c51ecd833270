//! Opens the page in a real browser, served by the real binary, and plays: presses Play at once, then types a name, flies,
//! fires and gathers, and asks the page what it sees. The same for every engine.

#![allow(clippy::disallowed_methods, reason = "a distance for a bound with room to spare")]

use std::time::{Duration, Instant};

use fantoccini::actions::KeyAction;
use serde_json::Value;
use tokio::time::sleep;

use crate::{
    engine::{Engine, Screen},
    page::{Page, position},
    rig::{PATIENCE, serve},
};

/// Presses Play as soon as it is there, and tells when that was, when the ship flew, when there was something to see,
/// and how many bytes it took: in milliseconds since the page was asked for, and bytes as they came.
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

/// What a visit came to.
#[derive(Debug, Default)]
struct Visit {
    /// From where it began, in units.
    farthest: f64,
    /// Ships in one picture, the own one among them.
    most_ships: u64,
    /// Own shots in one picture.
    most_shots: u64,
    /// Embers that came aboard.
    gathered: u64,
    deaths: u32,
    /// Pictures a second: the fewest of all looks.
    least_fps: f64,
}

impl Visit {
    /// Adds what changed from one look to the next.
    fn note(&mut self, from: (f64, f64), before: &Value, now: &Value) {
        if let Some((x, y)) = position(now) {
            self.farthest = self.farthest.max((x - from.0).hypot(y - from.1));
        }
        let count = |status: &Value, key: &str| status[key].as_u64().unwrap_or(0);
        self.most_ships = self.most_ships.max(count(now, "ships"));
        self.most_shots = self.most_shots.max(count(now, "shots"));
        if before["phase"] == "playing" && now["phase"] == "playing" {
            self.gathered += count(now, "carried").saturating_sub(count(before, "carried"));
        }
        self.deaths += u32::from(before["phase"] == "playing" && now["phase"] == "dead");
    }

    fn has_seen_enough(&self) -> bool {
        self.farthest > 100.0 && self.most_ships >= 2 && self.most_shots > 0 && self.gathered > 0
    }
}

/// How long a first visit takes until the ship flies: told, and no more, because machines differ.
async fn first_visit(page: &Page, url: &str) {
    page.browser.goto(url).await.expect("the page opens");
    let figures = page.browser.execute_async(FLY_AT_ONCE, Vec::new()).await.expect("the ship flies");
    let ms = |key: &str| figures[key].as_f64().map_or("not told".to_owned(), |ms| format!("{ms:.0} ms"));
    let paint_to_flying = match (figures["flying"].as_f64(), figures["paint"].as_f64()) {
        (Some(flying), Some(paint)) => format!("{:.0} ms", flying - paint),
        _ => "not told".to_owned(),
    };
    println!(
        "cold start: first paint {}, Play can be pressed {}, flying {}; first paint to flying {paint_to_flying} \
         (bar 2000 ms); {} bytes in {} files",
        ms("paint"),
        ms("ready"),
        ms("flying"),
        figures["bytes"],
        figures["files"],
    );
}

/// Visits, plays until all was seen that is to be seen, and leaves.
pub(crate) async fn visit(engine: Engine) {
    let (_server, address) = serve(&["--seed", "7"]);
    let page = Page::blank(engine, Screen::Desktop).await;
    println!("{engine:?}: {}", page.run("return navigator.userAgent").await);
    first_visit(&page, &format!("http://{address}/")).await;

    page.browser.refresh().await.expect("it loads again");
    page.join("Visitor").await;
    let first =
        page.wait_for("the ship", |status| status["phase"] == "playing" && position(status).is_some());
    let first = first.await;

    // Another way now and then, so that no wall ends it; firing by key and by button in turn.
    let from = position(&first).expect("it was waited for");
    let mut visit = Visit { least_fps: f64::INFINITY, ..Visit::default() };
    let (mut before, start) = (first.clone(), Instant::now());
    for (round, keys) in ["ds ", "dw", "aw ", "as"].iter().cycle().enumerate() {
        page.keys(|value| KeyAction::Down { value }, keys).await;
        if round % 2 == 1 {
            page.press_mouse(900.0, 200.0).await;
        }
        for _ in 0..15 {
            sleep(Duration::from_millis(100)).await;
            let now = page.status().await;
            visit.note(from, &before, &now);
            before = now;
        }
        page.keys(|value| KeyAction::Up { value }, keys).await;
        if round % 2 == 1 {
            page.release_mouse().await;
        }
        visit.least_fps = visit.least_fps.min(before["fps"].as_f64().unwrap_or(0.0));
        if (round >= 3 && visit.has_seen_enough()) || start.elapsed() > PATIENCE {
            break;
        }
    }
    page.picture(&format!("play-{engine:?}.png").to_lowercase()).await;
    let last = page.status().await;
    println!("{visit:?}; {last}");
    assert!(visit.farthest > 100.0, "the ship hardly moved");
    assert!(visit.most_ships >= 2, "nobody else was seen");
    assert!(visit.most_shots > 0, "nothing was fired");
    assert!(visit.gathered > 0, "no ember came aboard");
    assert!(visit.least_fps > 0.0, "no pictures were drawn");
    assert!(last["phase"] == "playing" || last["phase"] == "dead", "thrown out");
    assert!(last["frames"].as_u64() > first["frames"].as_u64(), "frames no longer come");
    assert_eq!(last["checksumMismatches"], 0);
    let errors = page.console_errors().await;
    assert!(errors.is_empty(), "errors on the console: {errors:#?}");
    page.close().await;
}

#[tokio::test]
async fn a_visitor_opens_the_page_and_plays() {
    visit(Engine::Chromium).await;
}
