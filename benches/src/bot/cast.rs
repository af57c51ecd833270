//! Who plays what: which bots are whole clients, which keep to the centre, which do not read, which leave and when.
//! Seeded, so that the same plan gives everyone the same part.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::{Plan, churn::Leaving};

/// Where a bot spends its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Anywhere.
    Roam,
    /// Around the arena's centre.
    Centre,
}

/// How a bot fails to read what it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stall {
    /// Not for some seconds, now and then.
    Pauses,
    /// Not any more.
    Stops,
    /// A little at a time.
    Trickles,
}

const STALLS: [Stall; 3] = [Stall::Pauses, Stall::Stops, Stall::Trickles];

/// One bot's part.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) number: u32,
    /// A whole client.
    pub(crate) full: bool,
    pub(crate) role: Role,
    pub(crate) stall: Option<Stall>,
    /// When it leaves so that another can come.
    pub(crate) leaving: Option<Leaving>,
}

/// Everyone's part, by number.
pub(crate) fn cast(plan: &Plan) -> Vec<Part> {
    let mut rng = Pcg64Mcg::seed_from_u64(plan.seed ^ 0xca57);
    let behaviour = plan.behaviour();
    let stalled = stalled_of(plan);
    let full = full_of(plan);
    let mut parts: Vec<Part> = (0..plan.players)
        .map(|number| Part { number, full: false, role: Role::Roam, stall: None, leaving: None })
        .collect();
    let order = shuffled(plan.players, &mut rng);
    for (index, number) in order[..stalled as usize].iter().enumerate() {
        parts[*number as usize].stall = Some(STALLS[index % STALLS.len()]);
    }
    let healthy = &order[stalled as usize..];
    for number in &healthy[..full as usize] {
        parts[*number as usize].full = true;
    }
    let centre = (f64::from(plan.players) * behaviour.centre_share).round() as usize;
    for number in shuffled(plan.players, &mut rng).into_iter().take(centre) {
        parts[number as usize].role = Role::Centre;
    }
    if let Some(churn) = behaviour.churn {
        let order = shuffled(healthy.len() as u32, &mut rng);
        for (turn, index) in (0..).zip(order) {
            let part = &mut parts[healthy[index as usize] as usize];
            part.leaving = Some(Leaving::new(churn, turn, healthy.len() as u32));
        }
    }
    parts
}

/// How many do not read.
fn stalled_of(plan: &Plan) -> u32 {
    (f64::from(plan.players) * plan.behaviour().stalled_share).round() as u32
}

/// How many are whole clients.
fn full_of(plan: &Plan) -> u32 {
    const ALL_UP_TO: u32 = 100;
    const ELSE: u32 = 16;
    let wanted = plan.full.unwrap_or(if plan.players <= ALL_UP_TO { plan.players } else { ELSE });
    wanted.min(plan.players - stalled_of(plan))
}

/// The numbers below `count` in any order.
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

    fn parts(players: u32, scenario: Scenario, full: Option<u32>) -> Vec<Part> {
        let address = "ws://localhost:1".parse().unwrap();
        cast(&Plan { players, scenario, full, ..Plan::new(address) })
    }

    fn count(parts: &[Part], is: impl Fn(&Part) -> bool) -> usize {
        parts.iter().filter(|part| is(part)).count()
    }

    #[test]
    fn a_hundred_are_whole_and_of_more_only_some() {
        let full = |players, full| count(&parts(players, Scenario::Spread, full), |part| part.full);
        assert_eq!((full(100, None), full(101, None)), (100, 16));
        assert_eq!((full(500, Some(0)), full(500, Some(77)), full(5, Some(9))), (0, 77, 5));
    }

    #[test]
    fn those_who_do_not_read_are_in_thirds_and_light_and_stay() {
        let parts = parts(90, Scenario::Stalled, None);
        for stall in STALLS {
            assert_eq!(count(&parts, |part| part.stall == Some(stall)), 6);
        }
        assert_eq!(count(&parts, |part| part.full), 72);
        assert_eq!(count(&parts, |part| part.stall.is_some() && (part.full || part.leaving.is_some())), 0);
    }

    #[test]
    fn shares_are_kept() {
        assert_eq!(count(&parts(40, Scenario::Crowd, None), |part| part.role == Role::Centre), 40);
        let mixed = parts(400, Scenario::Mixed, None);
        assert_eq!(count(&mixed, |part| part.role == Role::Centre), 100);
        assert_eq!(count(&mixed, |part| part.stall.is_some()), 20);
        assert_eq!(count(&mixed, |part| part.leaving.is_some()), 380);
        assert!(mixed.iter().zip(0..).all(|(part, number)| part.number == number));
    }
}
