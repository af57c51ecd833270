//! What bots say, and when: a line now and then, so that all of them together keep within what an arena passes on. Time is
//! an argument.

/// Lines that all bots together say in a second.
const LINES_PER_SECOND: u64 = 4;
/// A bot waits at least so long between two lines, in microseconds.
const PAUSE_US_MIN: u64 = 5_000_000;

const LINES: [&str; 6] = ["hello", "nice shot", "gg", "watch out", "to the middle!", "你好"];

/// One bot's talk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Talk {
    next_us: u64,
    pause_us: u64,
    said: usize,
}

impl Talk {
    /// Of bot `number` among `players`, from `now_us` on.
    pub(crate) fn new(number: u32, players: u32, now_us: u64) -> Self {
        let pause_us = (u64::from(players) * 1_000_000 / LINES_PER_SECOND).max(PAUSE_US_MIN);
        let turn_us = pause_us * u64::from(number) / u64::from(players.max(1));
        Self { next_us: now_us + turn_us, pause_us, said: number as usize }
    }

    /// The line that is due, if one is.
    pub(crate) fn take_due(&mut self, now_us: u64) -> Option<&'static str> {
        if now_us < self.next_us {
            return None;
        }
        self.next_us = now_us + self.pause_us;
        self.said += 1;
        Some(LINES[self.said % LINES.len()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_bots_say_four_lines_a_second_and_few_take_their_time() {
        let said = |players: u32, seconds: u64| {
            let mut bots: Vec<_> = (0..players).map(|number| Talk::new(number, players, 0)).collect();
            let times = (0..seconds * 10).map(|tenth| tenth * 100_000);
            times.map(|now| bots.iter_mut().filter_map(|bot| bot.take_due(now)).count()).sum::<usize>()
        };
        assert!((390..=410).contains(&said(1000, 100)));
        assert!((38..=42).contains(&said(2, 100)));
    }
}
