//! What was measured several times.

/// Measurements of one thing, in any unit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn push(&mut self, measured: f64) {
        let place = self.0.partition_point(|other| *other < measured);
        self.0.insert(place, measured);
    }

    pub(crate) fn min(&self) -> f64 {
        self.quantile(0, 1)
    }

    pub(crate) fn median(&self) -> f64 {
        self.quantile(1, 2)
    }

    pub(crate) fn max(&self) -> f64 {
        self.quantile(1, 1)
    }

    /// The smallest measurement that `part` of `whole` are not above; NaN if nothing was measured.
    pub(crate) fn quantile(&self, part: usize, whole: usize) -> f64 {
        let rank = (self.0.len() * part).div_ceil(whole).max(1);
        self.0.get(rank - 1).copied().unwrap_or(f64::NAN)
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<Measured: IntoIterator<Item = f64>>(measured: Measured) -> Self {
        let mut measured: Vec<_> = measured.into_iter().collect();
        measured.sort_by(f64::total_cmp);
        Self(measured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_odd_number_is_in_the_middle_whatever_the_order() {
        let mut samples: Samples = [5.0, 1.0].into_iter().collect();
        samples.push(3.0);
        assert_eq!(
            [samples.min(), samples.median(), samples.max()].map(f64::to_bits),
            [1.0, 3.0, 5.0].map(f64::to_bits)
        );
    }

    #[test]
    fn ninety_nine_of_a_hundred_are_not_above_the_ninety_ninth() {
        let samples: Samples = (1..=100).map(f64::from).collect();
        assert_eq!(samples.quantile(99, 100).to_bits(), 99.0_f64.to_bits());
        let samples: Samples = (1..=101).map(f64::from).collect();
        assert_eq!(samples.quantile(99, 100).to_bits(), 100.0_f64.to_bits());
    }

    #[test]
    fn nothing_measured_is_no_number() {
        assert!(Samples::default().median().is_nan());
    }
}
