//! The netcode harness with a few seeds; `emberdrift-netcode` uses hundreds.

use benches::{netcode, report::Outcome};

#[test]
fn every_check_passes() {
    let checks = netcode::measure(6);
    // The share of shots that hit needs more shots than a few seeds fire.
    let (aimed, others): (Vec<_>, Vec<_>) =
        checks.into_iter().partition(|check| check.figure.starts_with("aimed"));
    let missed: Vec<_> = others.iter().filter(|check| check.outcome != Outcome::Pass).collect();
    assert!(missed.is_empty(), "{missed:#?}");
    assert_eq!((aimed.len(), others.len()), (3, 12));
}
