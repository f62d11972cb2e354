//! What the rule looks at.

use config_rule::{Check, Severity};

pub(crate) const CODE_TOO_LARGE: &Check = &Check {
    id: "code-too-large",
    severity: Severity::Medium,
    title: "The function's code package is large",
    remedy: "Split the function, drop unused dependencies, bundle and minify, or raise `maxCodeSizeMiB`",
};

pub(crate) const LAYERS_TOO_LARGE: &Check = &Check {
    id: "layers-too-large",
    severity: Severity::Low,
    title: "The function's layers are large",
    remedy: "Detach layers that it does not need, split shared layers, or raise `maxLayersSizeMiB`",
};

pub(crate) const TIMEOUT_TOO_LONG: &Check = &Check {
    id: "timeout-too-long",
    severity: Severity::Medium,
    title: "The function may run for a long time",
    remedy: "Split the work, for example with Step Functions or a queue, or raise `maxTimeoutSeconds`",
};

pub(crate) const TIMEOUT_BEYOND_API: &Check = &Check {
    id: "timeout-beyond-api",
    severity: Severity::Medium,
    title: "The function outlasts the API in front of it",
    remedy: "Set the function's timeout below the API's, and move longer work behind a queue",
};

pub(crate) const MANY_TRIGGER_KINDS: &Check = &Check {
    id: "many-trigger-kinds",
    severity: Severity::Medium,
    title: "Several kinds of trigger invoke one function",
    remedy: "Give each kind of event its own function, or raise `maxTriggerKinds`",
};

pub(crate) const MANY_ROUTES: &Check = &Check {
    id: "many-routes",
    severity: Severity::Medium,
    title: "One function serves many API routes",
    remedy: "Give each route, or each small group of routes, its own function, or raise `maxRoutes`",
};

pub(crate) const CATCH_ALL_ROUTE: &Check = &Check {
    id: "catch-all-route",
    severity: Severity::Low,
    title: "One function catches every route of an API",
    remedy: "Route each task to its own function, and name method and path in the permission's SourceArn",
};
