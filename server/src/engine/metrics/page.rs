//! What stands at `/metrics`: the numbers of every arena of a server, each family once, and those of the process. Must
//! not know what any number means.

use std::sync::{Mutex, PoisonError};

use prometheus::{Counter, IntGauge, Registry, TextEncoder};

use super::{Metrics, MetricsError};
use crate::engine::process;

/// All the numbers of one server.
#[derive(Debug)]
pub struct MetricsPage {
    cpu: Counter,
    resident: IntGauge,
    /// One reader at a time, or processor time would be counted twice.
    reading: Mutex<()>,
    registry: Registry,
}

impl MetricsPage {
    /// With the process, and no arena yet.
    pub fn new() -> Result<Self, MetricsError> {
        Self::made().map_err(|source| MetricsError { of: "the process".to_owned(), source })
    }

    fn made() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let cpu = Counter::new("process_cpu_seconds_total", "Processor time.")?;
        let resident = IntGauge::new("process_resident_memory_bytes", "Memory.")?;
        registry.register(Box::new(cpu.clone()))?;
        registry.register(Box::new(resident.clone()))?;
        Ok(Self { cpu, resident, reading: Mutex::new(()), registry })
    }

    /// An arena's numbers, all zero, which stand on this page from now on. No two arenas have the same name.
    pub fn arena(&self, name: &str) -> Result<Metrics, MetricsError> {
        Metrics::registered(name, &self.registry)
    }

    fn look_at_process(&self) {
        self.cpu.inc_by((process::cpu_seconds() - self.cpu.get()).max(0.0));
        if let Ok(bytes) = process::resident_bytes() {
            self.resident.set(i64::try_from(bytes).unwrap_or(i64::MAX));
        }
    }

    /// Everything, in Prometheus' text format 0.0.4.
    pub fn render(&self) -> String {
        let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        self.look_at_process();
        let mut text = String::new();
        // Writing to a string fails only for a family without metrics, and `gather` leaves those out.
        if let Err(error) = TextEncoder::new().encode_utf8(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "metrics cannot be written");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rendered_under_their_arena() {
        let page = MetricsPage::new().unwrap();
        let metrics = page.arena("drift").unwrap();
        metrics.ticks_total.inc_by(3);
        metrics.tick_seconds.observe(0.002);
        metrics.closed.with_label_values(&["idle_timeout"]).inc();
        let text = page.render();
        for line in [
            "emberdrift_ticks_total{arena=\"drift\"} 3",
            "emberdrift_tick_seconds_count{arena=\"drift\"} 1",
            "emberdrift_closed_total{arena=\"drift\",reason=\"idle_timeout\"} 1",
        ] {
            assert!(text.contains(line), "no {line} in:\n{text}");
        }
    }

    #[test]
    fn arenas_do_not_share_numbers_and_stand_together_in_each_family() {
        let page = MetricsPage::new().unwrap();
        let (a, b) = (page.arena("a").unwrap(), page.arena("b").unwrap());
        a.players.set(5);
        b.tick_seconds.observe(0.002);
        let text = page.render();
        let both = "# TYPE emberdrift_players gauge\n\
                    emberdrift_players{arena=\"a\"} 5\nemberdrift_players{arena=\"b\"} 0\n";
        assert!(text.contains(both), "{text}");
        for family in ["emberdrift_tick_seconds histogram", "process_cpu_seconds_total counter"] {
            assert_eq!(text.matches(&format!("# TYPE {family}\n")).count(), 1, "{family}");
        }
        assert!(page.arena("a").is_err(), "its numbers would stand there twice");
    }
}
