//! Which bot does what: full or lite, roaming or at the centre, a slow reader and of which kind; when it leaves and when it
//! chats. Seeded: the same plan gives every bot the same role. Each bot has a fixed place in every schedule, so that all of
//! them together are even in time without coordination.

use rand::{SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;

use super::{Plan, flags::due_us};

/// Chat lines that all bots together say in a second: what an arena passes on.
const LINES_PER_SECOND: u64 = 4;
/// The least time between two lines of one bot.
const CHAT_PAUSE_US_MIN: u64 = 5_000_000;
pub(super) const LINES: [&str; 6] = ["hello", "nice shot", "gg", "watch out", "to the middle!", "你好"];

/// By default all bots are full ones, up to this number of bots.
const ALL_FULL_UP_TO: u32 = 100;
/// The default number of full bots among more bots than that.
const FULL_BOTS: u32 = 16;

/// How long a pause lasts, and how long reading lasts between two.
const PAUSE_US: u64 = 5_000_000;
const TRICKLE_BYTES_PER_SECOND: u64 = 1000;
/// What a trickling bot reads at a time.
const SIP_BYTES: u64 = 256;

/// Where a bot spends its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Roam,
    /// Around the arena's centre.
    Centre,
}

/// How a bot fails to read what it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlowReading {
    /// For some seconds, now and then.
    Pauses,
    /// For good.
    Stops,
    /// It reads a little at a time.
    Trickles,
}

const SLOW_READINGS: [SlowReading; 3] = [SlowReading::Pauses, SlowReading::Stops, SlowReading::Trickles];

#[derive(Clone, Debug)]
pub(super) struct BotSpec {
    pub(super) number: u32,
    pub(super) full: bool,
    pub(super) role: Role,
    pub(super) slow: Option<SlowReading>,
    /// When it leaves and is replaced.
    pub(super) leaves: Option<Periodic>,
}

/// Every bot's role, by number.
pub(super) fn assign(plan: &Plan) -> Vec<BotSpec> {
    let mut rng = Pcg64Mcg::seed_from_u64(plan.seed ^ 0xca57);
    let behaviour = plan.scenario.behaviour();
    let share = |share: f64| (f64::from(plan.bots) * share).round() as u32;
    let mut bots: Vec<_> = (0..plan.bots)
        .map(|number| BotSpec { number, full: false, role: Role::Roam, slow: None, leaves: None })
        .collect();
    if plan.baseline.is_some() {
        return bots;
    }
    let order = shuffled(plan.bots, &mut rng);
    let (slow, healthy) = order.split_at(share(behaviour.stalled_share) as usize);
    for (index, number) in slow.iter().enumerate() {
        bots[*number as usize].slow = Some(SLOW_READINGS[index % SLOW_READINGS.len()]);
    }
    let full = plan.full.unwrap_or(if plan.bots <= ALL_FULL_UP_TO { plan.bots } else { FULL_BOTS });
    for number in healthy.iter().take(full as usize) {
        bots[*number as usize].full = true;
    }
    for number in shuffled(plan.bots, &mut rng).iter().take(share(behaviour.centre_share) as usize) {
        bots[*number as usize].role = Role::Centre;
    }
    if let Some(churn) = plan.churn.or(behaviour.churn) {
        let count = healthy.len() as u32;
        for (turn, index) in (0..).zip(shuffled(count, &mut rng)) {
            let bot = &mut bots[healthy[index as usize] as usize];
            bot.leaves = Some(Periodic::leaving(churn, turn, count));
        }
    }
    bots
}

/// The numbers below `count` in random order.
fn shuffled(count: u32, rng: &mut Pcg64Mcg) -> Vec<u32> {
    let mut numbers: Vec<u32> = (0..count).collect();
    numbers.shuffle(rng);
    numbers
}

#[derive(Debug)]
pub(super) struct SlowReader {
    kind: SlowReading,
    /// When the bot joined, moved back so that pauses of all bots are spread.
    from_us: u64,
    sipped_bytes: u64,
}

impl SlowReader {
    /// Of a bot that joined at `now_us`. `phase`, 0 to 1, spreads pauses.
    pub(super) fn new(kind: SlowReading, now_us: u64, phase: f64) -> Self {
        let earlier_us = if kind == SlowReading::Pauses { (phase * PAUSE_US as f64) as u64 } else { 0 };
        Self { kind, from_us: now_us.saturating_sub(earlier_us), sipped_bytes: 0 }
    }

    /// The bytes that may be read until the next tick; to be called once a tick.
    pub(super) fn allowance(&mut self, now_us: u64) -> usize {
        let joined_us = now_us.saturating_sub(self.from_us);
        match self.kind {
            SlowReading::Pauses if joined_us % (2 * PAUSE_US) < PAUSE_US => usize::MAX,
            SlowReading::Pauses | SlowReading::Stops => 0,
            SlowReading::Trickles => {
                let allowed = joined_us * TRICKLE_BYTES_PER_SECOND / 1_000_000;
                if allowed < self.sipped_bytes + SIP_BYTES {
                    return 0;
                }
                self.sipped_bytes += SIP_BYTES;
                SIP_BYTES as usize
            }
        }
    }
}

/// Something that one bot does again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Periodic {
    next_us: u64,
    period_us: u64,
}

