use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use aws_credential_types::Credentials;

use crate::roots::Roots;

/// What the clients of AWS services need to know, read from the standard variables without a loader: a loader reads
/// TLS roots and profile files before the first event, which costs more time than the rule itself.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Region code, such as `eu-west-1`.
    pub(crate) region: String,
    pub(crate) credentials: Credentials,
    /// Where services are that are not where the Region has them.
    endpoints: BTreeMap<Service, String>,
    pub(crate) uses_fips: bool,
    pub(crate) uses_dual_stack: bool,
    /// Attempts per call, the first one included.
    pub(crate) max_attempts: u32,
    pub(crate) roots: Roots,
    /// The other accounts for whose rules the function works.
    pub(crate) members: Members,
}

/// The accounts, besides its own, for whose rules a function works: `MEMBER_ACCOUNTS`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Members {
    /// Those with these ids; none unless it is said.
    These(BTreeSet<String>),
    /// Every account that lets the function take on its role. That these are the organization's, IAM sees to.
    All,
}

/// An AWS service that a rule's function may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// AWS Config.
    Config,
    /// AWS Identity and Access Management.
    Iam,
    /// Amazon Inspector.
    Inspector,
    /// AWS Security Token Service; only for the rules of other accounts.
    Sts,
}

impl Service {
    const ALL: [Self; 4] = [Self::Config, Self::Iam, Self::Inspector, Self::Sts];

    /// The variable that names the service's own endpoint.
    ///
    /// Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints".
    const fn endpoint_variable(self) -> &'static str {
        match self {
            Self::Config => "AWS_ENDPOINT_URL_CONFIG_SERVICE",
            Self::Iam => "AWS_ENDPOINT_URL_IAM",
            Self::Inspector => "AWS_ENDPOINT_URL_INSPECTOR2",
            Self::Sts => "AWS_ENDPOINT_URL_STS",
        }
    }
}

/// A variable of the environment that is missing or cannot be used. Whoever deploys the function must act.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// None of these variables is set.
    #[error("environment: expected `{name}`, found none")]
    Missing {
        /// The variable.
        name: &'static str,
    },
    /// The value cannot be read.
    #[error("environment variable `{name}`: expected {expected}, found `{found}`")]
    Value {
        /// The variable.
        name: &'static str,
        /// What is accepted.
        expected: &'static str,
        /// What it is set to.
        found: String,
    },
    /// The file that the variable names cannot be read.
    #[error("environment variable `{name}`: expected a readable file, found `{}`", path.display())]
    File {
        /// The variable.
        name: &'static str,
        /// What it is set to.
        path: PathBuf,
        /// Why the file cannot be read.
        source: std::io::Error,
    },
}

impl Settings {
    /// Enough that the time that Lambda leaves is the limit, not the count.
    const GENEROUS_ATTEMPTS: u32 = 100;

    /// Reads the standard variables of AWS SDKs, and `MEMBER_ACCOUNTS`: the comma-separated ids of the other accounts for
    /// whose rules the function works, or `*` for every account that lets it take on its role. `variable` gives the value of one, if it is set.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] if Region or credentials are missing, or a value cannot be read.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let given = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let required = |name: &'static str| given(name).ok_or(SettingsError::Missing { name });
        let switch = |name: &'static str| match given(name) {
            None => Ok(false),
            Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
            Some(value) if value.eq_ignore_ascii_case("false") => Ok(false),
            Some(found) => Err(SettingsError::Value { name, expected: "`true` or `false`", found }),
        };

        let region = given("AWS_REGION")
            .or_else(|| given("AWS_DEFAULT_REGION"))
            .map_or_else(|| required("AWS_REGION"), Ok)?;
        let credentials = Credentials::new(
            required("AWS_ACCESS_KEY_ID")?,
            required("AWS_SECRET_ACCESS_KEY")?,
            given("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        let endpoints = if switch("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")? {
            BTreeMap::new()
        } else {
            let endpoint = |service: Service| {
                let own = given(service.endpoint_variable());
                Some((service, own.or_else(|| given("AWS_ENDPOINT_URL"))?))
            };
            Service::ALL.into_iter().filter_map(endpoint).collect()
        };
        Ok(Self {
            region,
            credentials,
            endpoints,
            uses_fips: switch("AWS_USE_FIPS_ENDPOINT")?,
            uses_dual_stack: switch("AWS_USE_DUALSTACK_ENDPOINT")?,
            max_attempts: attempts(given("AWS_MAX_ATTEMPTS"))?,
            roots: roots(given("AWS_CA_BUNDLE"), given("SSL_CERT_FILE"))?,
            members: members(given("MEMBER_ACCOUNTS"))?,
        })
    }

    /// Where a service is, unless it is where its Region has it.
    pub(crate) fn endpoint(&self, service: Service) -> Option<&str> {
        self.endpoints.get(&service).map(String::as_str)
    }
}

