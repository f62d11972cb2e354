//! One function for the rules of many accounts: takes on a role of the account that owns the rule.
//!
//! A rule's results, and everything that its verdict rests on, belong to its account: AWS Config takes a report only
//! with credentials of that account, and evidence of another account would be no evidence. So where a rule is not of
//! the function's own account, every call is made with a session of a role there. Its name is the rule parameter
//! `executionRoleName`; it is never the recorder's role, which may be the service-linked one that nobody can take on.
//!
//! The envelope's `accountId` says whose the rule is, and [`MEMBER_ACCOUNTS`](crate::Settings::from_variables) for whom
//! the function works. An event from elsewhere is refused before anything is asked. That a role is of the
//! organization, IAM sees to on both sides: its trust names the organization (`aws:PrincipalOrgID`), and so does the
//! permission of the function's own role to take it on (`aws:ResourceOrgID`).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sdk_sts::operation::assume_role::AssumeRoleOutput;
use config_rule::{CommonParameters, parameter_values};

use crate::clients::{Clients, Session};
use crate::envelope::Envelope;
use crate::error::{CallError, InvocationError};
use crate::settings::{Service, is_account_id};

/// How long a session lasts: the least that AWS allows, which is also the longest that an invocation lasts.
///
/// Source: AWS STS API Reference, `AssumeRole`, `DurationSeconds`; AWS Lambda quotas, function timeout.
const SESSION_SECONDS: i32 = 900;

/// A role that is to be taken on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MemberRole {
    account_id: String,
    arn: String,
}

impl MemberRole {
    /// The role for an event, or `None` if the rule is of the account of the function with the ARN `function_arn`.
    pub(crate) fn of(
        envelope: &Envelope,
        function_arn: &str,
        own: Session<'_>,
    ) -> Result<Option<Self>, InvocationError> {
        let account_id = &envelope.account_id;
        // Without an ARN that says otherwise, a function works where it is.
        let ["arn", partition, "lambda", _, own_account, "function", ..] =
            function_arn.split(':').collect::<Vec<_>>()[..]
        else {
            return Ok(None);
        };
        if account_id == own_account {
            return Ok(None);
        }
        if !is_account_id(account_id) {
            let problem = format!("expected an account id of 12 digits, found `{account_id}`");
            return Err(InvocationError::unexpected("accountId", problem));
        }
        if !own.clients().settings.members.include(account_id) {
            return Err(InvocationError::AccountRefused {
                expected: format!("the function's account `{own_account}` or of one in `MEMBER_ACCOUNTS`"),
                account_id: account_id.clone(),
                hint: "let the rule name a function of its own account, or add the account to the variable",
            });
        }
        let name =
            CommonParameters::execution_role_name(&parameter_values(envelope.rule_parameters.as_deref())?)?;
        let arn = format!("arn:{partition}:iam::{account_id}:role/{name}");
        Ok(Some(Self { account_id: account_id.clone(), arn }))
    }
}

/// The sessions that still last.
#[derive(Debug, Default)]
pub(crate) struct MemberSessions {
    /// By the role's ARN.
    kept: Mutex<BTreeMap<String, MemberSession>>,
}

#[derive(Clone, Debug)]
struct MemberSession {
    clients: Arc<Clients>,
    expires: SystemTime,
}

impl MemberSessions {
    pub(crate) const fn new() -> Self {
        Self { kept: Mutex::new(BTreeMap::new()) }
    }

    /// Clients with the credentials of `role`. A session is used again for an invocation that it outlasts.
    pub(crate) async fn clients(
        &self,
        role: &MemberRole,
        rule_name: &str,
        own: Session<'_>,
    ) -> Result<Arc<Clients>, InvocationError> {
        let kept = self.kept().get(&role.arn).filter(|session| own.deadline() < session.expires).cloned();
        if let Some(session) = kept {
            return Ok(session.clients);
        }
        let session = taken_on(role, rule_name, own).await?;
        self.kept().insert(role.arn.clone(), session.clone());
        Ok(session.clients)
    }

    /// What was refused may have been refused for want of a session that is still good.
    pub(crate) fn forget(&self, role: &MemberRole) {
        self.kept().remove(&role.arn);
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, MemberSession>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn taken_on(
    role: &MemberRole,
    rule_name: &str,
    own: Session<'_>,
) -> Result<MemberSession, InvocationError> {
    let answer = aws_sdk_sts::Client::new(&own.sdk_config(Service::Sts))
        .assume_role()
        .role_arn(&role.arn)
        .role_session_name(session_name(rule_name, &role.account_id))
        .duration_seconds(SESSION_SECONDS)
        .send()
        .await;
    let unavailable = |source| InvocationError::EvidenceUnavailable {
        evidence: format!("the role `{}`, which the rule's account must have,", role.arn),
        source,
    };
    let answer = answer.map_err(|error| unavailable(CallError::new("AssumeRole", &error).into()))?;
    let (credentials, expires) = credentials(role, &answer).map_err(|problem| unavailable(problem.into()))?;
    tracing::debug!(role = role.arn, "taken on");
    Ok(MemberSession { clients: Arc::new(own.clients().with_credentials(credentials)), expires })
}

fn credentials(role: &MemberRole, answer: &AssumeRoleOutput) -> Result<(Credentials, SystemTime), String> {
    let user = answer.assumed_role_user().map_or("", |user| user.arn());
    if user.split(':').nth(4) != Some(role.account_id.as_str()) {
        return Err(format!(
            "`AssumeRole`: expected a session in account `{}`, found `{user}`",
            role.account_id
        ));
    }
    let given = answer.credentials().ok_or("`AssumeRole`: expected `Credentials`, found none")?;
    let expires = SystemTime::try_from(*given.expiration()).map_err(|_| {
        format!("`AssumeRole`: expected a time as `Expiration`, found `{}`", given.expiration())
    })?;
    let token = Some(given.session_token().to_owned());
    let credentials = Credentials::new(
        given.access_key_id(),
        given.secret_access_key(),
        token,
        Some(expires),
        "AssumeRole",
    );
    Ok((credentials, expires))
}

/// Names rule and account to whoever reads `CloudTrail`.
///
/// Source: AWS STS API Reference, `AssumeRole`, `RoleSessionName`: 2 to 64 letters, digits and `_+=,.@-`; a rule's name
/// has at most 37.
fn session_name(rule_name: &str, account_id: &str) -> String {
    format!("{rule_name}@{account_id}")
}
