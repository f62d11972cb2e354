//! How long Lambda supports which runtime.

use config_rule::Date;

use crate::runtime_table::RUNTIMES;

/// The end of a runtime, as AWS announces it.
///
/// Source: AWS Lambda Developer Guide, "Lambda runtimes", supported and deprecated runtimes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    /// The runtime's identifier: `nodejs24.x`.
    pub name: &'static str,
    /// From this day on AWS no longer patches it.
    pub deprecated: Date,
    /// From this day on no function can be created with it; `None` if no day is known.
    pub create_block: Option<Date>,
    /// From this day on no function that uses it can be updated; `None` if no day is known.
    pub update_block: Option<Date>,
    /// The runtime to move to; `None` for the newest of a language.
    pub successor: Option<&'static str>,
}

impl Lifecycle {
    /// The lifecycle of a runtime, if the table knows it: new runtimes appear before tables do.
    #[must_use]
    pub fn of(runtime: &str) -> Option<&'static Self> {
        RUNTIMES.iter().find(|known| known.name == runtime)
    }

    /// Whether it is an operating system only, to which the function brings its own runtime.
    #[must_use]
    pub fn is_os_only(&self) -> bool {
        self.name == "provided" || self.name.starts_with("provided.")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_table_is_what_the_data_says() {
        let data: Value = serde_json::from_str(include_str!("../data/runtimes.json")).unwrap();
        let runtimes = data["runtimes"].as_object().unwrap();
        assert_eq!(RUNTIMES.len(), runtimes.len(), "run `cargo xtask refresh-data runtimes`");
        for known in RUNTIMES {
            let expected = &runtimes[known.name];
            let day = |key: &str| expected[key].as_str().map(|day| day.parse::<Date>().unwrap());
            assert_eq!(Some(known.deprecated), day("deprecated"), "{}", known.name);
            assert_eq!(known.create_block, day("create-block"), "{}", known.name);
            assert_eq!(known.update_block, day("update-block"), "{}", known.name);
            assert_eq!(known.successor, expected["successor"].as_str(), "{}", known.name);
        }
    }

    #[test]
    fn every_successor_is_a_runtime_that_lives_longer() {
        for known in RUNTIMES {
            let Some(successor) = known.successor else { continue };
            let successor = Lifecycle::of(successor).unwrap();
            assert!(known.deprecated <= successor.deprecated, "{}", known.name);
        }
    }

    #[test]
    fn an_unknown_runtime_has_no_lifecycle() {
        assert_eq!(Lifecycle::of("nodejs99.x"), None);
    }

    #[test]
    fn only_provided_runtimes_are_os_only() {
        let os_only: Vec<_> =
            RUNTIMES.iter().filter(|known| known.is_os_only()).map(|known| known.name).collect();
        assert_eq!(os_only, ["provided", "provided.al2", "provided.al2023"]);
    }
}