impl Members {
    /// Whether the account with an id is one of them.
    pub(crate) fn include(&self, account_id: &str) -> bool {
        match self {
            Self::These(ids) => ids.contains(account_id),
            Self::All => true,
        }
    }
}

/// Whether `text` can be the id of an account: twelve digits.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn members(given: Option<String>) -> Result<Members, SettingsError> {
    let given = given.unwrap_or_default();
    if given.trim() == "*" {
        return Ok(Members::All);
    }
    let ids: BTreeSet<_> =
        given.split(',').map(str::trim).filter(|id| !id.is_empty()).map(ToOwned::to_owned).collect();
    if ids.iter().all(|id| is_account_id(id)) {
        return Ok(Members::These(ids));
    }
    let expected = "comma-separated account ids of 12 digits, or `*`";
    Err(SettingsError::Value { name: "MEMBER_ACCOUNTS", expected, found: given })
}

fn attempts(given: Option<String>) -> Result<u32, SettingsError> {
    let Some(found) = given else { return Ok(Settings::GENEROUS_ATTEMPTS) };
    match found.trim().parse() {
        Ok(attempts) if 0 < attempts => Ok(attempts),
        _ => {
            let expected = "a whole number of 1 or more";
            Err(SettingsError::Value { name: "AWS_MAX_ATTEMPTS", expected, found })
        }
    }
}

