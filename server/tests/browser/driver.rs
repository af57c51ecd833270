//! The three browser engines: how the driver of each is started, and with what capabilities it opens a browser. It must not
//! know what is on the page.

use std::{
    fs::File,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Map, Value, json};

use crate::processes::{Process, TIMEOUT, kept, path_from};

/// A browser engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Chromium,
    Firefox,
    /// In the small browser that comes with WebKitGTK.
    WebKit,
}

/// The device that the browser runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Screen {
    /// 1280 × 720, with mouse and keyboard.
    Desktop,
    /// 390 × 844 upright, with touch. Only Chromium can emulate one.
    Phone,
}

/// How often chromedriver is started before it has a port.
const DRIVER_STARTS: usize = 5;

/// A WebDriver server, and the display that its browser draws on if it needs one.
pub(crate) struct Driver {
    engine: Engine,
    pub(crate) url: String,
    /// In the order in which they end.
    _processes: Vec<Process>,
}

impl Driver {
    /// Starts it; its browser writes to `scratch`.
    pub(crate) fn start(engine: Engine, scratch: &Path) -> Self {
        let (port, processes) = match engine {
            Engine::Chromium => {
                // It takes a port that is free for IPv4, and ends if it is taken for IPv6.
                let mut driver = Command::new(path_from("EMBERDRIFT_CHROMEDRIVER"));
                driver.arg("--port=0");
                let start = |_| Process::try_start(&mut driver, "started successfully on port ");
                let started = (0..DRIVER_STARTS).find_map(start);
                let (driver, rest) = started.expect("chromedriver starts");
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

    /// What it opens a browser with.
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
                    // A certificate made for a LAN.
                    "acceptInsecureCerts": true,
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

/// A virtual display, and its name: without one, neither Firefox nor WebKit have WebGL.
fn display() -> (Process, String) {
    let mut server = Command::new(path_from("EMBERDRIFT_XVFB"));
    // It takes a free number and prints it.
    server.args(["-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]);
    let (server, number) = Process::start_and_await(server.stderr(Stdio::null()), "");
    (server, format!(":{number}"))
}

/// WebKit's driver cannot choose a free port. This chooses one, and tries another if it is taken before the driver listens.
fn webkit_driver(display: &str) -> (Process, u16) {
    let start = Instant::now();
    while start.elapsed() < TIMEOUT {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let port = free.expect("a free port").port();
        let mut driver = Command::new(path_from("EMBERDRIFT_WEBKITDRIVER"));
        driver.args(["--host=127.0.0.1", &format!("--port={port}")]).env("DISPLAY", display);
        let mut driver = Process::spawn(driver.stdout(log("webkit")).stderr(log("webkit")));
        while !driver.has_ended() && start.elapsed() < TIMEOUT {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return (driver, port);
            }
            sleep(Duration::from_millis(50));
        }
    }
    panic!("WebKitWebDriver does not listen; target/browser/webkit.log may say why");
}

/// A file for the output of a browser, which no test reads.
fn log(name: &str) -> Stdio {
    let path = kept().join(format!("{name}.log"));
    File::options().create(true).append(true).open(path).expect("a log file").into()
}
