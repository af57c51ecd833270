//! What the process has used of the machine: for `/metrics`. Knows nothing of the game.

use std::{fs, io};

use rustix::{
    param::page_size,
    time::{ClockId, clock_gettime},
};

/// Seconds of processor time of all threads so far, in and out of the kernel.
pub fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Memory that is resident, in bytes. An error where there is no `/proc` as Linux has it.
pub fn resident_bytes() -> io::Result<u64> {
    let buffers = fs::read_to_string("/proc/self/statm")?;
    let resident = buffers.split_ascii_whitespace().nth(1).and_then(|buffers| buffers.parse::<u64>().ok());
    resident.map(|buffers| buffers * page_size() as u64).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_and_memory_show() {
        let before = cpu_seconds();
        let sum = (0..3_000_000_u64).fold(0, |sum: u64, i| sum.wrapping_add(i * i));
        assert!(cpu_seconds() > before, "{sum}");
        if cfg!(target_os = "linux") {
            assert!(resident_bytes().is_ok_and(|bytes| bytes > 1 << 20));
        }
    }
}
