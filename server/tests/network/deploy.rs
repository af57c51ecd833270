//! The files of `server/deploy` fit the server: its flags, its variables, its user, its health check.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use clap::CommandFactory;
use server::{config::Config, engine::net::TrustedProxies, run::stop::STOP_MAX};
use tokio::task::spawn_blocking;

use crate::rig::server;

fn text(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What stands behind `start` on the lines that begin with it.
fn values<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.trim().strip_prefix(start)).map(str::trim).collect()
}

#[test]
fn unit_and_image_use_flags_and_variables_that_there_are() {
    let (unit, image, compose) = (text("emberdrift.service"), text("Dockerfile"), text("compose.yaml"));
    let command = Config::command();
    let flags: Vec<_> = command.get_arguments().filter_map(|flag| flag.get_long()).collect();
    let variables: Vec<_> = command.get_arguments().filter_map(|flag| flag.get_env()?.to_str()).collect();
    let start = values(&unit, "ExecStart=")[0];
    let used: Vec<_> = start.split(' ').filter_map(|word| word.strip_prefix("--")).collect();
    assert!(!used.is_empty() && used.iter().all(|flag| flags.contains(flag)), "{start}");
    let mut named = 0;
    let separators = [' ', '=', '"', ':', '$', '{', '}'];
    let lines = [&unit, &image, &compose].into_iter().flat_map(|text| text.lines());
    let settings = lines.filter(|line| !line.trim_start().starts_with('#'));
    for word in settings.flat_map(|line| line.split(separators)) {
        if word.starts_with("EMBERDRIFT_") && word != "EMBERDRIFT_NAME" {
            assert!(variables.contains(&word), "there is no variable {word}");
            named += 1;
        }
    }
    assert_eq!(named, 5);
}

/// Docker gives the connections of a proxy on the host the gateway's address.
#[test]
fn proxy_on_the_host_of_a_container_is_trusted() {
    let compose = text("compose.yaml");
    let (subnet, gateway) = (values(&compose, "- subnet:")[0], values(&compose, "gateway:")[0]);
    let trusted: TrustedProxies = values(&compose, "EMBERDRIFT_TRUSTED_PROXY:")[0].parse().unwrap();
    let subnet: TrustedProxies = subnet.parse().unwrap();
    let gateway = gateway.parse().unwrap();
    assert!(subnet.contains(gateway) && trusted.contains(gateway));
    assert!(!trusted.contains([172, 30, 88, 2].into()), "no other container of that network");
    assert_eq!(values(&compose, "networks:")[0], "[players]", "the server is in that network");
    // The gateway may stand for any client of a port that is published to others.
    assert_eq!(values(&compose, "ports:"), ["[\"127.0.0.1:8080:8080\"]"]);
}

#[test]
fn systemd_keeps_the_port_that_the_service_takes() {
    let (unit, socket) = (text("emberdrift.service"), text("emberdrift.socket"));
    assert_eq!(values(&unit, "Requires="), ["emberdrift.socket"]);
    let address = values(&socket, "ListenStream=");
    // One, and for other machines.
    assert!(matches!(address[..], [address] if address.starts_with("0.0.0.0:")), "{address:?}");
    assert!(values(&socket, "Accept=").is_empty(), "the service accepts");
}

#[test]
fn supervisors_have_more_patience_than_a_stop_takes() {
    let (unit, compose) = (text("emberdrift.service"), text("compose.yaml"));
    for seconds in [values(&unit, "TimeoutStopSec=")[0], values(&compose, "stop_grace_period: ")[0]] {
        let seconds: u64 = seconds.trim_end_matches('s').parse().unwrap();
        // The rest is for what the program does after it: its last log lines.
        assert!(
            Duration::from_secs(seconds) > STOP_MAX + Duration::from_secs(2),
            "{seconds} s, {STOP_MAX:?}"
        );
    }
}

#[test]
fn image_is_built_in_one_stage_and_runs_without_privileges_in_another() {
    let image = text("Dockerfile");
    assert_eq!(values(&image, "FROM ").len(), 2);
    let last = image.rsplit("\nFROM ").next().unwrap_or_default();
    let user = values(last, "USER ");
    assert_eq!(user, ["65532:65532"], "a number, so that a cluster sees that it is not root");
    assert!(!last.contains("RUN "), "nothing is installed beside the server");
    assert!(values(last, "ENTRYPOINT ")[0].starts_with("[\""), "signals reach the server and not a shell");
    let compose = text("compose.yaml");
    for line in ["read_only: true", "cap_drop: [ALL]", "security_opt: [\"no-new-privileges:true\"]"] {
        assert!(compose.contains(&format!("    {line}\n")), "{line}");
    }
}

#[tokio::test]
async fn health_check_of_the_image_passes_while_the_server_answers() {
    let image = text("Dockerfile");
    let check = image.split("CMD [\"bash\", \"-c\", ").nth(1).and_then(|rest| rest.lines().next());
    // As Docker reads it: a list in JSON.
    let script: Vec<String> = serde_json::from_str(&format!("[{}", check.expect("a health check"))).unwrap();
    let server = server().await;
    let (port, script) = (server.address().port(), &script[0]);
    assert!(script.contains("/127.0.0.1/8080"), "it asks the port of the image");
    let script = script.replace("/127.0.0.1/8080", &format!("/127.0.0.1/{port}"));
    let passes = async || {
        let mut check = Command::new("bash");
        check.args(["-c", &script]).stderr(Stdio::null());
        spawn_blocking(move || check.status()).await.unwrap().unwrap().success()
    };
    assert!(passes().await);
    server.stop().await;
    assert!(!passes().await, "no server, no health");
}
