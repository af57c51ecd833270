//! The Emberdrift server binary.
fn main() {}
