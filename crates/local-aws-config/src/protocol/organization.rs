//! Conformance packs of an organization: put, deleted and described by its management account or a delegated
//! administrator, deployed to every account in the Region of the call.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::pack_changes::{Definition, check_name, in_use};
use super::paging::{self, Paging};
use super::rules::with_token;
use super::validation::Violations;
use super::{Call, input, seconds};
use crate::deployment::Deployment;
use crate::items::Scope;
use crate::organization::{Organization, OrganizationPack, Progress};

/// The most conformance packs of an organization.
///
/// Source: AWS Config Developer Guide, service limits.
const MAX_PACKS: usize = 50;

/// The service in whose name AWS Config deploys to an organization's accounts.
const CREATED_BY: &str = "config-multiaccountsetup.amazonaws.com";

const STATUSES: [&str; 9] = [
    "CREATE_SUCCESSFUL",
    "CREATE_IN_PROGRESS",
    "CREATE_FAILED",
    "DELETE_SUCCESSFUL",
    "DELETE_FAILED",
    "DELETE_IN_PROGRESS",
    "UPDATE_SUCCESSFUL",
    "UPDATE_IN_PROGRESS",
    "UPDATE_FAILED",
];

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Put {
    organization_conformance_pack_name: Option<String>,
    excluded_accounts: Vec<String>,
    #[serde(flatten)]
    definition: Definition,
}

