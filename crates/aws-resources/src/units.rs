use std::fmt;
use std::iter::Sum;

/// A whole number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub u64);

impl fmt::Display for Seconds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} s", self.0)
    }
}

/// A size in bytes; shown in MiB, because that is the unit of AWS's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

impl Bytes {
    const PER_MIB: u64 = 1024 * 1024;

    /// That many mebibytes.
    #[must_use]
    pub const fn from_mib(mib: u64) -> Self {
        Self(mib.saturating_mul(Self::PER_MIB))
    }
}

/// Whole MiB as such, anything else with one decimal, rounded up: what exceeds a limit by one byte must not read as
/// the limit.
impl fmt::Display for Bytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (u128::from(self.0) * 10).div_ceil(u128::from(Self::PER_MIB));
        match (tenths / 10, tenths % 10) {
            (whole, 0) => write!(formatter, "{whole} MiB"),
            (whole, tenth) => write!(formatter, "{whole}.{tenth} MiB"),
        }
    }
}

/// Saturates: a sum of recorded sizes is compared with limits, not computed with.
impl Sum for Bytes {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self(0), |sum, size| Self(sum.0.saturating_add(size.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_mebibytes_are_shown_without_decimals() {
        assert_eq!(Bytes::from_mib(10).to_string(), "10 MiB");
        assert_eq!(Bytes(0).to_string(), "0 MiB");
    }

    #[test]
    fn one_byte_more_than_a_limit_does_not_read_as_the_limit() {
        assert_eq!(Bytes(Bytes::from_mib(10).0 + 1).to_string(), "10.1 MiB");
    }

    #[test]
    fn huge_sizes_saturate() {
        assert_eq!([Bytes(u64::MAX), Bytes(1)].into_iter().sum::<Bytes>(), Bytes(u64::MAX));
        assert_eq!(Bytes(u64::MAX).to_string(), "17592186044416 MiB");
    }
}
