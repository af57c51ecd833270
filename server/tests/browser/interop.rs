//! Clients of every kind in one arena: Python's websocket-client and websockets, plain sockets, Node's `ws`, a browser and
//! tokio-tungstenite, in both encodings. Each says hello in the chat, and succeeds if it has heard all the others.
//! The other Python examples run as their README says.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use client_web::{
    engine::chat::{ChatEntry, ChatLog},
    game::Session,
};
use futures_util::{SinkExt, StreamExt};
use server::engine::join_ticket::JoinKey;
use shared::{
    engine::{game_trait::Game as _, input::PlayerInput, protocol::ProtocolVersion},
    game::Emberdrift,
};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{
    driver::{Engine, Screen},
    page::{ENTER, Page},
    processes::{Scratch, TIMEOUT, example, path_from, serve},
};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// An arena in which every player sees every other.
fn small_arena(scratch: &Path) -> String {
    let drift = fs::read_to_string(folder("../assets/arenas/drift.ron")).expect("the arena is there");
    let small = drift.replace("size: (4608, 4608)", "size: (1024, 1024)").replace("rocks: 64", "rocks: 2");
    assert_ne!(drift, small);
    let file = scratch.join("small.ron");
    fs::write(&file, small).expect("the arena is written");
    file.display().to_string()
}

/// Programs with their arguments, by the name they play under.
fn programs(address: &str, others: usize) -> Vec<(&'static str, Command)> {
    let (python, node) = (path_from("EMBERDRIFT_PYTHON"), path_from("EMBERDRIFT_NODEJS"));
    let count = others.to_string();
    let python_example = |name: &'static str, file: &str| {
        let mut command = Command::new(&python);
        command.arg(example(file)).args(["--host", address, "--name", name]);
        let hello = format!("hello from {name}");
        command.args(["--seconds", "90", "--say", &hello, "--until-heard", &count]);
        (name, command)
    };
    let client = |name: &'static str, program: &Path, file: &str| {
        let mut command = Command::new(program);
        command.arg(folder("tests/browser/clients").join(file)).args([address, name, &count]);
        (name, command)
    };
    vec![
        python_example("plain socket", "plain_socket.py"),
        python_example("websocket-client", "library_client.py"),
        client("websockets", &python, "websockets_client.py"),
        client("node ws", &node, "ws_client.mjs"),
    ]
}

/// Plays in the binary encoding until it has heard this many others. Returns their names, and how many ships it saw at
/// once.
async fn native(address: &str, name: &str, others: usize) -> (BTreeSet<String>, u32) {
    let mut request = format!("ws://{address}/ws").into_client_request().expect("an address");
    let subprotocol = "emberdrift.bincode".parse().expect("a header");
    request.headers_mut().insert("sec-websocket-protocol", subprotocol);
    let (mut socket, answer) = connect_async(request).await.expect("the handshake");
    assert_eq!(answer.headers()["sec-websocket-protocol"], "emberdrift.bincode");

    let (mut session, mut log) = (Session::new(name), ChatLog::default());
    let (mut heard, mut most, mut has_spoken) = (BTreeSet::new(), 0, false);
    let start = Instant::now();
    while heard.len() < others || (most as usize) < others {
        assert!(start.elapsed() < TIMEOUT, "heard only {heard:?}, saw {most}");
        let now_ms = start.elapsed().as_secs_f64() * 1000.0;
        session.advance(now_ms, PlayerInput::default());
        while let Some(bytes) = session.poll_transmit() {
            socket.send(Message::Binary(bytes.into())).await.expect("it is sent");
        }
        if let Ok(next) = tokio::time::timeout(Duration::from_millis(20), socket.next()).await {
            match next {
                Some(Ok(Message::Binary(bytes))) => {
                    session.handle_message(&bytes, now_ms).expect("it is understood");
                }
                Some(Ok(Message::Ping(_))) => {}
                other => panic!("expected a message, got {other:?}"),
            }
        }
        if session.player_id().is_some() && !has_spoken {
            has_spoken = true;
            session.send_chat(&format!("hello from {name}"));
        }
        for notice in session.take_chat() {
            for entry in log.receive(notice, session.player_id()) {
                if let ChatEntry::Line { name, own: false, .. } = entry {
                    heard.insert(name);
                }
            }
        }
        most = most.max(session.stats().visible_bodies);
    }
    assert_eq!(session.stats().checksum_mismatches, 0);
    (heard, most)
}

