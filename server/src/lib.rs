//! The Emberdrift server: one thread owns the world, one task owns each socket, bounded queues between them.

pub mod bridge;
