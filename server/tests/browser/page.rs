//! A page in a browser: what it reports of itself, and the keys and buttons of its visitor. It must not know the rules of
//! the game.

use std::time::{Duration, Instant};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction},
    wd::WebDriverCompatibleCommand,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::{
    driver::{Driver, Engine, Screen},
    processes::{Scratch, TIMEOUT, kept},
};

/// Enter and Escape, as WebDriver writes them.
pub(crate) const ENTER: &str = "\u{e007}";
pub(crate) const ESCAPE: &str = "\u{e00c}";

/// Between two looks at the page.
const POLL: Duration = Duration::from_millis(100);

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

/// A page in a browser of its own, with an empty cache.
pub(crate) struct Page {
    pub(crate) browser: Client,
    engine: Engine,
    // Before the folder that its browser writes to.
    _driver: Driver,
    _scratch: Scratch,
}

impl Page {
    pub(crate) async fn open(engine: Engine, screen: Screen, url: &str) -> Self {
        let page = Self::blank(engine, screen).await;
        page.browser.goto(url).await.expect("the page opens");
        page
    }

    /// A browser that shows nothing yet.
    pub(crate) async fn blank(engine: Engine, screen: Screen) -> Self {
        let scratch = Scratch::new(&format!("{engine:?}"));
        let driver = Driver::start(engine, scratch.path());
        let browser = ClientBuilder::new(HttpConnector::new())
            .capabilities(driver.capabilities(screen, scratch.path()))
            .connect(&driver.url)
            .await
            .unwrap_or_else(|error| panic!("the driver of {engine:?} opens no browser: {error}"));
        let page = Self { browser, engine, _driver: driver, _scratch: scratch };
        if screen == Screen::Desktop {
            // The window's size has the browser's own bars in it.
            let bars = page.run("return [outerWidth - innerWidth, outerHeight - innerHeight]").await;
            let bar = |i: usize| bars[i].as_u64().unwrap_or(0) as u32;
            let resized = page.browser.set_window_size(1280 + bar(0), 720 + bar(1)).await;
            resized.expect("the window takes a size");
        }
        page
    }

    /// What the script returns.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.browser.execute(script, Vec::new()).await.expect("the page answers")
    }

    /// What the page reports of itself; null before it runs.
    pub(crate) async fn status(&self) -> Value {
        self.run("return window.emberdrift || window.game || null").await
    }

    /// Waits until the page's status is as wanted, and returns it.
    pub(crate) async fn wait_for(&self, what: &str, mut wanted: impl FnMut(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let status = self.status().await;
            if wanted(&status) {
                return status;
            }
            assert!(start.elapsed() < TIMEOUT, "waited in vain for {what}; the page reports {status}");
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until the script returns true.
    pub(crate) async fn wait_until(&self, what: &str, script: &str) {
        let start = Instant::now();
        while self.run(script).await != Value::Bool(true) {
            assert!(start.elapsed() < TIMEOUT, "waited in vain for {what}: {script}");
            tokio::time::sleep(POLL).await;
        }
    }

    /// Hands each look at the page's status to `see` until the page has received this many more frames: the measure of
    /// time in the game, whatever the speed of the machine. Returns the last status.
    pub(crate) async fn watch(&self, frames: u64, mut see: impl FnMut(&Value)) -> Value {
        let count = |status: &Value| status["frames"].as_u64().unwrap_or(0);
        let end = count(&self.status().await) + frames;
        self.wait_for("frames", |status| {
            see(status);
            count(status) >= end
        })
        .await
    }

    /// Waits for the own ship.
    pub(crate) async fn wait_for_ship(&self) -> Value {
        self.wait_for("the ship", |status| status["phase"] == "playing" && position(status).is_some()).await
    }

    /// Types a name into the start card, and plays.
    pub(crate) async fn join(&self, name: &str) {
        self.wait_for("the start card", |status| status["phase"] == "start").await;
        let field = self.browser.find(Locator::Id("name")).await.expect("there is a field for the name");
        field.send_keys(name).await.expect("a name is typed");
        let button = self.browser.find(Locator::Id("play")).await.expect("there is a button");
        button.click().await.expect("it is pressed");
    }

    /// Waits for the own ship; if it was destroyed, presses the death card's button.
    pub(crate) async fn respawn(&self) -> Value {
        let start = Instant::now();
        loop {
            let script = "document.getElementById('death-again').click(); return window.emberdrift || null";
            let status = self.run(script).await;
            if status["phase"] == "playing" && status["position"].is_array() {
                return status;
            }
            assert!(start.elapsed() < TIMEOUT, "waited in vain for the ship; the page reports {status}");
            tokio::time::sleep(POLL).await;
        }
    }

    /// Keeps a screenshot of the page under `target/browser`.
    pub(crate) async fn screenshot(&self, name: &str) {
        let png = self.browser.screenshot().await.expect("a screenshot of the page");
        std::fs::write(kept().join(name), png).expect("the screenshot is kept");
        println!("screenshot: {}", kept().join(name).display());
    }

    /// Holds these keys down.
    pub(crate) async fn hold(&self, keys: &str) {
        self.keys(|value| KeyAction::Down { value }, keys).await;
    }

    /// Lets go of these keys.
    pub(crate) async fn release(&self, keys: &str) {
        self.keys(|value| KeyAction::Up { value }, keys).await;
    }

    /// Presses these keys one after the other.
    pub(crate) async fn press(&self, keys: &str) {
        for key in keys.chars() {
            self.hold(&key.to_string()).await;
            self.release(&key.to_string()).await;
        }
    }

    async fn keys(&self, action: impl Fn(char) -> KeyAction, keys: &str) {
        let keyboard =
            keys.chars().fold(KeyActions::new("keyboard".into()), |keys, key| keys.then(action(key)));
        self.browser.perform_actions(keyboard).await.expect("keys are pressed");
    }

    /// Presses the mouse's left button at a place of the page, in CSS pixels, and holds it.
    pub(crate) async fn press_mouse(&self, x: f64, y: f64) {
        let mouse = MouseActions::new("mouse".into())
            .then(PointerAction::MoveTo { duration: None, x, y })
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT });
        self.browser.perform_actions(mouse).await.expect("the mouse is pressed");
    }

    /// Lets go of the mouse's left button.
    pub(crate) async fn release_mouse(&self) {
        let mouse = MouseActions::new("mouse".into()).then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.browser.perform_actions(mouse).await.expect("the mouse is let go");
    }

    /// Fails if there are errors on the console or uncaught ones; with Chromium, answers of 400 and above count too.
    pub(crate) async fn assert_no_errors(&self) {
        let mut errors = self.run("return window.emberdriftErrors || window.gameErrors").await;
        let mut errors = std::mem::take(errors.as_array_mut().expect("the page keeps a list of its errors"));
        if self.engine == Engine::Chromium {
            let log = self.browser.issue_cmd(ConsoleLog).await.expect("chromedriver hands out the console");
            let entries = log.as_array().cloned().unwrap_or_default();
            errors.extend(entries.into_iter().filter(|entry| entry["level"] == "SEVERE"));
        }
        assert!(errors.is_empty(), "errors on the console: {errors:#?}");
    }

    /// Ends the browser's session.
    pub(crate) async fn close(self) {
        self.browser.clone().close().await.expect("the browser closes");
    }
}

/// Where the own ship is, if it flies.
pub(crate) fn position(status: &Value) -> Option<(f64, f64)> {
    Some((status["position"][0].as_f64()?, status["position"][1].as_f64()?))
}
