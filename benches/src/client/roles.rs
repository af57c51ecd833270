//! Which bot does what: full or lite, roaming or at the centre, a slow reader, leaving when. Seeded: the same plan
//! gives every bot the same role.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::{Plan, Target, schedule::LeaveSchedule};

/// Up to so many bots, all are full ones by default.
const ALL_FULL_UP_TO: u32 = 100;
/// Of more bots, so many are full ones by default.
const FULL_BOTS: u32 = 16;

/// Where a bot spends its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
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
    pub(super) leaves: Option<LeaveSchedule>,
}

/// Every bot's role, by number.
pub(super) fn assign(plan: &Plan) -> Vec<BotSpec> {
    let mut rng = Pcg64Mcg::seed_from_u64(plan.seed ^ 0xca57);
    let behaviour = plan.behaviour();
    let share = |share: f64| (f64::from(plan.bots) * share).round() as u32;
    let mut bots: Vec<_> = (0..plan.bots)
        .map(|number| BotSpec { number, full: false, role: Role::Roam, slow: None, leaves: None })
        .collect();
    if plan.target != Target::Game {
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
    if let Some(churn) = behaviour.churn {
        let count = healthy.len() as u32;
        for (turn, index) in (0..).zip(shuffled(count, &mut rng)) {
            let bot = &mut bots[healthy[index as usize] as usize];
            bot.leaves = Some(LeaveSchedule::new(churn, turn, count));
        }
    }
    bots
}

/// The numbers below `count` in random order.
fn shuffled(count: u32, rng: &mut Pcg64Mcg) -> Vec<u32> {
    let mut numbers: Vec<u32> = (0..count).collect();
    for last in (1..numbers.len()).rev() {
        numbers.swap(last, rng.random_range(0..=last));
    }
    numbers
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
}
