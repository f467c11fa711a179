//! How much memory the process holds, and how that grows with the work done. In: `/proc` at checkpoints. Out: a slope.

use std::fs;

use serde::{Deserialize, Serialize};

/// Checkpoints: the number of cycles done, and the bytes resident then.
#[derive(Debug, Default)]
pub struct Samples(Vec<(f64, f64)>);

/// The straight line through the checkpoints, by least squares.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Growth {
    /// Bytes by which the process grows in one cycle.
    pub slope: f64,
    /// The standard error of the slope: how far it may be off by chance.
    pub error: f64,
    /// Bytes resident at the last checkpoint.
    pub resident: f64,
}

impl Samples {
    /// Notes what the process holds after `cycles`. The allocator gives back what it keeps of freed memory first, so that
    /// what remains is in use, or lies between what is.
    pub fn take(&mut self, cycles: u64) {
        // SAFETY: it takes a number, and may be called at any time from any thread.
        unsafe { libc::malloc_trim(0) };
        self.0.push((cycles as f64, resident() as f64));
    }

    /// None for less than three checkpoints.
    pub fn growth(&self) -> Option<Growth> {
        let points = &self.0;
        let n = points.len() as f64;
        let &(_, resident) = points.last()?;
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
        let (x0, y0) = (mean(|point| point.0), mean(|point| point.1));
        let spread = points.iter().map(|(x, _)| (x - x0).powi(2)).sum::<f64>();
        if points.len() < 3 || spread == 0.0 {
            return None;
        }
        let slope = points.iter().map(|(x, y)| (x - x0) * (y - y0)).sum::<f64>() / spread;
        let rest = points.iter().map(|(x, y)| (y - y0 - slope * (x - x0)).powi(2)).sum::<f64>();
        Some(Growth { slope, error: (rest / (n - 2.0) / spread).sqrt(), resident })
    }
}

/// Bytes of the process that are in memory.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("the soak test needs Linux's /proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a process has memory");
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kilobytes << 10
}

#[cfg(test)]
mod tests {
    use super::Samples;

    #[test]
    fn a_line_is_found() {
        let growth =
            Samples((0..5).map(|i| (f64::from(i), 3.0 + 2.0 * f64::from(i))).collect()).growth().unwrap();
        assert_eq!((growth.slope, growth.error, growth.resident), (2.0, 0.0, 11.0));
    }

    #[test]
    fn a_line_needs_three_points() {
        assert!(Samples(vec![(0.0, 1.0), (1.0, 2.0)]).growth().is_none());
        assert!(Samples(vec![(1.0, 1.0); 3]).growth().is_none());
    }
}