/// Deploys a pack to every account that is not excluded, or updates it there; removes it from those that are now.
pub(super) fn put(call: &Call<'_>) -> Result<Value, ApiError> {
    let organization = administrated(call)?;
    let Put { organization_conformance_pack_name, excluded_accounts, definition } = input::read(call)?;
    let mut violations = Violations::default();
    let name = organization_conformance_pack_name.unwrap_or_default();
    check_name(&mut violations, "organizationConformancePackName", Some(&name), 128);
    definition.check(&mut violations);
    violations.count("excludedAccounts", excluded_accounts.len(), 0, 1_000);
    for (index, account_id) in excluded_accounts.iter().enumerate() {
        check_account(&mut violations, &format!("excludedAccounts.{}.member", index + 1), account_id);
    }
    violations.finish()?;
    if !definition.has_template() {
        let message = "Specify one of TemplateBody and TemplateS3Uri.";
        return Err(ApiError::new("ValidationException", message));
    }

    let excluded: BTreeSet<_> = excluded_accounts.into_iter().collect();
    let mut pack = OrganizationPack::new(&name, call.scope);
    let invalid = "OrganizationConformancePackTemplateValidationException";
    let members = organization.members(&excluded).map(|account_id| {
        let scope = member_scope(call, account_id);
        definition.pack(call, &pack.member_name, &scope, invalid).map(|member| (scope, member))
    });
    let members = members.collect::<Result<Vec<_>, _>>()?;

    let mut packs = call.state.organization_packs();
    let key = (call.scope.clone(), name.clone());
    packs.retain(|(scope, _), pack| !is_gone(call, organization, scope, pack));
    match packs.get(&key) {
        Some(earlier) if is_in_use(call, organization, earlier) => {
            return Err(in_use("organization conformance pack", &name));
        }
        None if MAX_PACKS <= packs.len() => {
            let message = "Your organization has reached the limit of 50 organization conformance packs.";
            return Err(ApiError::new("MaxNumberOfOrganizationConformancePacksExceededException", message));
        }
        _ => {}
    }
    for (scope, member) in members {
        let requested = call.runner.deploy(&scope, &pack.member_name, |earlier| Deployment {
            created_by: Some(CREATED_BY),
            delivery: definition.delivery(),
            ..Deployment::requested(member, &scope, earlier)
        });
        // Accounts that cannot take it keep what they have, which their status tells.
        let _ = requested;
    }
    for account_id in &excluded {
        let _ = call.runner.delete(&member_scope(call, account_id), &pack.member_name);
    }
    pack.parameters = definition.parameters();
    pack.delivery = definition.delivery();
    pack.excluded_accounts = excluded;
    let arn = pack.arn.clone();
    packs.insert(key, pack);
    Ok(json!({"OrganizationConformancePackArn": arn}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Named {
    organization_conformance_pack_name: Option<String>,
    filters: Filters,
    limit: Option<i64>,
    next_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Filters {
    account_id: Option<String>,
    status: Option<String>,
}

/// Deletes a pack from every account that has it.
pub(super) fn delete(call: &Call<'_>) -> Result<Value, ApiError> {
    let organization = administrated(call)?;
    let (name, pack, _) = named(call, organization)?;
    if is_in_use(call, organization, &pack) {
        return Err(in_use("organization conformance pack", &name));
    }
    let region = call.scope.region.as_str();
    for (account_id, _) in pack.members(organization, &call.deployments, region) {
        // One that is gone meanwhile is what was asked for.
        let _ = call.runner.delete(&member_scope(call, account_id), &pack.member_name);
    }
    if let Some(pack) = call.state.organization_packs().get_mut(&(call.scope.clone(), name)) {
        pack.is_deleting = true;
    }
    Ok(json!({}))
}

/// The status in each account.
pub(super) fn detailed_status(call: &Call<'_>) -> Result<Value, ApiError> {
    let organization = administrated(call)?;
    let (_, pack, input) = named(call, organization)?;
    let members = pack.members(organization, &call.deployments, &call.scope.region);
    let all = members.filter_map(|(account_id, deployment)| {
        let progress = Progress::of(deployment);
        let is_wanted = input.filters.account_id.as_deref().is_none_or(|wanted| wanted == account_id)
            && input.filters.status.as_deref().is_none_or(|wanted| wanted == progress.status);
        is_wanted.then(|| {
            let mut status = json!({
                "AccountId": account_id,
                "ConformancePackName": pack.member_name,
                "Status": progress.status,
            });
            add_failure(&mut status, &progress);
            if let Some(at) = deployment.completed_at.or(deployment.requested_at) {
                status["LastUpdateTime"] = seconds(at);
            }
            status
        })
    });
    let paging = Paging { limit: input.limit, default_limit: 100, token: input.next_token.as_deref() };
    let (page, next_token) = paging::page(call, all, &paging)?;
    Ok(with_token(json!({"OrganizationConformancePackDetailedStatuses": page}), next_token))
}

pub(super) fn describe(call: &Call<'_>) -> Result<Value, ApiError> {
    listed(call, "OrganizationConformancePacks", |_, pack| {
        let parameters: Vec<_> = pack
            .parameters
            .iter()
            .map(|(name, value)| json!({"ParameterName": name, "ParameterValue": value}))
            .collect();
        let mut described = json!({
            "OrganizationConformancePackName": pack.name,
            "OrganizationConformancePackArn": pack.arn,
            "ConformancePackInputParameters": parameters,
            "ExcludedAccounts": pack.excluded_accounts,
            "LastUpdateTime": seconds(pack.updated_at),
        });
        let texts =
            [("DeliveryS3Bucket", &pack.delivery.bucket), ("DeliveryS3KeyPrefix", &pack.delivery.key_prefix)];
        for (name, text) in texts {
            if let Some(text) = text {
                described[name] = json!(text);
            }
        }
        described
    })
}

pub(super) fn statuses(call: &Call<'_>) -> Result<Value, ApiError> {
    listed(call, "OrganizationConformancePackStatuses", |organization, pack| {
        let members = pack.members(organization, &call.deployments, &call.scope.region);
        let progress = Progress::of_all(members.map(|(_, deployment)| Progress::of(deployment)));
        let mut status = json!({
            "OrganizationConformancePackName": pack.name,
            "Status": progress.status,
            "LastUpdateTime": seconds(pack.updated_at),
        });
        add_failure(&mut status, &progress);
        status
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Selection {
    organization_conformance_pack_names: Vec<String>,
    limit: Option<i64>,
    next_token: Option<String>,
}

/// The list `member` of the packs with the names that are asked for, or of all.
fn listed(
    call: &Call<'_>,
    member: &str,
    rendered: impl Fn(&Organization, &OrganizationPack) -> Value,
) -> Result<Value, ApiError> {
    let organization = administrated(call)?;
    let input: Selection = input::read(call)?;
    let names = &input.organization_conformance_pack_names;
    let mut violations = Violations::default();
    violations.count("organizationConformancePackNames", names.len(), 0, 25);
    violations.limit("limit", input.limit, 100);
    violations.finish()?;
    let packs = packs(call, organization);
    let all: Vec<_> = if names.is_empty() {
        packs.iter().collect()
    } else {
        let of_name =
            |name: &String| packs.iter().find(|pack| pack.name == *name).ok_or_else(|| no_such_pack(name));
        names.iter().map(of_name).collect::<Result<_, _>>()?
    };
    let all = all.into_iter().map(|pack| rendered(organization, pack));
    let paging = Paging { limit: input.limit, default_limit: 100, token: input.next_token.as_deref() };
    let (page, next_token) = paging::page(call, all, &paging)?;
    Ok(with_token(json!({ member: page }), next_token))
}

/// The organization, if the caller administrates it.
fn administrated<'a>(call: &Call<'a>) -> Result<&'a Organization, ApiError> {
    let Some(organization) = &call.state.organization else {
        let message = "The account is not part of an organization: the input holds no output of `aws organizations \
                       list-accounts`.";
        return Err(ApiError::new("NoAvailableOrganizationException", message));
    };
    if !organization.is_administrated_by(&call.scope.account_id) {
        let message = "This action can only be performed by the management account or a delegated administrator of \
                       the organization.";
        return Err(ApiError::new("OrganizationAccessDeniedException", message));
    }
    Ok(organization)
}

/// The pack that the request names.
fn named(
    call: &Call<'_>,
    organization: &Organization,
) -> Result<(String, OrganizationPack, Named), ApiError> {
    let input: Named = input::read(call)?;
    let name = input.organization_conformance_pack_name.clone().unwrap_or_default();
    let mut violations = Violations::default();
    check_name(&mut violations, "organizationConformancePackName", Some(&name), 128);
    if let Some(account_id) = &input.filters.account_id {
        check_account(&mut violations, "filters.accountId", account_id);
    }
    violations.one_of("filters.status", input.filters.status.as_deref(), &STATUSES);
    violations.limit("limit", input.limit, 100);
    violations.finish()?;
    let pack = packs(call, organization).into_iter().find(|pack| pack.name == name);
    let pack = pack.ok_or_else(|| no_such_pack(&name))?;
    Ok((name, pack, input))
}

/// The packs that the caller has deployed in the Region, without those that have been deleted everywhere.
fn packs(call: &Call<'_>, organization: &Organization) -> Vec<OrganizationPack> {
    let packs = call.state.organization_packs();
    let of_caller = packs.iter().filter(|((scope, _), _)| scope == call.scope);
    of_caller
        .filter(|((scope, _), pack)| !is_gone(call, organization, scope, pack))
        .map(|(_, pack)| pack.clone())
        .collect()
}

fn is_gone(call: &Call<'_>, organization: &Organization, scope: &Scope, pack: &OrganizationPack) -> bool {
    pack.is_deleting && pack.members(organization, &call.deployments, &scope.region).next().is_none()
}

fn is_in_use(call: &Call<'_>, organization: &Organization, pack: &OrganizationPack) -> bool {
    let mut members = pack.members(organization, &call.deployments, &call.scope.region);
    members.any(|(_, deployment)| deployment.is_in_use())
}

fn member_scope(call: &Call<'_>, account_id: &str) -> Scope {
    Scope { account_id: account_id.to_owned(), region: call.scope.region.clone() }
}

fn add_failure(status: &mut Value, progress: &Progress) {
    if let Some(failure) = &progress.failure {
        status["ErrorCode"] = json!(failure.code);
        status["ErrorMessage"] = json!(failure.reason);
    }
}

fn check_account(violations: &mut Violations, path: &str, account_id: &str) {
    let is_id = account_id.len() == 12 && account_id.bytes().all(|byte| byte.is_ascii_digit());
    if !is_id {
        violations.add(path, account_id, "Member must satisfy regular expression pattern: \\d{12}");
    }
}

fn no_such_pack(name: &str) -> ApiError {
    let message = format!("The organization conformance pack '{name}' does not exist.");
    ApiError::new("NoSuchOrganizationConformancePackException", message)
}
