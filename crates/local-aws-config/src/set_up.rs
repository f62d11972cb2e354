//! AWS Config's own set-up: recorders, delivery channels, rules and conformance packs, as its API describes them.
//!
//! What the input holds of it comes first. Whether the account's recorder runs is else known only where its item is
//! among the input; without one, what the input holds was recorded by somebody, so the recorder counts as running. The
//! delivery channel that stands for how the items came here counts as working. Rules and packs are those of the pack that
//! runs here, and those of the input. Clients are told all of this; a rule's function is told only what the input is
//! evidence of. Where that holds the status of a part without its description, the part exists and the rest of it is not
//! known.

mod deployed;
mod evidence;

use config_rule::{Document, Selector, Timestamp};
use serde_json::{Value, json};

pub(crate) use deployed::{pack, pack_status, rule, rule_by_aws, rule_status};

use crate::deployment::Deployment;
use crate::inspector::kept;
use crate::items::{AnswerKind, ConfigurationItems, Scope};
use crate::recorder::{RECORDER_TYPE, of_input};
use crate::results::Activity;
use crate::wire::{self, seconds};

/// The types under which the rules' functions know the set-up.
pub(crate) const TYPES: [&str; 4] = [RECORDER_TYPE, CHANNEL_TYPE, RULE_TYPE, PACK_TYPE];

const CHANNEL_TYPE: &str = "AWS::Config::DeliveryChannel";
const RULE_TYPE: &str = "AWS::Config::ConfigRule";
const PACK_TYPE: &str = "AWS::Config::ConformancePack";

/// What AWS calls the delivery channel that its console makes.
const CHANNEL: &str = "default";

/// The set-up of one account in one Region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetUp<'a> {
    items: &'a ConfigurationItems,
    scope: &'a Scope,
    /// When the items were delivered.
    delivered_at: Option<Timestamp>,
}

impl<'a> SetUp<'a> {
    /// `at` is taken for the time of delivery where no item has one.
    pub(crate) fn new(items: &'a ConfigurationItems, scope: &'a Scope, at: Option<Timestamp>) -> Self {
        Self { items, scope, delivered_at: items.recorded_at().or(at) }
    }

    pub(crate) fn recorders(self) -> Vec<Value> {
        if let Some(given) = self.given(AnswerKind::Recorders) {
            return given;
        }
        if !self.is_evidence_of(RECORDER_TYPE) {
            return vec![of_input(self.items, self.scope)];
        }
        // Of one whose status alone is known, clients hear what the input implies.
        let completed = |known: Value| {
            let mut completed = of_input(self.items, self.scope);
            for (member, value) in known.as_object().into_iter().flatten() {
                completed[member] = value.clone();
            }
            completed
        };
        self.known_recorders().into_iter().map(completed).collect()
    }

    pub(crate) fn recorder_statuses(self) -> Vec<Value> {
        if let Some(given) = self.given(AnswerKind::RecorderStatuses) {
            return given;
        }
        let item = self.items.visible_of_type(self.scope, RECORDER_TYPE).next();
        let is_recording = item.is_none_or(|item| {
            item.properties().boolean("configuration.Recording").get().is_ok_and(|is_recording| *is_recording)
        });
        let changed_at = item.and_then(|item| item.capture_time).or(self.delivered_at).map(seconds);
        let status = |recorder: &Value| {
            let mut status = kept(recorder, &["arn", "name"]);
            status["recording"] = json!(is_recording);
            status["lastStatus"] = json!(if is_recording { "Success" } else { "NotApplicable" });
            if let Some(changed_at) = &changed_at {
                status["lastStatusChangeTime"] = changed_at.clone();
                let since = if is_recording { "lastStartTime" } else { "lastStopTime" };
                status[since] = changed_at.clone();
            }
            status
        };
        self.recorders().iter().map(status).collect()
    }

    pub(crate) fn channels(self) -> Vec<Value> {
        if self.is_evidence_of(CHANNEL_TYPE) {
            return self.known_channels();
        }
        let bucket = format!("config-bucket-{}", self.scope.account_id);
        vec![json!({"name": CHANNEL, "s3BucketName": bucket})]
    }

