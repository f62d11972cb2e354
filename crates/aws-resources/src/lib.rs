//! Typed views of configuration items, for the resources that rules judge.
//!
//! A view is read from a [`Document`](config_rule::Document), whichever of the recorded shapes that came in, and has
//! only the fields that rules need. Each field is [`Known`](config_rule::Known): a view never fails to be read, and a
//! check that lacks a field learns which property was absent, null, of another type, or not recorded. Where the
//! absence of a property has a meaning, the field says which.
#![deny(clippy::disallowed_methods)]

mod alarm;
mod data_store;
mod deployed_function;
mod function;
mod graphql_api;
mod group;
mod grouped_function;
mod http_api;
mod kept_properties;
mod managed_policy;
mod observability;
mod oidc_provider;
mod pipeline;
mod platform_helpers;
mod resource_policy;
mod rest_api;
mod rest_method;
mod rest_stage;
mod role;
mod role_permissions;
mod stack;
mod stack_forest;
mod stack_membership;
mod stack_state;
mod triggers;
mod units;
mod usage_plan;

pub use alarm::{Alarm, AlarmCondition, Dimension, Metric};
pub use data_store::DataStore;
pub use deployed_function::DeployedFunction;
pub use function::{Function, Layer, PackageType};
pub use graphql_api::GraphqlApi;
pub use group::{Group, GroupBasis, GroupEvidence, Grouping};
pub use grouped_function::GroupedFunction;
pub use http_api::{HttpApi, Protocol};
pub use kept_properties::kept_properties;
pub use observability::observability_vendor;
pub use oidc_provider::OidcProvider;
pub use pipeline::{Deployment, DeploymentTarget, Pipeline};
pub use platform_helpers::is_platform_helper;
pub use resource_policy::{Effect, ResourcePolicy, Statement};
pub use rest_api::RestApi;
pub use rest_method::{Integration, RestMethod};
pub use rest_stage::RestStage;
pub use role::{Role, read_policy, trust_policy};
pub use role_permissions::{
    found_role, gather_permissions, gather_role, gather_unbounded_permissions, policy_question,
    within_boundary,
};
pub use stack::{Stack, StackResource};
pub use stack_forest::{StackForest, TaggedStack};
pub use stack_membership::StackMembership;
pub use stack_state::{ResourceDrift, StackState};
pub use units::{Bytes, Seconds};
pub use usage_plan::UsagePlan;