fn roots(bundle: Option<String>, platform_file: Option<String>) -> Result<Roots, SettingsError> {
    match (bundle, platform_file) {
        (Some(path), _) => match std::fs::read(&path) {
            Ok(pem) => Roots::bundle(&pem).ok_or_else(|| {
                let expected = "a file of PEM certificates";
                SettingsError::Value { name: "AWS_CA_BUNDLE", expected, found: path }
            }),
            Err(source) => Err(SettingsError::File { name: "AWS_CA_BUNDLE", path: path.into(), source }),
        },
        (None, Some(_)) => Ok(Roots::Platform),
        (None, None) => Ok(Roots::Amazon),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [(&str, &str); 3] =
        [("AWS_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "secret")];

    #[test]
    fn the_service_s_own_endpoint_comes_before_the_common_one() {
        for (variable, service) in [
            ("AWS_ENDPOINT_URL_CONFIG_SERVICE", Service::Config),
            ("AWS_ENDPOINT_URL_IAM", Service::Iam),
            ("AWS_ENDPOINT_URL_INSPECTOR2", Service::Inspector),
            ("AWS_ENDPOINT_URL_STS", Service::Sts),
        ] {
            let variables = [("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), (variable, "http://127.0.0.1:2")];
            let settings = with(&variables).unwrap();
            for other in Service::ALL {
                let expected = if other == service { "http://127.0.0.1:2" } else { "http://127.0.0.1:1" };
                assert_eq!(settings.endpoint(other), Some(expected), "{variable}: {other:?}");
            }
        }
    }

    #[test]
    fn configured_endpoints_can_be_ignored() {
        let settings = with(&[
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
            ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
        ])
        .unwrap();
        assert_eq!(settings.endpoint(Service::Config), None);
    }

    #[test]
    fn the_default_region_is_the_second_choice() {
        let variables = [("AWS_DEFAULT_REGION", "us-east-1"), KEYS[1], KEYS[2]];
        assert_eq!(read(&variables).unwrap().region, "us-east-1");
        assert_eq!(with(&[("AWS_DEFAULT_REGION", "us-east-1")]).unwrap().region, "eu-west-1");
    }

    #[test]
    fn what_is_missing_is_named() {
        for (missing, _) in KEYS {
            let rest: Vec<_> = KEYS.into_iter().filter(|(name, _)| *name != missing).collect();
            let message = read(&rest).unwrap_err().to_string();
            assert_eq!(message, format!("environment: expected `{missing}`, found none"));
        }
    }

    #[test]
    fn an_unreadable_number_of_attempts_is_refused() {
        for found in ["0", "many", "-1"] {
            let message = with(&[("AWS_MAX_ATTEMPTS", found)]).unwrap_err().to_string();
            let expected =
                "environment variable `AWS_MAX_ATTEMPTS`: expected a whole number of 1 or more, found";
            assert_eq!(message, format!("{expected} `{found}`"));
        }
        assert_eq!(with(&[("AWS_MAX_ATTEMPTS", "3")]).unwrap().max_attempts, 3);
    }

    #[test]
    fn a_file_of_roots_replaces_amazon_s() {
        assert!(matches!(with(&[]).unwrap().roots, Roots::Amazon));
        assert!(matches!(with(&[("SSL_CERT_FILE", "/etc/roots.pem")]).unwrap().roots, Roots::Platform));
        let bundle = concat!(env!("CARGO_MANIFEST_DIR"), "/src/amazon-roots.pem");
        assert!(matches!(with(&[("AWS_CA_BUNDLE", bundle)]).unwrap().roots, Roots::Bundle(_)));
    }

    #[test]
    fn a_bundle_that_cannot_be_read_or_holds_no_certificate_is_refused() {
        let message = with(&[("AWS_CA_BUNDLE", "/no/such/file.pem")]).unwrap_err().to_string();
        assert!(message.contains("expected a readable file, found `/no/such/file.pem`"), "{message}");
        let other = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let message = with(&[("AWS_CA_BUNDLE", other)]).unwrap_err().to_string();
        assert!(message.contains("expected a file of PEM certificates"), "{message}");
    }

    #[test]
    fn a_function_works_for_no_other_account_unless_it_is_said() {
        assert!(!with(&[]).unwrap().members.include("111122223333"));
        let two = with(&[("MEMBER_ACCOUNTS", "111122223333, 444455556666,")]).unwrap().members;
        assert!(two.include("111122223333") && two.include("444455556666"));
        assert!(!two.include("777788889999"));
        assert!(with(&[("MEMBER_ACCOUNTS", "*")]).unwrap().members.include("777788889999"));
    }

    #[test]
    fn what_is_no_account_id_is_refused() {
        for found in ["o-exampleorg", "1111222233334", "11112222333", "11112222333a", "*,111122223333"] {
            let message = with(&[("MEMBER_ACCOUNTS", found)]).unwrap_err().to_string();
            let expected =
                "environment variable `MEMBER_ACCOUNTS`: expected comma-separated account ids of 12 digits";
            assert!(message.starts_with(expected) && message.contains(found), "{message}");
        }
    }

    #[test]
    fn the_secret_is_not_in_the_debug_form() {
        assert!(!format!("{:?}", with(&[]).unwrap()).contains("secret\""));
    }

    fn with(more: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        read(&[&KEYS, more].concat())
    }

    fn read(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::from_variables(|wanted| {
            variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned())
        })
    }
}
