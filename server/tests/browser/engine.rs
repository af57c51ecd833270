//! The three browser engines: how a driver of each is started, and what it is told when it opens a browser. Must not know
//! what is on the page.

use std::{
    fs::File,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Map, Value, json};

use crate::rig::{PATIENCE, Process, kept, path_from};

/// Whose browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// Chrome's.
    Chromium,
    /// Mozilla's.
    Firefox,
    /// Safari's, in the browser that WebKitGTK comes with.
    WebKit,
}

/// What the page is looked at on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Screen {
    /// 1280 × 720, a mouse and a keyboard.
    Desktop,
    /// 390 × 844 upright, to be touched. Only Chromium can pretend to be one.
    Phone,
}

/// A WebDriver server, and the display that its browser draws on if it cannot do without.
pub(crate) struct Driver {
    engine: Engine,
    /// Where it listens.
    pub(crate) url: String,
    /// In the order in which they are to end.
    _processes: Vec<Process>,
}

impl Driver {
    /// Starts it; what its browser keeps goes into `scratch`.
    pub(crate) fn start(engine: Engine, scratch: &Path) -> Self {
        let (port, processes) = match engine {
            Engine::Chromium => {
                let driver = path_from("EMBERDRIFT_CHROMEDRIVER");
                let (driver, rest) = Process::start(&driver, &["--port=0"], "started successfully on port ");
                (rest.trim_end_matches('.').to_owned(), vec![driver])
            }
            Engine::Firefox => {
                let (display, name) = display();
                let mut driver = Command::new(path_from("EMBERDRIFT_GECKODRIVER"));
                driver.args(["--host=127.0.0.1", "--port=0"]).env("TMPDIR", scratch).env("DISPLAY", name);
                let (driver, rest) =
                    Process::start_and_await(driver.stderr(log("firefox")), "Listening on 127.0.0.1:");
                (rest, vec![driver, display])
            }
            Engine::WebKit => {
                let (display, name) = display();
                let (driver, port) = webkit_driver(&name);
                (port.to_string(), vec![driver, display])
            }
        };
        Self { engine, url: format!("http://127.0.0.1:{port}"), _processes: processes }
    }

    /// What it is told when it opens a browser.
    pub(crate) fn capabilities(&self, screen: Screen, scratch: &Path) -> Map<String, Value> {
        let capabilities = match self.engine {
            Engine::Chromium => {
                let profile = format!("--user-data-dir={}", scratch.join("chromium").display());
                let mut options = json!({
                    "binary": path_from("EMBERDRIFT_CHROME"),
                    "args": [
                        "--headless", "--no-sandbox", "--disable-background-networking",
                        "--disable-component-update", "--disable-sync", "--no-first-run",
                        "--window-size=1280,720", profile,
                    ],
                });
                if screen == Screen::Phone {
                    let metrics = json!({ "width": 390, "height": 844, "pixelRatio": 2, "touch": true });
                    options["mobileEmulation"] = json!({
                        "deviceMetrics": metrics,
                        "clientHints": { "platform": "Android", "mobile": true },
                    });
                }
                json!({
                    "browserName": "chrome",
                    "goog:loggingPrefs": { "browser": "ALL" },
                    "goog:chromeOptions": options,
                })
            }
            Engine::Firefox => json!({
                "browserName": "firefox",
                "moz:firefoxOptions": { "binary": path_from("EMBERDRIFT_FIREFOX") },
            }),
            Engine::WebKit => json!({
                "webkitgtk:browserOptions": {
                    "binary": path_from("EMBERDRIFT_MINIBROWSER"),
                    "args": ["--automation"],
                },
            }),
        };
        let Value::Object(capabilities) = capabilities else { unreachable!("it is an object") };
        capabilities
    }
}

/// A display that nobody looks at, and its name: without one, neither Firefox nor WebKit have WebGL.
fn display() -> (Process, String) {
    let mut server = Command::new(path_from("EMBERDRIFT_XVFB"));
    // It takes a free number and tells it.
    server.args(["-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]);
    let (server, number) = Process::start_and_await(server.stderr(Stdio::null()), "");
    (server, format!(":{number}"))
}

/// WebKit's driver does not choose a port by itself, and the one chosen for it may be taken before it listens.
fn webkit_driver(display: &str) -> (Process, u16) {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let port = free.expect("a free port").port();
        let mut driver = Command::new(path_from("EMBERDRIFT_WEBKITDRIVER"));
        driver.args(["--host=127.0.0.1", &format!("--port={port}")]).env("DISPLAY", display);
        let mut driver = Process::spawn(driver.stdout(log("webkit")).stderr(log("webkit")));
        while !driver.has_ended() && start.elapsed() < PATIENCE {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return (driver, port);
            }
            sleep(Duration::from_millis(50));
        }
    }
    panic!("WebKitWebDriver does not listen; target/browser/webkit.log may say why");
}

/// A file for what a browser says of itself: much, and nothing that a test looks at.
fn log(name: &str) -> Stdio {
    let path = kept().join(format!("{name}.log"));
    File::options().create(true).append(true).open(path).expect("a log file").into()
}
