//! Opens the page in a real browser, served by the real binary, and plays: types a name, presses keys, and asks the
//! page what it sees.

#![allow(clippy::disallowed_methods, reason = "a distance for a bound with room to spare")]

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use fantoccini::actions::KeyAction;
use serde_json::Value;

use crate::rig::{PATIENCE, Page, Process, path_from};

fn position(status: &Value) -> Option<(f64, f64)> {
    Some((status["position"][0].as_f64()?, status["position"][1].as_f64()?))
}

#[tokio::test]
async fn a_visitor_opens_the_page_and_plays() {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("browser-{}", std::process::id()));
    fs::create_dir_all(&scratch).expect("a scratch folder");
    let server = path_from("EMBERDRIFT_BIN");
    let (_server, rest) =
        Process::start(&server, &["--listen", "127.0.0.1:0", "--seed", "7"], "open http://");
    let address = rest.split_whitespace().next().expect("an address follows");
    let (_driver, rest) =
        Process::start(&path_from("EMBERDRIFT_CHROMEDRIVER"), &["--port=0"], "started successfully on port ");
    let page = Page::open(rest.trim_end_matches('.'), &format!("http://{address}/"), &scratch).await;

    page.join("Visitor").await;
    let first =
        page.wait_for("the ship", |status| status["phase"] == "playing" && position(status).is_some()).await;

    // Down to the right, firing; another way now and then, so that no wall ends it.
    let from = position(&first).expect("it was waited for");
    let (mut farthest, mut most_ships, mut least_fps) = (0.0_f64, 0, f64::INFINITY);
    let start = Instant::now();
    for (round, keys) in ["ds ", "dw ", "aw ", "as "].iter().cycle().enumerate() {
        page.keys(|value| KeyAction::Down { value }, keys).await;
        for _ in 0..15 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let status = page.status().await;
            if let Some((x, y)) = position(&status) {
                farthest = farthest.max((x - from.0).hypot(y - from.1));
            }
            most_ships = most_ships.max(status["ships"].as_u64().unwrap_or(0));
        }
        page.keys(|value| KeyAction::Up { value }, keys).await;
        least_fps = least_fps.min(page.status().await["fps"].as_f64().unwrap_or(0.0));
        let seen_enough = round >= 3 && most_ships >= 2;
        if seen_enough || start.elapsed() > PATIENCE {
            break;
        }
    }
    page.picture("play.png").await;
    let last = page.status().await;
    println!("farthest {farthest:.0} units, {most_ships} ships at once, at least {least_fps:.0} FPS; {last}");
    assert!(farthest > 100.0, "the ship hardly moved");
    assert!(most_ships >= 2, "nobody else was seen");
    assert!(least_fps > 10.0, "too slow to play");
    assert!(last["frames"].as_u64() > first["frames"].as_u64(), "frames no longer come");
    assert_eq!(last["checksumMismatches"], 0);
    let errors = page.console_errors().await;
    assert!(errors.is_empty(), "errors on the console: {errors:#?}");
    page.browser.close().await.expect("the browser closes");
    let _ = fs::remove_dir_all(&scratch);
}
