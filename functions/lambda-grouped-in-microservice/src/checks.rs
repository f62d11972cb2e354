//! What the rule looks at.

use config_rule::{Check, Severity};

pub(crate) const UNGROUPED: &Check = &Check {
    id: "ungrouped",
    severity: Severity::Medium,
    title: "The function belongs to no microservice",
    remedy: "Tag the function or its stack with the name of its microservice, or deploy it with the microservice's stack",
};

pub(crate) const WRITES_FOREIGN_DATA_STORE: &Check = &Check {
    id: "writes-foreign-data-store",
    severity: Severity::High,
    title: "The function may modify a data store of another microservice",
    remedy: "Take the action on this store from the policy; call the API of the microservice that owns the data, or send it \
             an event",
};

pub(crate) const WRITES_ANY_DATA_STORE: &Check = &Check {
    id: "writes-any-data-store",
    severity: Severity::Medium,
    title: "The function may modify every data store of a kind, those of other microservices among them",
    remedy: "Name the microservice's own tables, buckets, databases and user pools in the policy's `Resource`",
};

pub(crate) const READS_FOREIGN_DATA_STORE: &Check = &Check {
    id: "reads-foreign-data-store",
    severity: Severity::Low,
    title: "The function may read data of another microservice",
    remedy: "Read through the API of the microservice that owns the data, or keep a copy that its events keep current",
};

pub(crate) const INVOKES_FOREIGN_FUNCTION: &Check = &Check {
    id: "invokes-foreign-function",
    severity: Severity::Low,
    title: "The function may invoke a function of another microservice directly",
    remedy: "Go through the other microservice's API, queue or event bus",
};

pub(crate) const ROLE_SHARED_ACROSS_GROUPS: &Check = &Check {
    id: "role-shared-across-groups",
    severity: Severity::Medium,
    title: "A function of another microservice runs with the same role",
    remedy: "Give the function a role of its own",
};