    pub(crate) fn channel_statuses(self) -> Vec<Value> {
        if let Some(given) = self.given(AnswerKind::ChannelStatuses) {
            return given;
        }
        let (mut export, mut stream) = (json!({"lastStatus": "Success"}), json!({"lastStatus": "Success"}));
        if let Some(delivered_at) = self.delivered_at.map(seconds) {
            export["lastAttemptTime"] = delivered_at.clone();
            export["lastSuccessfulTime"] = delivered_at.clone();
            stream["lastStatusChangeTime"] = delivered_at;
        }
        let status = |channel: &Value| {
            json!({
                "name": channel.get("name"),
                "configSnapshotDeliveryInfo": export,
                "configHistoryDeliveryInfo": export,
                "configStreamDeliveryInfo": stream,
            })
        };
        self.channels().iter().map(status).collect()
    }

    /// The input's own rules or packs, without those that the pack that runs here has, too.
    pub(crate) fn further(self, kind: AnswerKind, name: &str, is_ours: impl Fn(&str) -> bool) -> Vec<Value> {
        let given = if kind == AnswerKind::ConformancePacks { self.known_packs() } else { self.given(kind) };
        let mut given = given.unwrap_or_default();
        given.retain(|element| !element.get(name).and_then(Value::as_str).is_some_and(&is_ours));
        given
    }

    fn given(self, kind: AnswerKind) -> Option<Vec<Value>> {
        Some(self.items.answers().get(kind, self.scope)?.cloned().collect())
    }

    /// The documents that the rules' functions make of AWS Config's answers. They see a pack that was just deployed.
    pub(crate) fn documents(
        self,
        deployment: Option<&Deployment>,
        resource_type: &str,
        selector: Selector<'_>,
    ) -> Vec<Document> {
        let parts = match resource_type {
            RECORDER_TYPE => recorder_parts(self),
            CHANNEL_TYPE => channel_parts(self),
            RULE_TYPE => rule_parts(self, deployment),
            _ => pack_parts(self, deployment),
        };
        let document = |part: Part| {
            let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
            let arn = part.arn.as_ref().and_then(text);
            let item = json!({
                "resourceType": resource_type,
                "resourceId": part.id,
                "resourceName": part.name,
                "awsAccountId": arn.as_deref().and_then(|arn| arn.split(':').nth(4)),
                "ARN": arn,
                "awsRegion": self.scope.region,
                "configurationItemStatus": "OK",
                "tags": {},
                "configuration": wire::with_texts(part.configuration, "Time"),
            });
            // Every part has an id; what has none is no part.
            Document::from_item(item).ok()
        };
        let documents = parts.into_iter().filter_map(document);
        documents.filter(|document| selector.selects(document)).collect()
    }
}

/// One part of the set-up, with its status.
struct Part {
    id: Option<Value>,
    name: Option<Value>,
    arn: Option<Value>,
    configuration: Value,
}

impl Part {
    fn new(
        described: &Value,
        [id, name, arn]: [&str; 3],
        mut configuration: Value,
        status: Option<(&str, Value)>,
    ) -> Self {
        if let Some((member, status)) = status {
            configuration[member] = status;
        }
        let member = |key: &str| described.get(key).cloned();
        Self { id: member(id), name: member(name), arn: member(arn), configuration }
    }
}

fn recorder_parts(set_up: SetUp<'_>) -> Vec<Part> {
    let statuses = set_up.known_recorder_statuses();
    let part = |recorder: &Value| {
        let mut configuration = kept(
            recorder,
            &[
                "arn",
                "name",
                "recordingGroup",
                "recordingMode",
                "recordingScope",
                "roleARN",
                "servicePrincipal",
            ],
        );
        if let Some(group) = configuration.get_mut("recordingGroup").and_then(Value::as_object_mut) {
            group.entry("allSupported").or_insert(json!(false));
            group.entry("includeGlobalResourceTypes").or_insert(json!(false));
            group.entry("resourceTypes").or_insert(json!([]));
        }
        if let Some(mode) = configuration.get_mut("recordingMode").and_then(Value::as_object_mut) {
            mode.entry("recordingModeOverrides").or_insert(json!([]));
        }
        let status = same(&statuses, recorder, "name").map(|status| {
            let mut status = status.clone();
            if let Value::Object(members) = &mut status {
                members.remove("arn");
                members.entry("recording").or_insert(json!(false));
            }
            ("status", status)
        });
        Part::new(recorder, ["name", "name", "arn"], configuration, status)
    };
    set_up.known_recorders().iter().map(part).collect()
}