impl Periodic {
    /// When bot number `turn` of `bots` leaves and is replaced, in measured time.
    pub(super) fn leaving(churn: f64, turn: u32, bots: u32) -> Self {
        Self { next_us: due_us(turn, churn), period_us: due_us(bots, churn).max(1) }
    }

    /// When bot `number` of `bots` says a line, from `now_us` on.
    pub(super) fn chatting(number: u32, bots: u32, now_us: u64) -> Self {
        let period_us = (u64::from(bots) * 1_000_000 / LINES_PER_SECOND).max(CHAT_PAUSE_US_MIN);
        let phase_us = period_us * u64::from(number) / u64::from(bots.max(1));
        Self { next_us: now_us + phase_us, period_us }
    }

    /// Whether it is time; true once for each time. Of several missed times only one counts.
    pub(super) fn is_due(&mut self, now_us: u64) -> bool {
        let Some(late_us) = now_us.checked_sub(self.next_us) else { return false };
        self.next_us += (late_us / self.period_us + 1) * self.period_us;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Scenario, *};

    fn bots(bots: u32, scenario: Scenario, full: Option<u32>) -> Vec<BotSpec> {
        assign(&Plan { bots, scenario, full, ..Plan::new("ws://localhost:1".parse().unwrap()) })
    }

    fn count(bots: &[BotSpec], is: impl Fn(&BotSpec) -> bool) -> usize {
        bots.iter().filter(|bot| is(bot)).count()
    }

    #[test]
    fn a_hundred_bots_are_full_and_sixteen_of_more() {
        let full = |players, full| count(&bots(players, Scenario::Spread, full), |bot| bot.full);
        assert_eq!((full(100, None), full(101, None)), (100, 16));
        assert_eq!((full(500, Some(0)), full(500, Some(77)), full(5, Some(9))), (0, 77, 5));
    }

    #[test]
    fn slow_readers_are_lite_bots_of_three_kinds_and_never_leave() {
        let bots = bots(90, Scenario::Stalled, None);
        for slow in SLOW_READINGS {
            assert_eq!(count(&bots, |bot| bot.slow == Some(slow)), 6);
        }
        assert_eq!(count(&bots, |bot| bot.full), 72);
        assert_eq!(count(&bots, |bot| bot.slow.is_some() && (bot.full || bot.leaves.is_some())), 0);
    }

    #[test]
    fn shares_of_the_scenario_are_kept() {
        assert_eq!(count(&bots(40, Scenario::Crowd, None), |bot| bot.role == Role::Centre), 40);
        let mixed = bots(400, Scenario::Mixed, None);
        assert_eq!(count(&mixed, |bot| bot.role == Role::Centre), 100);
        assert_eq!(count(&mixed, |bot| bot.slow.is_some()), 20);
        assert_eq!(count(&mixed, |bot| bot.leaves.is_some()), 380);
        assert!(mixed.iter().zip(0..).all(|(bot, number)| bot.number == number));
    }

    #[test]
    fn a_flag_makes_bots_of_any_scenario_leave() {
        let plan = Plan { bots: 40, churn: Some(20.0), ..Plan::new("ws://localhost:1".parse().unwrap()) };
        let bots = assign(&plan);
        assert!(bots.iter().all(|bot| bot.leaves.is_some_and(|leaves| leaves.period_us == 2_000_000)));
    }

    fn allowances(kind: SlowReading) -> Vec<usize> {
        let mut reader = SlowReader::new(kind, 7_000_000, 0.5);
        (0..400).map(|tick| reader.allowance(7_000_000 + tick * 50_000)).collect()
    }

    #[test]
    fn slow_readers_pause_for_five_seconds_or_stop_or_read_a_kilobyte_a_second() {
        let pauses = allowances(SlowReading::Pauses);
        assert_eq!(pauses.iter().filter(|it| **it == usize::MAX).count(), 200);
        assert_eq!(pauses.windows(2).filter(|pair| pair[0] != pair[1]).count(), 4);
        assert!(allowances(SlowReading::Stops).iter().all(|it| *it == 0));
        let sum: usize = allowances(SlowReading::Trickles).iter().sum();
        assert!((19_000..=20_000).contains(&sum), "{sum}");
    }

    #[test]
    fn bots_leave_evenly() {
        let mut bots: Vec<_> = (0..200).map(|turn| Periodic::leaving(50.0, turn, 200)).collect();
        let mut left = Vec::new();
        for now_us in (0..12_000_000).step_by(10_000) {
            left.extend(bots.iter_mut().filter_map(|bot| bot.is_due(now_us).then_some(now_us)));
        }
        assert_eq!(left.len(), 600);
        assert_eq!(left.iter().filter(|at_us| **at_us < 1_000_000).count(), 50);
        // Missed times do not accumulate.
        assert!(bots[0].is_due(29_000_000) && !bots[0].is_due(29_500_000));
    }

    #[test]
    fn all_bots_together_say_four_lines_a_second() {
        let said = |bots: u32, seconds: u64| {
            let mut chats: Vec<_> = (0..bots).map(|number| Periodic::chatting(number, bots, 0)).collect();
            let times = (0..seconds * 10).map(|tenth| tenth * 100_000);
            times
                .map(|now| chats.iter_mut().filter_map(|chat| chat.is_due(now).then_some(())).count())
                .sum::<usize>()
        };
        assert!((390..=410).contains(&said(1000, 100)));
        assert!(
            (38..=42).contains(&said(2, 100)),
            "two bots do not say more than a line in five seconds each"
        );
    }
}
