//! What AWS asks for.

/// When the prices were looked up.
pub(super) const DATE: &str = "2026-11";

/// The Region whose prices these are; others differ.
pub(super) const REGION: &str = "us-east-1";

/// Where they are from. AWS's price pages are the authority; where they could not be read, others quote them.
pub(super) const SOURCE: &str = "https://aws.amazon.com/config/pricing/, https://aws.amazon.com/lambda/pricing/, \
    https://aws.amazon.com/cloudwatch/pricing/, as quoted by vantage.sh, cloudgauge.app and cloudchipr.com; \
    that an evaluation above 500,000 a month costs 0.0005 USD is not confirmed by any of them";

/// From this many units on, up to the next tier, one unit costs this much in USD.
struct Tier {
    from: f64,
    usd: f64,
}

/// A price in USD for one unit, by how many there are.
pub(super) struct Price(&'static [Tier]);

/// One evaluation by a rule of a conformance pack. Consolidated billing counts those of a Region over all accounts.
/// That there is a third tier, and a cheaper one, is known; its price is not confirmed, which [`SOURCE`] tells the reader.
pub(super) const EVALUATION: Price = Price(&[
    Tier { from: 0.0, usd: 0.001 },
    Tier { from: 100_000.0, usd: 0.000_8 },
    Tier { from: 500_000.0, usd: 0.000_5 },
]);

/// One configuration item, recorded continuously.
pub(super) const CONTINUOUS_ITEM: Price = Price(&[Tier { from: 0.0, usd: 0.003 }]);

/// One configuration item, recorded daily.
pub(super) const DAILY_ITEM: Price = Price(&[Tier { from: 0.0, usd: 0.012 }]);

/// One invocation of a function.
pub(super) const INVOCATION: Price = Price(&[Tier { from: 0.0, usd: 0.000_000_2 }]);

/// One GB-second of a function on arm64, the first 7.5 billion a month; on `x86_64` it is a quarter more.
pub(super) const GIGABYTE_SECOND: Price = Price(&[Tier { from: 0.0, usd: 0.000_013_333_4 }]);

/// One GB of log lines that arrive at CloudWatch Logs.
pub(super) const LOG_GIGABYTE: Price = Price(&[Tier { from: 0.0, usd: 0.5 }]);

impl Price {
    /// What so many units cost together.
    pub(super) fn of(&self, units: f64) -> f64 {
        let ends = self.0.iter().skip(1).map(|next| next.from).chain([f64::INFINITY]);
        self.0.iter().zip(ends).map(|(tier, end)| (units.min(end) - tier.from).max(0.0) * tier.usd).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tier_counts_only_what_is_in_it() {
        for (evaluations, usd) in [
            (0.0, 0.0),
            (1.0, 0.001),
            (100_000.0, 100.0),
            (100_001.0, 100.000_8),
            (500_000.0, 100.0 + 320.0),
            (500_001.0, 420.000_5),
            (1_500_000.0, 420.0 + 500.0),
        ] {
            let estimated = EVALUATION.of(evaluations);
            assert!((estimated - usd).abs() < 1e-9, "{evaluations}: {estimated}, not {usd}");
        }
    }

    #[test]
    fn a_price_without_tiers_is_a_product() {
        assert!((CONTINUOUS_ITEM.of(1_000_000.0) - 3000.0).abs() < 1e-9);
        assert!((INVOCATION.of(1_000_000.0) - 0.2).abs() < 1e-9);
    }
}
