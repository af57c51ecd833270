//! The Python examples that do not take part in `interop`: each runs as its README says.

use std::process::{Command, Output};

use crate::processes::{Process, example, path_from};

fn run(file: &str, args: &[&str]) -> (Output, String) {
    let output = Command::new(path_from("EMBERDRIFT_PYTHON")).arg(example(file)).args(args).output();
    let output = output.unwrap_or_else(|error| panic!("cannot start {file}: {error}"));
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output, text)
}

#[test]
fn bot_plays_and_chart_is_drawn() {
    let server = path_from("EMBERDRIFT_BIN");
    let flags = ["--listen", "127.0.0.1:0", "--drones", "40"];
    let (_server, rest) = Process::start(&server, &flags, "open http://");
    let address = rest.split_whitespace().next().expect("an address follows").to_owned();
    let chart = std::thread::spawn({
        let address = address.clone();
        move || run("feed_chart.py", &["--host", &address, "--seconds", "8"])
    });
    let (output, text) =
        run("bot.py", &["--host", &address, "--name", "Botty", "--seconds", "12", "--say", "gg"]);
    print!("{text}");
    assert!(output.status.success(), "{text}");
    assert!(text.contains("heard Botty: gg") && text.contains("left; 0 cells differed"), "{text}");
    let (output, text) = chart.join().expect("it runs");
    println!("{text}");
    assert!(output.status.success(), "{text}");
    assert!(text.contains("the leader's embers"), "{text}");
}

#[test]
fn examples_without_a_server_fail_with_one_line() {
    // Port 9 is for discarding: no WebSocket server listens there.
    for file in ["plain_socket.py", "library_client.py", "feed_chart.py", "bot.py"] {
        let (output, text) = run(file, &["--host", "127.0.0.1:9", "--seconds", "1"]);
        assert!(!output.status.success() && text.trim_end().lines().count() == 1, "{file}: {text}");
    }
}
