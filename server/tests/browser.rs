//! Opens the page in a real browser, served by the real binary, and plays: types a name, presses keys, and asks the
//! page what it sees. Needs `EMBERDRIFT_BIN`, `EMBERDRIFT_CHROME` and `EMBERDRIFT_CHROMEDRIVER`, which
//! `cargo xtask test` sets; so it is built only with the feature `browser-test`.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    wd::WebDriverCompatibleCommand,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// For whatever a slow machine may take; nothing is measured against it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that does not outlive the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// Starts a program and waits for the line with `sign` in it; returns what stands behind the sign.
    fn start(program: &Path, args: &[&str], sign: &str) -> (Self, String) {
        let child = Command::new(program).args(args).stdout(Stdio::piped()).spawn();
        let mut process =
            Self(child.unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display())));
        let mut output = BufReader::new(process.0.stdout.take().expect("it is piped"));
        let mut line = String::new();
        while output.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
            if let Some(at) = line.find(sign) {
                let rest = line[at + sign.len()..].trim().to_owned();
                // Somebody has to go on reading, or the program stops at a full pipe.
                std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
                return (process, rest);
            }
            line.clear();
        }
        panic!("{} ended without a line with `{sign}`", program.display());
    }
}

fn path_from(variable: &str) -> PathBuf {
    env::var_os(variable).unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask test`")).into()
}

/// chromedriver's own way to read the console, which W3C WebDriver lacks.
#[derive(Debug)]
struct ConsoleLog;

impl WebDriverCompatibleCommand for ConsoleLog {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

struct Page {
    browser: Client,
}

impl Page {
    async fn open(driver_port: &str, url: &str, profile: &Path) -> Self {
        let chrome = path_from("EMBERDRIFT_CHROME");
        let profile = format!("--user-data-dir={}", profile.display());
        let capabilities = json!({
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "binary": chrome,
                "args": [
                    "--headless", "--no-sandbox", "--disable-background-networking", "--disable-component-update",
                    "--disable-sync", "--no-first-run", "--window-size=1280,720", profile,
                ],
            },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("it is an object") };
        let browser = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{driver_port}"))
            .await
            .expect("chromedriver opens a browser");
        browser.goto(url).await.expect("the page opens");
        // The window's size has the browser's own bars in it.
        let bars = "return [outerWidth - innerWidth, outerHeight - innerHeight]";
        let bars = browser.execute(bars, Vec::new()).await.expect("the page answers");
        let bar = |i: usize| bars[i].as_u64().unwrap_or(0) as u32;
        browser.set_window_size(1280 + bar(0), 720 + bar(1)).await.expect("the window takes a size");
        Self { browser }
    }

    /// What the page says of itself; null before it says anything.
    async fn status(&self) -> Value {
        self.browser.execute("return window.emberdrift || null", Vec::new()).await.expect("the page answers")
    }

    /// Asks until the answer is as wanted.
    async fn wait_for(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let status = self.status().await;
            if wanted(&status) {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "waited in vain for {what}; the page says {status}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn keys(&self, action: impl Fn(char) -> KeyAction, keys: &str) {
        let keyboard =
            keys.chars().fold(KeyActions::new("keyboard".into()), |keys, key| keys.then(action(key)));
        self.browser.perform_actions(keyboard).await.expect("keys are pressed");
    }

    /// Errors on the console, the server's answers of 400 and above among them.
    async fn console_errors(&self) -> Vec<Value> {
        let log = self.browser.issue_cmd(ConsoleLog).await.expect("chromedriver hands out the console");
        let entries = log.as_array().cloned().unwrap_or_default();
        entries.into_iter().filter(|entry| entry["level"] == "SEVERE").collect()
    }
}

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

    page.wait_for("the start card", |status| status["phase"] == "start").await;
    let name = page.browser.find(Locator::Id("name")).await.expect("there is a field for the name");
    name.send_keys("Visitor").await.expect("a name is typed");
    page.browser
        .find(Locator::Id("play"))
        .await
        .expect("there is a button")
        .click()
        .await
        .expect("it is pressed");
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
    let picture = page.browser.screenshot().await.expect("a picture of the page");
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/browser");
    fs::create_dir_all(&kept)
        .and_then(|()| fs::write(kept.join("play.png"), picture))
        .expect("the picture is kept");

    let last = page.status().await;
    println!("farthest {farthest:.0} units, {most_ships} ships at once, at least {least_fps:.0} FPS; {last}");
    println!("screenshot: {}", kept.join("play.png").display());
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
