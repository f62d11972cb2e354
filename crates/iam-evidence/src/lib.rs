//! Roles and policies from IAM itself, where AWS Config does not record them.
//!
//! AWS Config records IAM in the Regions that it was told to, usually one, and AWS-managed policies nowhere. For a
//! function elsewhere, IAM answers in AWS Config's shape:
//!
//! | type | selectors | calls |
//! | --- | --- | --- |
//! | `AWS::IAM::Role` | [`Selector::Named`], [`Selector::Arn`] | [`ROLE_ACTIONS`] |
//! | `AWS::IAM::Policy`, customer-managed | [`Selector::Arn`] | [`POLICY_ACTIONS`] |
//! | [`MANAGED_POLICY`], AWS-managed | [`Selector::Arn`] | [`POLICY_ACTIONS`] |
//!
//! Other selectors are not known here: IAM finds neither roles by their ids nor anything by a reference, and listing all
//! roles with their documents is no question for one function. A role has no `instanceProfileList`. The documents of
//! policies are the default version's only; versions never change, so each is fetched once in the life of the process.
//! Which version is the default is asked each time of the account's own policies, and of AWS's once an hour:
//! [`AWS_POLICIES_KEPT`].

mod item;
mod kept;
mod policy;
mod role;

use std::time::Duration;

use aws_sdk_iam::config::Builder;
use aws_sdk_iam::{Client, Config};
use config_lambda::{CallError, Evidence, LookupError, Service, Session};
use config_rule::{BoxFuture, Documents, Known, Missing, Selector};

use kept::Kept;
use policy::{Owner, Versions};

pub use kept::AWS_POLICIES_KEPT;

/// The type under which AWS-managed policies are known to rules. AWS Config does not have it; their documents have the
/// shape of `AWS::IAM::Policy`.
pub const MANAGED_POLICY: &str = "AWS::IAM::ManagedPolicy";

/// The actions that a question about a role needs.
pub const ROLE_ACTIONS: &[&str] =
    &["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"];

/// The actions that a question about a policy needs.
pub const POLICY_ACTIONS: &[&str] = &["iam:GetPolicy", "iam:GetPolicyVersion"];

const ROLE: &str = "AWS::IAM::Role";
const POLICY: &str = "AWS::IAM::Policy";

/// IAM as evidence. It remembers policy documents, so that one instance should live as long as the process.
#[derive(Debug, Default)]
pub struct IamEvidence {
    versions: Versions,
    kept: Kept,
}

impl IamEvidence {
    /// Evidence that remembers nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self::keeping_for(AWS_POLICIES_KEPT)
    }

    /// The same, which asks for a policy of AWS again after another time.
    #[must_use]
    pub const fn keeping_for(time: Duration) -> Self {
        Self { versions: Versions::new(), kept: Kept::new(time) }
    }

    async fn answer(
        &self,
        session: Session<'_>,
        resource_type: &str,
        selector: Selector<'_>,
    ) -> Result<Known<Documents>, LookupError> {
        let found: Documents = match (resource_type, selector) {
            (ROLE, Selector::Named(name)) => role::named(session, name).await?.into_iter().collect(),
            (ROLE, Selector::Arn(arn)) => role::named(session, role::name(arn)).await?.into_iter().collect(),
            (POLICY, Selector::Arn(arn)) => self.policy(session, arn, Owner::Customer).await?,
            (MANAGED_POLICY, Selector::Arn(arn)) => self.policy(session, arn, Owner::Aws).await?,
            _ => return Ok(Known::Unknown(Missing::NotRecorded { what: resource_type.to_owned() })),
        };
        // An ARN of another path has the name of a role that exists.
        let is_wanted = found.iter().all(|document| selector.selects(document));
        Ok(Known::Value(if is_wanted { found } else { Documents::default() }))
    }

    async fn policy(&self, session: Session<'_>, arn: &str, owner: Owner) -> Result<Documents, LookupError> {
        // The other kind of policy is another type, of which there is none with this ARN.
        if Owner::of(arn) != owner {
            return Ok(Documents::default());
        }
        let is_kept = owner == Owner::Aws;
        if let Some(kept) = self.kept.get(arn).filter(|_| is_kept) {
            return Ok(kept);
        }
        let found = policy::with_arn(session, &self.versions, arn, owner).await?.into_iter().collect();
        if is_kept {
            self.kept.keep(arn, &found);
        }
        Ok(found)
    }
}

impl Evidence for IamEvidence {
    fn types(&self) -> &'static [&'static str] {
        &[ROLE, POLICY, MANAGED_POLICY]
    }

    fn find<'a>(
        &'a self,
        session: Session<'a>,
        resource_type: &'a str,
        selector: Selector<'a>,
    ) -> BoxFuture<'a, Result<Known<Documents>, LookupError>> {
        Box::pin(self.answer(session, resource_type, selector))
    }
}

/// The client of IAM, which outlives the invocation.
fn client(session: Session<'_>) -> Client {
    session.client(Service::Iam, Client::new)
}

/// Lets a call be retried until shortly before Lambda ends the invocation.
fn within_the_deadline(session: Session<'_>) -> Builder {
    Config::builder().timeout_config(session.timeouts())
}

/// `None` where IAM says that what was asked for does not exist.
fn existing<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.code() == Some("NoSuchEntity") => Ok(None),
        Err(error) => Err(error),
    }
}
