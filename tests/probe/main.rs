//! A periodic rule over queues that tests run as a real function: it reports what it finds with little of its own,
//! so that a test sees the framework at work.

use std::process::ExitCode;

use config_rule::{
    Check, Date, Document, Finding, Inventory, InventoryError, Known, Outcome, Rule, RuleMeta, Selector,
    Severity, Subject, Trigger,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match config_lambda::serve::<PeriodicProbe>().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

const QUEUE_WITHOUT_TOPIC: &Check = &Check {
    id: "queue-without-topic",
    severity: Severity::Medium,
    title: "a queue whose name is no topic's",
    remedy: "add a topic of the same name",
};

struct PeriodicProbe;

struct Queue {
    name: Known<String>,
}

impl Subject for Queue {
    fn read(document: &Document) -> Option<Self> {
        let name = document.properties().text("configuration.QueueName").map(ToOwned::to_owned);
        (document.resource_type == "AWS::SQS::Queue").then_some(Self { name })
    }
}

impl Rule for PeriodicProbe {
    const META: RuleMeta = RuleMeta {
        name: "periodic-probe",
        practice: 0,
        title: "probe",
        checks_that: "every queue has a topic of its name",
        subjects: &["AWS::SQS::Queue"],
        triggers: &[Trigger::Periodic],
        checks: &[QUEUE_WITHOUT_TOPIC],
        actions: &[],
    };

    type Subject = Queue;
    type Parameters = ();
    type Facts = Known<usize>;

    async fn gather(
        queue: &Queue,
        (): &(),
        inventory: &dyn Inventory,
    ) -> Result<Self::Facts, InventoryError> {
        match &queue.name {
            Known::Value(name) => {
                let topics = inventory.find("AWS::SNS::Topic", Selector::Named(name)).await?;
                Ok(topics.map(|topics| topics.len()))
            }
            Known::Unknown(missing) => Ok(Known::Unknown(missing.clone())),
        }
    }

    fn evaluate(_: &Queue, (): &(), topics: &Self::Facts, _: Date) -> Outcome {
        let finding = |count: &usize| {
            (*count == 0)
                .then(|| Finding::new(QUEUE_WITHOUT_TOPIC, "no topic", "one of its name", "QueueName"))
        };
        Outcome::judged().and(QUEUE_WITHOUT_TOPIC, topics.get().map(finding))
    }
}
