//! Managed policies, with the document of the version that is in force.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_iam::types::Policy;
use config_lambda::{CallError, LookupError, Session, iso_8601};
use config_rule::Document;
use serde_json::{Value, json};

use crate::item::{account, item};
use crate::{MANAGED_POLICY, POLICY, client, existing, within_the_deadline};

/// Who maintains a managed policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Customer,
    Aws,
}

impl Owner {
    /// AWS's policies belong to an account named `aws`, in every partition.
    pub(crate) fn of(arn: &str) -> Self {
        if account(arn) == Some("aws") { Self::Aws } else { Self::Customer }
    }

    const fn resource_type(self) -> &'static str {
        match self {
            Self::Customer => POLICY,
            Self::Aws => MANAGED_POLICY,
        }
    }
}

/// Versions that were fetched. Those of one policy never change; but a policy that was deleted and made again has its
/// old ARN and new versions with the old names, so that the unique id is what they are kept by.
#[derive(Debug, Default)]
pub(crate) struct Versions {
    fetched: Mutex<Option<HashMap<Key, Arc<Value>>>>,
}

/// Unique id of the policy, and version.
type Key = (String, String);

impl Versions {
    pub(crate) const fn new() -> Self {
        Self { fetched: Mutex::new(None) }
    }

    fn get(&self, key: &Key) -> Option<Arc<Value>> {
        self.fetched.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.get(key).cloned()
    }

    fn keep(&self, key: Key, version: Arc<Value>) {
        let mut fetched = self.fetched.lock().unwrap_or_else(PoisonError::into_inner);
        fetched.get_or_insert_default().insert(key, version);
    }
}

/// The policy with an ARN, if there is one.
pub(crate) async fn with_arn(
    session: Session<'_>,
    versions: &Versions,
    arn: &str,
    owner: Owner,
) -> Result<Option<Document>, LookupError> {
    let answer = client(session)
        .get_policy()
        .policy_arn(arn)
        .customize()
        .config_override(within_the_deadline(session))
        .send()
        .await;
    let answer = existing(answer.map_err(|error| CallError::new("GetPolicy", &error)))?;
    let Some(policy) = answer.and_then(|answer| answer.policy) else { return Ok(None) };
    let incomplete = |what: &'static str| LookupError::Item { operation: "GetPolicy", source: what.into() };
    let id =
        policy.policy_id().ok_or_else(|| incomplete("expected a policy with a `PolicyId`, found none"))?;
    let version_id = policy
        .default_version_id()
        .ok_or_else(|| incomplete("expected a policy with a `DefaultVersionId`, found none"))?;

    let key = (id.to_owned(), version_id.to_owned());
    let version = if let Some(version) = versions.get(&key) {
        version
    } else {
        let Some(version) = fetched(session, arn, version_id).await? else { return Ok(None) };
        let version = Arc::new(version);
        versions.keep(key, Arc::clone(&version));
        version
    };
    let item = policy_item(&policy, id, arn, owner, &version);
    let unreadable = |source| LookupError::Item { operation: "GetPolicy", source };
    Ok(Some(Document::from_item(item).map_err(|error| unreadable(error.into()))?))
}

async fn fetched(session: Session<'_>, arn: &str, version_id: &str) -> Result<Option<Value>, CallError> {
    let answer = client(session)
        .get_policy_version()
        .policy_arn(arn)
        .version_id(version_id)
        .customize()
        .config_override(within_the_deadline(session))
        .send()
        .await;
    let answer = existing(answer.map_err(|error| CallError::new("GetPolicyVersion", &error)))?;
    Ok(answer.and_then(|answer| answer.policy_version).map(|version| {
        json!({
            "document": version.document,
            "versionId": version.version_id,
            "isDefaultVersion": true,
            "createDate": version.create_date().and_then(iso_8601),
        })
    }))
}

fn policy_item(policy: &Policy, id: &str, arn: &str, owner: Owner, version: &Value) -> Value {
    let configuration = json!({
        "policyName": policy.policy_name,
        "policyId": id,
        "arn": arn,
        "path": policy.path,
        "defaultVersionId": policy.default_version_id,
        "attachmentCount": policy.attachment_count,
        "permissionsBoundaryUsageCount": policy.permissions_boundary_usage_count,
        "isAttachable": policy.is_attachable,
        "description": policy.description,
        "createDate": policy.create_date().and_then(iso_8601),
        "updateDate": policy.update_date().and_then(iso_8601),
        "policyVersionList": [version],
    });
    let name = policy.policy_name().unwrap_or_default();
    item(owner.resource_type(), id, name, arn, policy.tags(), &configuration)
}
