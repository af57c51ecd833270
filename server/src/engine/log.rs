//! The log. Lines wait in a bounded queue for a thread of their own, so that nothing a log's reader does or fails to do
//! can delay or end the server: a line that finds the queue full is dropped and counted, and so is one that cannot be
//! written.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, bounded};
use tracing_subscriber::fmt::MakeWriter;

/// Lines that can wait: some seconds of the busiest log, in a megabyte or so.
const QUEUE_LINES: usize = 4096;

/// Lines that were not written, in the whole process.
static DROPPED: AtomicU64 = AtomicU64::new(0);

/// Lines that were dropped since the process started, because the queue was full or they could not be written.
pub fn dropped_lines() -> u64 {
    DROPPED.load(Ordering::Relaxed)
}

/// The end of the queue that lines go into. Clones share the queue.
#[derive(Clone, Debug)]
pub struct LogQueue(Sender<Entry>);

#[derive(Debug)]
enum Entry {
    Line(Vec<u8>),
    /// Everything before this has been written when its other end hears of it.
    Flushed(Sender<()>),
}

impl LogQueue {
    /// Starts the thread that writes to `output`.
    ///
    /// # Errors
    /// If the system starts no more threads.
    pub fn start(output: impl Write + Send + 'static) -> io::Result<Self> {
        let (sender, receiver) = bounded(QUEUE_LINES);
        thread::Builder::new().name("log".to_owned()).spawn(move || write_all(&receiver, output))?;
        Ok(Self(sender))
    }

    /// Waits until all lines so far are written, for at most `timeout`. Returns whether they are.
    pub fn flush(&self, timeout: Duration) -> bool {
        let (sender, receiver) = bounded(1);
        self.0.send_timeout(Entry::Flushed(sender), timeout).is_ok() && receiver.recv_timeout(timeout).is_ok()
    }
}

fn write_all(entries: &Receiver<Entry>, mut output: impl Write) {
    let mut told = 0;
    for entry in entries {
        let line = match entry {
            Entry::Line(line) => line,
            Entry::Flushed(done) => {
                let _ = output.flush();
                let _ = done.try_send(());
                continue;
            }
        };
        let dropped = dropped_lines();
        let notice = if dropped > told {
            format!("{} log lines were dropped\n", dropped - told)
        } else {
            String::new()
        };
        let written = output.write_all(notice.as_bytes()).and_then(|()| output.write_all(&line));
        match written.and_then(|()| output.flush()) {
            Ok(()) => told = dropped,
            Err(_) => drop(DROPPED.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

impl Write for LogQueue {
    /// Takes the whole line and never fails.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.0.try_send(Entry::Line(line.to_vec())).is_err() {
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogQueue {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Characters of a peer's text that a line shows.
const PEER_TEXT_MAX: usize = 120;

/// The beginning of a peer's text for a log line; see [`escaped`].
pub fn peer_text(text: &str) -> String {
    escaped(text, PEER_TEXT_MAX)
}

/// The first `most` characters of a text. Whatever could forge or reorder lines is escaped: control characters, line separators
/// and bidirectional controls (Unicode Standard Annex 9, table 3).
pub fn escaped(text: &str, most: usize) -> String {
    let is_harmful = |char: char| {
        char.is_control()
            || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown = String::new();
    for char in text.chars().take(most) {
        if is_harmful(char) { shown.extend(char.escape_default()) } else { shown.push(char) }
    }
    if text.chars().nth(most).is_some() {
        shown.push('\u{2026}');
    }
    shown
}

/// Prints `text` from a thread of its own and waits for it only so long: a reader that reads nothing must not keep the
/// process from ending.
pub fn print_within<W: Write>(
    output: impl Fn() -> W + Clone + Send + 'static,
    text: &Arc<str>,
    timeout: Duration,
) {
    let print = |output: &dyn Fn() -> W, text: &str| {
        let mut output = output();
        // There is nothing to be done about an output that fails.
        let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
    };
    let (sender, receiver) = bounded::<()>(1);
    let (aside, copy) = (output.clone(), Arc::clone(text));
    let spawned = thread::Builder::new().spawn(move || {
        print(&aside, &copy);
        drop(sender);
    });
    match spawned {
        Ok(_) => drop(receiver.recv_timeout(timeout)),
        // A process that may start no thread must at least say so.
        Err(_) => print(&output, text),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use super::*;
    use crate::engine::wait::{TEST_LIMIT, wait_until};

    /// Keeps what is written while its lock is free, and blocks while it is taken.
    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl Output {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap()
        }
    }

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_find_the_queue_full_are_dropped_counted_and_reported() {
        let output = Output::default();
        let mut queue = LogQueue::start(output.clone()).unwrap();
        let before = dropped_lines();
        {
            let _blocked = output.0.lock().unwrap();
            // One more may be in the thread's hands.
            for index in 0..QUEUE_LINES + 11 {
                assert!(queue.write(format!("{index}\n").as_bytes()).is_ok());
            }
            assert!(!queue.flush(Duration::from_millis(10)));
        }
        assert!(wait_until(TEST_LIMIT, || queue.flush(Duration::from_secs(1))));
        queue.write_all(b"last\n").unwrap();
        assert!(queue.flush(Duration::from_secs(20)));
        let text = output.text();
        let (notices, lines): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.ends_with(" dropped"));
        assert!(!notices.is_empty());
        let mut written: Vec<_> = (0..lines.len() - 1).map(|index| index.to_string()).collect();
        written.push("last".to_owned());
        assert_eq!(lines, written, "the first lines are kept, in order");
        // The other test of this module drops one in the same process.
        let dropped = dropped_lines() - before;
        assert!((10..=12).contains(&dropped), "{dropped}");
    }

    #[test]
    fn output_that_fails_is_no_error_and_what_blocks_is_not_waited_for() {
        let mut queue = LogQueue::start(Failing).unwrap();
        let before = dropped_lines();
        queue.write_all(b"a\n").unwrap();
        assert!(queue.flush(Duration::from_secs(20)));
        assert!(dropped_lines() > before);
        let output = Output::default();
        let blocked = output.0.lock().unwrap();
        let open = || {
            let output = output.clone();
            move || output.clone()
        };
        print_within(open(), &"late\n".into(), Duration::from_millis(10));
        drop(blocked);
        print_within(open(), &"in time\n".into(), Duration::from_secs(20));
        assert!(output.text().contains("in time\n"));
    }

    #[test]
    fn peer_text_is_short_and_cannot_forge_a_line() {
        assert_eq!(peer_text("Zoë: 你好"), "Zoë: 你好");
        assert_eq!(peer_text("a\nINFO b\u{1b}[2J\u{202e}c"), "a\\nINFO b\\u{1b}[2J\\u{202e}c");
        let long = peer_text(&"é".repeat(1500));
        assert_eq!(long.chars().count(), PEER_TEXT_MAX + 1);
    }

    /// As a closed pipe.
    struct Failing;

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
}