/// The text of the page's chat.
async fn shown(page: &Page) -> String {
    let lines = "return document.getElementById('chat-lines').innerText";
    page.run(lines).await.as_str().unwrap_or("").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_every_kind_hear_one_another() {
    let scratch = Scratch::new("interop");
    let arena = small_arena(scratch.path());
    let (_server, address) = serve(&["--drones", "0", "--arena", &arena]);
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    page.join("browser").await;
    page.wait_for_ship().await;

    let names = ["plain socket", "websocket-client", "websockets", "node ws", "browser", "tungstenite"];
    let others = names.len() - 1;
    let mut running = Vec::new();
    for (name, mut command) in programs(&address, others) {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        running.push((name, tokio::task::spawn_blocking(move || child.wait_with_output())));
    }
    let native = tokio::spawn({
        let address = address.clone();
        async move { native(&address, "tungstenite", others).await }
    });

    page.press(ENTER).await;
    page.wait_until("the field to open", "return document.activeElement.id === 'chat-input'").await;
    page.press("hello from browser").await;
    page.press(ENTER).await;
    for name in names {
        let is_shown =
            format!("return document.getElementById('chat-lines').innerText.includes('hello from {name}')");
        page.wait_until(name, &is_shown).await;
    }
    page.screenshot("interop.png").await;
    println!("browser: hears and shows\n{}", shown(&page).await);
    page.assert_no_errors().await;

    let (heard, most) = native.await.expect("the native client plays");
    println!(
        "tungstenite: heard {heard:?}, saw {most} other ships at once, protocol {:?}",
        ProtocolVersion(Emberdrift::PROTOCOL_VERSION)
    );
    for (name, output) in running {
        let Output { status, stdout, stderr } = output.await.expect("it is waited for").expect("it ran");
        let (said, wrong) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        assert!(status.success(), "{name}: {status}\n{said}\n{wrong}");
        println!("{name}: heard {}", said.lines().filter(|line| line.starts_with("heard ")).count());
    }
    page.close().await;
}

/// Runs an example. Returns its output, and its standard output and errors as one text.
fn run_example(file: &str, args: &[&str]) -> (Output, String) {
    let output = Command::new(path_from("EMBERDRIFT_PYTHON")).arg(example(file)).args(args).output();
    let output = output.unwrap_or_else(|error| panic!("cannot start {file}: {error}"));
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output, text)
}

#[test]
fn bot_plays_and_chart_is_drawn() {
    let (_server, address) = serve(&["--drones", "40"]);
    let chart = std::thread::spawn({
        let address = address.clone();
        move || run_example("feed_chart.py", &["--host", &address, "--seconds", "8"])
    });
    let (output, text) =
        run_example("bot.py", &["--host", &address, "--name", "Botty", "--seconds", "8", "--say", "gg"]);
    print!("{text}");
    assert!(output.status.success(), "{text}");
    assert!(text.contains("heard Botty: gg") && text.contains("left; 0 cells differed"), "{text}");
    let (output, text) = chart.join().expect("it runs");
    println!("{text}");
    assert!(output.status.success(), "{text}");
    assert!(text.contains("the leader's embers"), "{text}");
}

#[test]
fn examples_play_with_tls() {
    let (_server, address) = serve(&["--drones", "4", "--tls-self-signed"]);
    let host = format!("wss://{address}");
    for file in ["plain_socket.py", "library_client.py", "bot.py", "feed_chart.py"] {
        let flags = ["--host", &host, "--seconds", "2"];
        let (output, text) = run_example(file, &[&flags[..], &["--insecure"]].concat());
        assert!(output.status.success(), "{file}: {text}");
        let (output, text) = run_example(file, &flags);
        assert!(!output.status.success() && text.contains("certificate"), "{file}: {text}");
    }
}

/// The Python code of a README.
fn readme_example(file: &str) -> String {
    let text = fs::read_to_string(folder(file)).expect("the README is there");
    let code = text.split_once("```python\n").and_then(|(_, rest)| rest.split_once("```"));
    code.expect("it has an example in Python").0.to_owned()
}

