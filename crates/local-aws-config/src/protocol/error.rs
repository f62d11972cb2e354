use serde_json::{Value, json};

/// A refusal, as every AWS SDK understands it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    code: &'static str,
    message: String,
}

impl ApiError {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn unknown_operation() -> Self {
        Self::new("UnknownOperationException", "")
    }

    pub(super) fn serialization(error: &serde_json::Error) -> Self {
        Self::new("SerializationException", error.to_string())
    }

    pub(super) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValueException", message)
    }

    pub(super) fn no_such_rule(name: &str) -> Self {
        let message = format!(
            "The ConfigRule '{name}' provided in the request is invalid. Please check the configRule name."
        );
        Self::new("NoSuchConfigRuleException", message)
    }

    pub(super) fn no_such_pack(name: &str) -> Self {
        let message = format!("The conformance pack '{name}' provided in the request does not exist.");
        Self::new("NoSuchConformancePackException", message)
    }

    /// The input describes a rule or a pack, and what is asked for takes one that runs here.
    pub(super) fn only_described(kind: &str, name: &str) -> Self {
        Self::invalid_parameter(format!(
            "The {kind} '{name}' does not run here: it is only described by the input."
        ))
    }

    /// The same of a rule in a pack that runs here.
    pub(super) fn only_by_aws(name: &str) -> Self {
        Self::invalid_parameter(format!(
            "The ConfigRule '{name}' does not run here: only AWS runs managed rules and policy rules."
        ))
    }

    pub(super) const fn code(&self) -> &'static str {
        self.code
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn body(&self) -> Value {
        if self.message.is_empty() {
            return json!({"__type": self.code});
        }
        json!({"__type": self.code, "message": self.message})
    }
}
