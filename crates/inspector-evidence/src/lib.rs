//! What Amazon Inspector scans, and what it has found: AWS Config records neither.
//!
//! | type | one document per | `configuration` |
//! | --- | --- | --- |
//! | [`COVERAGE`] | function and type of scan | `CoveredResource` of `ListCoverage` |
//! | [`FINDING`] | active package vulnerability of a function | `Finding` of `ListFindings`, without the details of other types of finding |
//!
//! `configuration` is spelt as on the wire, with times in ISO 8601. Both kinds of document refer to their function: by
//! its ARN without a qualifier, and by its name. [`COVERAGE`] has that ARN as id and ARN, too; Inspector itself adds
//! `:$LATEST`, which is still there in `configuration`.
//!
//! Both types answer [`Selector::All`] and [`Selector::ReferringTo`] a function's ARN or name; coverage also
//! [`Selector::Id`], [`Selector::Arn`] and [`Selector::Named`].
//!
//! # Where Inspector is not enabled
//!
//! Then it covers nothing: coverage is an empty list, which is a promise, whether Inspector says so itself or refuses to
//! answer. Findings are not known: an empty list would promise that there are none. They are [`Missing::Unavailable`] then,
//! by which rules tell it from an Inspector that covers nothing yet.
//!
//! In [`REGIONS_WITHOUT_INSPECTOR`] neither is known.
//!
//! # Limits
//!
//! Of one function the [`FINDINGS_PER_FUNCTION`] most severe findings are read. More than [`MAX_PAGES`] pages of all
//! functions are not known as a whole; each function is then asked for.

mod coverage;
mod finding;
mod function;
mod status;

use aws_sdk_inspector2::config::Builder;
use aws_sdk_inspector2::{Client, Config};
use config_lambda::{CallError, Evidence, LookupError, Service, Session};
use config_rule::{BoxFuture, Documents, Known, Missing, Selector};

use function::Wanted;
use status::Scanning;

/// The type of what Inspector scans.
pub const COVERAGE: &str = "AWS::InspectorV2::Coverage";

/// The type of what Inspector has found.
pub const FINDING: &str = "AWS::InspectorV2::Finding";

/// The actions that questions need.
pub const INSPECTOR_ACTIONS: &[&str] =
    &["inspector2:BatchGetAccountStatus", "inspector2:ListCoverage", "inspector2:ListFindings"];

/// The most findings that are read for one function, the most severe first.
pub const FINDINGS_PER_FUNCTION: usize = 1000;

/// The most pages that are read for all functions together.
pub const MAX_PAGES: usize = 50;

/// Regions that have AWS Config and Lambda, but not Inspector, as of November 2026. There is nobody to ask in them, and a
/// function that tried would give up without a verdict.
///
/// Source: `endpoints.json` of botocore; `tests/whole/inspector_regions.rs` compares.
pub const REGIONS_WITHOUT_INSPECTOR: [&str; 9] = [
    "ap-southeast-6",
    "eu-isoe-west-1",
    "eusc-de-east-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
];

/// Amazon Inspector as evidence.
#[derive(Debug, Default)]
pub struct InspectorEvidence;

impl InspectorEvidence {
    async fn answer(
        session: Session<'_>,
        resource_type: &str,
        selector: Selector<'_>,
    ) -> Result<Known<Documents>, LookupError> {
        let Some(wanted) = Wanted::by(resource_type, selector) else { return Ok(not_known(resource_type)) };
        if REGIONS_WITHOUT_INSPECTOR.contains(&session.region()) {
            let (what, why) =
                ("what Amazon Inspector finds".to_owned(), "this Region does not have it".to_owned());
            return Ok(Known::Unknown(Missing::Unavailable { what, why }));
        }
        let found = match resource_type {
            COVERAGE => coverage::of(session, wanted).await,
            _ => finding::of(session, wanted).await,
        };
        let found = match found {
            // Nothing found and nothing looked for are not the same.
            Ok(Some(none)) if none.is_empty() && resource_type == FINDING => {
                let is_off = status::scanning(session).await? == Scanning::Off;
                return Ok(if is_off { not_scanned() } else { Known::Value(Documents::default()) });
            }
            Ok(Some(documents)) => documents,
            Ok(None) => {
                let (what, why) =
                    (resource_type.to_owned(), format!("there are more than {MAX_PAGES} pages"));
                return Ok(Known::Unknown(Missing::Unavailable { what, why }));
            }
            Err(LookupError::Call(refusal)) if refusal.is_denied() => {
                return without_access(session, resource_type, refusal).await;
            }
            Err(error) => return Err(error),
        };
        Ok(Known::Value(found.into_iter().filter(|document| selector.selects(document)).collect()))
    }
}

/// Inspector refuses to answer an account in which it is not enabled, with the same code as for want of permission.
async fn without_access(
    session: Session<'_>,
    resource_type: &str,
    refusal: CallError,
) -> Result<Known<Documents>, LookupError> {
    match status::scanning(session).await {
        Ok(Scanning::Off) if resource_type == COVERAGE => Ok(Known::Value(Documents::default())),
        Ok(Scanning::Off) => Ok(not_scanned()),
        Ok(Scanning::On) | Err(_) => Err(refusal.into()),
    }
}

/// The client of Amazon Inspector, which outlives the invocation.
fn client(session: Session<'_>) -> Client {
    session.client(Service::Inspector, Client::new)
}

/// Lets a call be retried until shortly before Lambda ends the invocation.
fn within_the_deadline(session: Session<'_>) -> Builder {
    Config::builder().timeout_config(session.timeouts())
}

fn not_scanned() -> Known<Documents> {
    let what = "what Amazon Inspector finds".to_owned();
    let why = "it does not scan Lambda functions in this account".to_owned();
    Known::Unknown(Missing::Unavailable { what, why })
}

fn not_known(resource_type: &str) -> Known<Documents> {
    Known::Unknown(Missing::NotRecorded { what: resource_type.to_owned() })
}

impl Evidence for InspectorEvidence {
    fn types(&self) -> &'static [&'static str] {
        &[COVERAGE, FINDING]
    }

    fn find<'a>(
        &'a self,
        session: Session<'a>,
        resource_type: &'a str,
        selector: Selector<'a>,
    ) -> BoxFuture<'a, Result<Known<Documents>, LookupError>> {
        Box::pin(Self::answer(session, resource_type, selector))
    }
}
