//! The server, chromedriver and a page, as processes and over WebDriver.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
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
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A process that does not outlive the test, nor do those that it started: a browser would go on without its driver.
pub(crate) struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// Starts a program and waits for the line with `sign` in it; returns what stands behind the sign.
    pub(crate) fn start(program: &Path, args: &[&str], sign: &str) -> (Self, String) {
        let child = Command::new(program).args(args).stdout(Stdio::piped()).process_group(0).spawn();
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

/// One of the Python examples.
pub(crate) fn example(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/python").join(file)
}

pub(crate) fn path_from(variable: &str) -> PathBuf {
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

pub(crate) struct Page {
    pub(crate) browser: Client,
}

impl Page {
    pub(crate) async fn open(driver_port: &str, url: &str, profile: &Path) -> Self {
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
    pub(crate) async fn status(&self) -> Value {
        self.browser.execute("return window.emberdrift || null", Vec::new()).await.expect("the page answers")
    }

    /// Asks until the answer is as wanted.
    pub(crate) async fn wait_for(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
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

    /// Types a name into the start card, and plays.
    pub(crate) async fn join(&self, name: &str) {
        self.wait_for("the start card", |status| status["phase"] == "start").await;
        let field = self.browser.find(Locator::Id("name")).await.expect("there is a field for the name");
        field.send_keys(name).await.expect("a name is typed");
        let button = self.browser.find(Locator::Id("play")).await.expect("there is a button");
        button.click().await.expect("it is pressed");
    }

    /// Keeps a picture of the page under `target/browser`.
    pub(crate) async fn picture(&self, name: &str) {
        let picture = self.browser.screenshot().await.expect("a picture of the page");
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/browser");
        std::fs::create_dir_all(&kept)
            .and_then(|()| std::fs::write(kept.join(name), picture))
            .expect("the picture is kept");
        println!("screenshot: {}", kept.join(name).display());
    }

    pub(crate) async fn keys(&self, action: impl Fn(char) -> KeyAction, keys: &str) {
        let keyboard =
            keys.chars().fold(KeyActions::new("keyboard".into()), |keys, key| keys.then(action(key)));
        self.browser.perform_actions(keyboard).await.expect("keys are pressed");
    }

    /// Errors on the console, the server's answers of 400 and above among them.
    pub(crate) async fn console_errors(&self) -> Vec<Value> {
        let log = self.browser.issue_cmd(ConsoleLog).await.expect("chromedriver hands out the console");
        let entries = log.as_array().cloned().unwrap_or_default();
        entries.into_iter().filter(|entry| entry["level"] == "SEVERE").collect()
    }
}
