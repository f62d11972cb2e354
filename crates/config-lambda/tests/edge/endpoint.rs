//! A scripted AWS Config, as a rule's function sees it.

use std::time::{Duration, SystemTime};

pub(crate) use aws_stub::Answer;
use config_lambda::{Evidence, Function, Payload, Settings};
use config_rule::Entry;
use lambda_runtime::Diagnostic;
use serde_json::Value;

pub(crate) struct Endpoint(aws_stub::Endpoint);

/// An event as the runtime reads it.
pub(crate) fn payload(event: Value) -> Payload {
    serde_json::from_value(event).unwrap()
}

impl Endpoint {
    pub(crate) async fn start<'a>(script: impl IntoIterator<Item = (&'a str, Answer)>) -> Self {
        Self(aws_stub::Endpoint::start(script).await)
    }

    /// Lets a function answer `event`, with plenty of time.
    pub(crate) async fn invoke(&self, entry: &'static Entry, event: Value) -> Result<(), Diagnostic> {
        self.invoke_within(Duration::from_mins(1), entry, event).await
    }

    pub(crate) async fn invoke_within(
        &self,
        time: Duration,
        entry: &'static Entry,
        event: Value,
    ) -> Result<(), Diagnostic> {
        Function::new(entry, self.settings()).answer(payload(event), SystemTime::now() + time).await
    }

    /// The same, for a function that knows more than AWS Config.
    pub(crate) async fn invoke_with(
        &self,
        evidence: &'static [&'static dyn Evidence],
        entry: &'static Entry,
        event: Value,
    ) -> Result<(), Diagnostic> {
        let function = Function::new(entry, self.settings()).with_evidence(evidence);
        function.answer(payload(event), SystemTime::now() + Duration::from_mins(1)).await
    }

    /// A function as it is deployed here, with these variables besides.
    pub(crate) fn function(&self, entry: &'static Entry, variables: &[(&str, &str)]) -> Function {
        let given = |name: &str| variables.iter().find(|(given, _)| *given == name);
        let variable =
            |name: &str| given(name).map(|(_, value)| (*value).to_owned()).or_else(|| self.0.variable(name));
        Function::new(entry, Settings::from_variables(variable).unwrap())
    }

    /// Each operation that was called and the id of the access key with which it was signed, in order.
    pub(crate) fn signed_operations(&self) -> Vec<(String, String)> {
        self.0.signed_operations()
    }

    /// The operations that were called, in order.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.0.operations()
    }

    /// The requests of one operation, in order.
    pub(crate) fn requests(&self, operation: &str) -> Vec<Value> {
        self.0.requests(operation)
    }

    /// `(type, id, compliance)` of everything that was reported.
    pub(crate) fn reported(&self) -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let requests = self.requests("PutEvaluations");
        let evaluations = requests.iter().flat_map(|request| request["Evaluations"].as_array().unwrap());
        evaluations
            .map(|evaluation| {
                (
                    text(&evaluation["ComplianceResourceType"]),
                    text(&evaluation["ComplianceResourceId"]),
                    text(&evaluation["ComplianceType"]),
                )
            })
            .collect()
    }

    /// The one evaluation that was reported.
    pub(crate) fn only_evaluation(&self) -> Value {
        let requests = self.requests("PutEvaluations");
        assert_eq!(requests.len(), 1, "{requests:?}");
        let evaluations = requests[0]["Evaluations"].as_array().unwrap();
        assert_eq!(evaluations.len(), 1, "{evaluations:?}");
        evaluations[0].clone()
    }

    fn settings(&self) -> Settings {
        Settings::from_variables(|name| self.0.variable(name)).unwrap()
    }
}
