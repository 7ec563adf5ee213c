//! Samples -> median, quartiles, the ratio to somebody else's, a growth's
//! exponent. Pure.

use serde::{Deserialize, Serialize};

/// What is said of many samples: outliers of a busy machine move none of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The smallest: what it costs when nobody disturbs.
    pub min: f64,
    /// A quarter are below.
    pub q1: f64,
    /// Half are below.
    pub median: f64,
    /// A quarter are above.
    pub q3: f64,
}

impl Spread {
    /// Of no samples there is none.
    pub fn of(samples: &[f64]) -> Option<Spread> {
        let mut sorted: Vec<f64> = samples.to_vec();
        sorted.retain(|sample| sample.is_finite());
        sorted.sort_by(f64::total_cmp);
        Some(Spread {
            min: *sorted.first()?,
            q1: quantile(&sorted, 0.25)?,
            median: quantile(&sorted, 0.5)?,
            q3: quantile(&sorted, 0.75)?,
        })
    }
}

/// Between two samples, where it falls between them.
fn quantile(sorted: &[f64], part: f64) -> Option<f64> {
    let at = part * (sorted.len().checked_sub(1)? as f64);
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    Some(low + (high - low) * at.fract())
}

/// How many times `ours` is `theirs`, round by round: both were measured one
/// right after the other, so what slowed both cancels out.
pub fn ratio(theirs: &[f64], ours: &[f64]) -> Option<Spread> {
    let pairs = theirs.iter().zip(ours).filter(|(_, ours)| **ours > 0.0);
    let ratios: Vec<f64> = pairs.map(|(theirs, ours)| theirs / ours).collect();
    Spread::of(&ratios)
}

/// The `k` of `y = c * x^k` that fits best: 1 is linear, 2 is quadratic.
pub fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    let logs: Vec<(f64, f64)> = points
        .iter()
        .filter(|(x, y)| *x > 0.0 && *y > 0.0)
        .map(|(x, y)| (x.ln(), y.ln()))
        .collect();
    slope(&logs)
}

/// What one more `x` costs, by least squares.
pub fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let n = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>();
    let (x, y) = (mean(|p| p.0) / n, mean(|p| p.1) / n);
    let above: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let below: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    (points.len() > 1 && below > 0.0).then_some(above / below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlier_moves_neither_median_nor_quartiles() {
        let spread = Spread::of(&[4.0, 1.0, 3.0, 2.0, 1e9]).unwrap();
        let want = Spread { min: 1.0, q1: 2.0, median: 3.0, q3: 4.0 };
        assert_eq!(spread, want);
    }

    #[test]
    fn quartiles_fall_between_samples() {
        let spread = Spread::of(&[10.0, 20.0]).unwrap();
        assert_eq!((spread.q1, spread.median, spread.q3), (12.5, 15.0, 17.5));
        assert_eq!(Spread::of(&[]), None);
        assert_eq!(Spread::of(&[f64::NAN]), None);
        assert_eq!(Spread::of(&[7.0]).unwrap().q3, 7.0);
    }

    #[test]
    fn a_slow_round_slows_both_and_leaves_the_ratio() {
        let ratio = ratio(&[30.0, 300.0, 31.0], &[10.0, 100.0, 10.0]).unwrap();
        assert_eq!((ratio.min, ratio.median), (3.0, 3.0));
        assert!((ratio.q3 - 3.05).abs() < 1e-9, "{ratio:?}");
    }

    #[test]
    fn growth_is_told_apart() {
        let of = |f: fn(f64) -> f64| {
            let points = [10.0, 100.0, 1000.0, 10_000.0].map(|x| (x, f(x)));
            exponent(&points).unwrap()
        };
        assert!((of(|x| 3.0 * x) - 1.0).abs() < 1e-9);
        assert!((of(|x| x * x / 7.0) - 2.0).abs() < 1e-9);
        assert_eq!(exponent(&[(10.0, 1.0)]), None);
        assert_eq!(slope(&[(0.0, 5.0), (10.0, 25.0)]), Some(2.0));
    }
}
