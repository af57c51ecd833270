//! One seed: two runs, which are compared.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    time::Duration,
};

use tokio::{
    runtime::{Builder, Handle},
    task::{JoinSet, LocalSet},
    time::{Instant, sleep, sleep_until},
};

use super::{
    client::Client,
    journal::{Entry, Journal},
    rogue,
    scenario::{Sabotage, Scenario},
    server::Server,
};

/// After the last client has left, all that it had is gone within this time: the server notices a vanished link after half a minute,
/// a slow reader is closed within another, and then its grace period begins.
const QUIET_WITHIN: Duration = Duration::from_secs(100);
/// Between two checks.
const QUIET_CHECK: Duration = Duration::from_millis(500);

/// A seed that kept the laws.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub seed: u64,
    /// Simulated time.
    pub seconds: f64,
    /// Of everything that was observed.
    pub hash: u64,
    /// The same of what each connection sent.
    sent: Vec<(u64, u64)>,
    pub timeline: Vec<String>,
}

/// A seed that did not.
#[derive(Clone, Debug)]
pub struct Failure {
    pub seed: u64,
    /// Broken laws, in the order found.
    pub broken: Vec<String>,
    pub timeline: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "seed {}: {}", self.seed, self.broken.join("; "))
    }
}

/// Plays a seed twice, and compares.
pub fn check(seed: u64, sabotage: Option<Sabotage>) -> Result<Outcome, Failure> {
    let first = run(seed, sabotage)?;
    let second = run(seed, sabotage)?;
    if first.hash == second.hash {
        return Ok(first);
    }
    let at = first.timeline.iter().zip(&second.timeline).position(|(a, b)| a != b);
    let connection = first.sent.iter().zip(&second.sent).find(|(a, b)| a != b);
    let differs = match (at, connection) {
        (Some(at), _) => format!("{:?} and {:?}", first.timeline[at], second.timeline[at]),
        (None, Some(((number, _), _))) => format!("what connection {number} sent"),
        (None, None) => "the ticks".to_owned(),
    };
    let broken = format!("both runs of a seed are equal: they differ, first in {differs}");
    Err(Failure { seed, broken: vec![broken], timeline: first.timeline })
}

/// Plays a seed once.
pub fn run(seed: u64, sabotage: Option<Sabotage>) -> Result<Outcome, Failure> {
    let failure = |broken, timeline| Failure { seed, broken, timeline };
    let played = catch_unwind(AssertUnwindSafe(|| {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime without sockets needs nothing of the system");
        LocalSet::new().block_on(&runtime, play(seed, sabotage))
    }));
    match played {
        Ok((Entry { hash, sent, lines, broken }, seconds)) if broken.is_empty() => {
            Ok(Outcome { seed, seconds, hash, sent, timeline: lines })
        }
        Ok((Entry { lines, broken, .. }, _)) => Err(failure(broken, lines)),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(failure(vec![format!("no panic: {}", text.unwrap_or_default())], Vec::new()))
        }
    }
}

async fn play(seed: u64, sabotage: Option<Sabotage>) -> (Entry, f64) {
    let (start, journal, scenario) = (Instant::now(), Journal::new(), Scenario::new(seed));
    journal.note(format_args!("seed {seed}: {:?}", (scenario.settings.tick_rate, scenario.settings.bots)));
    let server = Server::new(&scenario, journal.clone(), sabotage);
    let mut peers = JoinSet::new();
    for plan in scenario.clients {
        peers.spawn_local(Client::new(plan, Rc::clone(&server), scenario.end, sabotage).run());
    }
    for plan in scenario.rogues {
        peers.spawn_local(rogue::run(plan, Rc::clone(&server)));
    }
    let mut machine = JoinSet::new();
    let (events, suffering) = (scenario.events, Rc::clone(&server));
    let events = machine.spawn_local(async move {
        for (at, event) in events {
            sleep_until(start + at).await;
            suffering.suffer(event).await;
        }
    });
    let keeping = Rc::clone(&server);
    machine.spawn_local(async move { keeping.take_snapshots().await });

    // A panic of a peer is one of the simulation's own, or of a client's session.
    while let Some(ended) = peers.join_next().await {
        if let Err(error) = ended {
            journal.broken("no client panics", format_args!("{error}"));
        }
    }
    while !events.is_finished() && !journal.is_broken() {
        sleep(QUIET_CHECK).await;
    }
    let until = Instant::now() + QUIET_WITHIN;
    while !journal.is_broken()
        && let Some(left) = leftovers(&server)
    {
        if Instant::now() >= until {
            journal.broken("nothing is left of clients that are gone", format_args!("{left}"));
        }
        sleep(QUIET_CHECK).await;
    }
    if let Some(process) = server.process() {
        process.kill();
    }
    (journal.entry(), start.elapsed().as_secs_f64())
}

/// What is left of the clients; `None` if nothing is.
fn leftovers(server: &Server) -> Option<String> {
    // Tasks that deliver what a full inbox did not take.
    let tasks = Handle::current().metrics().num_alive_tasks();
    server.leftovers().or_else(|| (tasks > 0).then(|| format!("{tasks} tasks")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first of a few dozen seeds that finds it, and how.
    fn found(sabotage: Sabotage) -> String {
        let found = (0..40).find_map(|seed| run(seed, Some(sabotage)).err());
        found.expect("no seed finds it").to_string()
    }

    #[test]
    fn flipped_bit_of_a_snapshot_is_found() {
        let found = found(Sabotage::FlipSnapshotBit);
        assert!(found.contains("a snapshot that was written can be loaded"), "{found}");
    }

    #[test]
    fn connection_that_is_never_let_go_of_is_found() {
        let found = found(Sabotage::KeepConnection);
        assert!(found.contains("nothing is left of clients that are gone"), "{found}");
    }

    #[test]
    fn peer_that_stops_reading_is_followed_to_its_end() {
        let is_followed = |line: &String| line.contains("frames unread");
        let is_in = |seed| run(seed, None).is_ok_and(|outcome| outcome.timeline.iter().any(is_followed));
        assert!((0..60).any(is_in), "no seed checks how it is closed");
    }

    #[test]
    fn dropped_token_is_found() {
        let found = found(Sabotage::DropToken);
        assert!(found.contains("a player comes back as itself"), "{found}");
    }
}