#[test]
fn example_of_the_readme_plays() {
    let code = |file| -> Vec<String> {
        readme_example(file).lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
    };
    assert_eq!(code("../README.md"), code("../README.zh-CN.md"));
    let (_server, address) = serve(&["--drones", "0"]);
    let code = code("../README.md").join("\n");
    assert!(code.contains("127.0.0.1:8080") && code.contains("while True:"), "{code}");
    let code = code.replace("127.0.0.1:8080", &address).replace("while True:", "for _ in range(90):");
    // It holds one of the keys that steer, so the ship moves.
    let speed = "\nwhile not frame: frame = json.loads(socket.recv()).get('Frame')\n\
                 print('flies' if any(frame['head']['viewer']['Player']['own']['Alive']['motion']['velocity']) else frame)";
    let code = code + speed;
    let output =
        Command::new(path_from("EMBERDRIFT_PYTHON")).args(["-c", &code]).output().expect("it starts");
    let (said, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.starts_with("flies"), "{said}\n{wrong}");
}

#[test]
fn examples_print_to_any_terminal_and_end_after_the_reader_has_left() {
    let (_server, address) = serve(&["--drones", "4"]);
    let command = |file: &str, more: &[&str]| {
        let mut command = Command::new(path_from("EMBERDRIFT_PYTHON"));
        command.arg(example(file)).args(["--host", &address, "--seconds", "4"]).args(more);
        command
    };
    for file in ["plain_socket.py", "library_client.py", "bot.py"] {
        let mut latin = command(file, &["--say", "你好"]);
        let Output { status, stdout, stderr } =
            latin.env("PYTHONIOENCODING", "latin-1").output().expect("it starts");
        let (said, wrong) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        assert!(status.success() && said.contains("said ??") && wrong.is_empty(), "{file}: {said}\n{wrong}");
    }
    for file in ["plain_socket.py", "library_client.py", "bot.py", "feed_chart.py"] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        // As after `| head -1` has ended.
        drop(reader);
        let output = command(file, &[]).stdout(writer).output().expect("it starts");
        let wrong = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && wrong.is_empty(), "{file}: {wrong}");
    }
    // A full disk, and an output that the shell has closed: one line at most, and never a traceback.
    for (file, shell) in [
        ("plain_socket.py", "exec \"$@\" > /dev/full"),
        ("bot.py", "exec \"$@\" > /dev/full"),
        ("plain_socket.py", "exec \"$@\" >&-"),
        ("ticket.py", "exec \"$@\" > /dev/full"),
        ("ticket.py", "exec \"$@\" >&-"),
    ] {
        let mut inner = Command::new("sh");
        inner.args(["-c", shell, "sh"]).arg(path_from("EMBERDRIFT_PYTHON")).arg(example(file));
        let flags: &[&str] =
            if file == "ticket.py" { &["Ada"] } else { &["--host", &address, "--seconds", "2"] };
        let key = "the key that both servers have, 1";
        let output = inner.args(flags).env("EMBERDRIFT_JOIN_KEY", key).output().expect("it starts");
        let wrong = String::from_utf8_lossy(&output.stderr);
        assert!(wrong.lines().count() <= 1 && !wrong.contains("Traceback"), "{file} {shell}: {wrong}");
    }
}

#[test]
fn ticket_of_the_example_says_how_it_is_used() {
    for arguments in [&[] as &[&str], &["Ada", "Bob"]] {
        let mut command = Command::new(path_from("EMBERDRIFT_PYTHON"));
        let output = command.arg(example("ticket.py")).args(arguments).output().expect("it starts");
        let wrong = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && wrong.starts_with("usage: "), "{wrong}");
        assert_eq!(wrong.lines().count(), 1, "{wrong}");
    }
}

#[test]
fn ticket_of_the_example_is_valid_for_a_minute() {
    let key = "the key that both servers have, 1";
    let mut command = Command::new(path_from("EMBERDRIFT_PYTHON"));
    let output = command.arg(example("ticket.py")).arg("Zoë").env("EMBERDRIFT_JOIN_KEY", key).output();
    let output = output.expect("it starts").stdout;
    let key = JoinKey::new(key.as_bytes()).expect("it is long enough");
    let ticket = key.admit(Some(String::from_utf8_lossy(&output).trim()), "drift").expect("it is valid");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs();
    assert_eq!(ticket.name.as_deref(), Some("Zoë"));
    assert!((now..=now + 60).contains(&ticket.exp), "{ticket:?}");
}

#[test]
fn examples_without_a_server_fail_with_one_line() {
    // Port 9 is for discarding: no WebSocket server listens there.
    for file in ["plain_socket.py", "library_client.py", "feed_chart.py", "bot.py"] {
        let (output, text) = run_example(file, &["--host", "127.0.0.1:9", "--seconds", "1"]);
        assert!(!output.status.success() && text.trim_end().lines().count() == 1, "{file}: {text}");
    }
}