fn channel_parts(set_up: SetUp<'_>) -> Vec<Part> {
    let statuses = set_up.known_channel_statuses();
    let part = |channel: &Value| {
        let status = same(&statuses, channel, "name").map(|status| ("status", status.clone()));
        Part::new(channel, ["name", "name", "arn"], channel.clone(), status)
    };
    set_up.known_channels().iter().map(part).collect()
}

fn rule_parts(set_up: SetUp<'_>, deployment: Option<&Deployment>) -> Vec<Part> {
    let ours = deployment.map(|deployment| deployment.rules.as_slice()).unwrap_or_default();
    let is_ours = |name: &str| ours.iter().any(|rule| rule.name == name);
    let mut rules: Vec<_> = ours.iter().map(|deployed| rule(deployed, false)).collect();
    rules.extend(set_up.further(AnswerKind::ConfigRules, "ConfigRuleName", is_ours));
    let mut statuses: Vec<_> =
        ours.iter().map(|deployed| rule_status(deployed, &Activity::default())).collect();
    statuses.extend(set_up.further(AnswerKind::ConfigRuleStatuses, "ConfigRuleName", is_ours));
    let part = |rule: &Value| {
        let mut configuration = rule.clone();
        if let Value::Object(members) = &mut configuration {
            members.entry("EvaluationModes").or_insert(json!([]));
        }
        if let Some(source) = configuration.get_mut("Source").and_then(Value::as_object_mut) {
            source.remove("CustomPolicyDetails");
            source.entry("SourceDetails").or_insert(json!([]));
        }
        let members = [
            "FirstActivatedTime",
            "FirstEvaluationStarted",
            "LastDeactivatedTime",
            "LastErrorCode",
            "LastErrorMessage",
            "LastFailedEvaluationTime",
            "LastFailedInvocationTime",
            "LastSuccessfulEvaluationTime",
            "LastSuccessfulInvocationTime",
        ];
        let status = same(&statuses, rule, "ConfigRuleName").map(|status| {
            let mut status = kept(status, &members);
            if status.get("FirstEvaluationStarted").is_none() {
                status["FirstEvaluationStarted"] = json!(false);
            }
            ("Status", status)
        });
        Part::new(rule, ["ConfigRuleId", "ConfigRuleName", "ConfigRuleArn"], configuration, status)
    };
    rules.iter().map(part).collect()
}

fn pack_parts(set_up: SetUp<'_>, deployment: Option<&Deployment>) -> Vec<Part> {
    let is_ours = |name: &str| deployment.is_some_and(|deployment| deployment.pack.name == name);
    let at = set_up.delivered_at;
    let dated = |of: &Deployment| Deployment { requested_at: at, completed_at: at, ..of.clone() };
    let deployment = deployment.map(dated);
    let mut packs: Vec<_> = deployment.iter().map(pack).collect();
    packs.extend(set_up.further(AnswerKind::ConformancePacks, "ConformancePackName", is_ours));
    let mut statuses: Vec<_> = deployment.iter().map(pack_status).collect();
    statuses.extend(set_up.further(AnswerKind::ConformancePackStatuses, "ConformancePackName", is_ours));
    let part = |pack: &Value| {
        let mut configuration = kept(
            pack,
            &[
                "ConformancePackArn",
                "ConformancePackId",
                "ConformancePackInputParameters",
                "ConformancePackName",
                "CreatedBy",
                "DeliveryS3Bucket",
                "DeliveryS3KeyPrefix",
                "LastUpdateRequestedTime",
            ],
        );
        if configuration.get("ConformancePackInputParameters").is_none() {
            configuration["ConformancePackInputParameters"] = json!([]);
        }
        let members = [
            "ConformancePackState",
            "ConformancePackStatusReason",
            "LastUpdateCompletedTime",
            "LastUpdateRequestedTime",
            "StackArn",
        ];
        let status =
            same(&statuses, pack, "ConformancePackId").map(|status| ("Status", kept(status, &members)));
        Part::new(
            pack,
            ["ConformancePackId", "ConformancePackName", "ConformancePackArn"],
            configuration,
            status,
        )
    };
    packs.iter().map(part).collect()
}

fn same<'a>(statuses: &'a [Value], described: &Value, member: &str) -> Option<&'a Value> {
    let id = described.get(member)?;
    statuses.iter().find(|status| status.get(member) == Some(id))
}
