//! What the process does about a panic: it logs it, in one line of bounded length, and goes on. Whether the panicked part can be
//! done without is decided by the part that waits for it.

use std::{
    backtrace::Backtrace,
    panic::{self, PanicHookInfo},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use super::log::escaped;

/// Characters of a panic's text that are shown. It may quote a peer.
const TEXT_MAX: usize = 400;
/// Between two lines about panics on the network's threads: a peer that causes one can cause many.
const NETWORK_INTERVAL: Duration = Duration::from_secs(1);
/// The name of the network's threads.
pub const NETWORK_THREAD: &str = "network";

/// Logs panics from now on; those of the network's threads at most once a second. To the log and not to stderr, which may have no
/// reader, or one that makes the panicking thread wait.
pub fn log_all() {
    let last = Mutex::new(None);
    panic::set_hook(Box::new(move |panic| {
        let is_of_network = thread::current().name() == Some(NETWORK_THREAD);
        let should_log = !is_of_network
            || is_due(&mut last.lock().unwrap_or_else(PoisonError::into_inner), Instant::now());
        if should_log {
            tracing::error!("{}; {}", line(panic), Backtrace::capture());
        }
    }));
}

fn line(panic: &PanicHookInfo<'_>) -> String {
    let text = panic.payload_as_str().unwrap_or("without a text");
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    format!("panicked at {place}: {}", escaped(text, TEXT_MAX))
}

/// Whether a line may be written now; notes that it is.
fn is_due(last: &mut Option<Instant>, now: Instant) -> bool {
    let is_due = last.is_none_or(|last| now.saturating_duration_since(last) >= NETWORK_INTERVAL);
    if is_due {
        *last = Some(now);
    }
    is_due
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_threads_log_one_panic_a_second() {
        let (start, mut last) = (Instant::now(), None);
        let due =
            [0, 1, 999, 1000, 1500, 2000].map(|ms| is_due(&mut last, start + Duration::from_millis(ms)));
        assert_eq!(due, [true, false, false, true, false, true]);
    }

    #[test]
    fn text_that_a_peer_chose_stays_one_line_of_bounded_length() {
        let caught = std::sync::Arc::new(Mutex::new(String::new()));
        let before = panic::take_hook();
        panic::set_hook({
            let caught = std::sync::Arc::clone(&caught);
            Box::new(move |panic| {
                if thread::current().name() == Some("panics") {
                    *caught.lock().unwrap() = line(panic);
                }
            })
        });
        let thread = thread::Builder::new().name("panics".to_owned());
        let joined = thread.spawn(|| panic!("a\n2026 INFO forged {}", "x".repeat(5000))).unwrap().join();
        panic::set_hook(before);
        assert!(joined.is_err());
        let line = caught.lock().unwrap();
        assert!(line.starts_with("panicked at ") && line.contains("a\\n2026 INFO forged xxx"), "{line}");
        assert!(!line.contains('\n') && line.chars().count() < TEXT_MAX + 200, "{line}");
    }
}
