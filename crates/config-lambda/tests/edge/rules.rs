//! Small rules to run the edge with.

use config_rule::{
    ACCOUNT_TYPE, Accepts, Check, Date, Document, Documents, Entry, Finding, Inventory, InventoryError,
    Known, Missing, Outcome, ParameterSpec, ParameterValues, Parameters, Rule, RuleMeta, Selector, Severity,
    Subject, Trigger,
};

const FUNCTION: &str = "AWS::Lambda::Function";
const TABLE: &str = "AWS::DynamoDB::Table";

/// Judges functions by their items alone when they change.
pub(crate) static ON_CHANGE: Entry = Entry::of::<ShortTimeout<ChangeOnly>>();
/// The same, for functions and for tables of any kind, every day.
pub(crate) static DAILY: Entry = Entry::of::<ShortTimeout<Daily>>();
/// Judges the account every day.
pub(crate) static ACCOUNT: Entry = Entry::of::<ShortTimeout<AccountDaily>>();
/// Judges user pools, which queries do not see, every day.
pub(crate) static USER_POOLS: Entry = Entry::of::<ShortTimeout<UserPoolsDaily>>();
/// Judges user pools and then the account, every day.
pub(crate) static USER_POOLS_AND_ACCOUNT: Entry = Entry::of::<ShortTimeout<UserPoolsAndAccountDaily>>();
/// Judges functions by the alarms that refer to them, when they change and every day.
pub(crate) static WITH_ALARM: Entry = Entry::of::<IsWatched<ByAlarm>>();
/// The same, by integrations: queries do not see them, and listed items do not say what they refer to.
pub(crate) static WITH_INTEGRATION: Entry = Entry::of::<IsWatched<ByIntegration>>();

/// The same, by log groups, which AWS Config does not know.
pub(crate) static WITH_LOG_GROUP: Entry = Entry::of::<IsWatched<ByLogGroup>>();

/// The same, by the crowns of a made-up service, which AWS Config does not know.
pub(crate) static WITH_CROWN: Entry = Entry::of::<IsWatched<ByCrown>>();
/// Judges functions by topics and queues that refer to them, about which it asks together.
pub(crate) static WITH_BOTH: Entry = Entry::of::<IsBetween<TopicAndQueue>>();
/// The same, by crowns and orbs of the made-up service.
pub(crate) static WITH_REGALIA: Entry = Entry::of::<IsBetween<CrownAndOrb>>();
/// Judges functions and roles when they change, and functions when an alarm that names them or a role of theirs does.
pub(crate) static RELATED: Entry = Entry::of::<Related>();

static TOO_LONG: Check = Check {
    id: "too-long",
    severity: Severity::Medium,
    title: "the timeout is long",
    remedy: "set a shorter one",
};
static NO_ALARM: Check = Check {
    id: "no-alarm",
    severity: Severity::High,
    title: "no alarm watches the function",
    remedy: "add an alarm",
};

pub(crate) struct Item {
    resource_type: String,
    resource_id: String,
    timeout: Result<u64, Missing>,
    target: String,
}

impl Subject for Item {
    fn read(document: &Document) -> Option<Self> {
        let properties = document.properties();
        let target = properties.text("configuration.deadLetterConfig.targetArn");
        (document.resource_type != "AWS::SQS::Queue").then(|| Self {
            resource_type: document.resource_type.clone(),
            resource_id: document.resource_id.clone(),
            timeout: properties.whole_number("configuration.timeout").get().copied(),
            target: target.get().map(|text| (*text).to_owned()).unwrap_or_default(),
        })
    }
}

pub(crate) struct Limit {
    seconds: u64,
    judges_tables: bool,
}

const MAX_SECONDS: ParameterSpec = ParameterSpec {
    name: "maxSeconds",
    default: "60",
    accepts: Accepts::WholeNumber { min: 1, max: 900 },
    description: "The longest timeout, in seconds",
};

const JUDGES_TABLES: ParameterSpec = ParameterSpec {
    name: "judgesTables",
    default: "true",
    accepts: Accepts::Switch,
    description: "Whether tables are judged",
};

impl Parameters for Limit {
    const SPECS: &'static [&'static ParameterSpec] = &[&MAX_SECONDS, &JUDGES_TABLES];

    fn read(values: &mut ParameterValues<'_>) -> Self {
        Self { seconds: values.whole_number(&MAX_SECONDS), judges_tables: values.switch(&JUDGES_TABLES) }
    }
}

pub(crate) trait Scope: Send + Sync + 'static {
    const SUBJECTS: &'static [&'static str];
    const TRIGGERS: &'static [Trigger];
}

pub(crate) struct ChangeOnly;
impl Scope for ChangeOnly {
    const SUBJECTS: &'static [&'static str] = &[FUNCTION];
    const TRIGGERS: &'static [Trigger] = &[Trigger::Change];
}

pub(crate) struct Daily;
impl Scope for Daily {
    const SUBJECTS: &'static [&'static str] = &[FUNCTION, TABLE];
    const TRIGGERS: &'static [Trigger] = &[Trigger::Periodic];
}

pub(crate) struct AccountDaily;
impl Scope for AccountDaily {
    const SUBJECTS: &'static [&'static str] = &[ACCOUNT_TYPE];
    const TRIGGERS: &'static [Trigger] = &[Trigger::Periodic];
}

pub(crate) struct UserPoolsDaily;
impl Scope for UserPoolsDaily {
    const SUBJECTS: &'static [&'static str] = &["AWS::Cognito::UserPool"];
    const TRIGGERS: &'static [Trigger] = &[Trigger::Periodic];
}

pub(crate) struct UserPoolsAndAccountDaily;
impl Scope for UserPoolsAndAccountDaily {
    const SUBJECTS: &'static [&'static str] = &["AWS::Cognito::UserPool", ACCOUNT_TYPE];
    const TRIGGERS: &'static [Trigger] = &[Trigger::Periodic];
}

pub(crate) struct ShortTimeout<S>(std::marker::PhantomData<S>);

impl<S: Scope> Rule for ShortTimeout<S> {
    const META: RuleMeta = RuleMeta {
        name: "short-timeouts",
        practice: 1,
        title: "keep timeouts short",
        checks_that: "timeouts are short",
        subjects: S::SUBJECTS,
        triggers: S::TRIGGERS,
        checks: &[&TOO_LONG],
        actions: &[],
    };

    type Subject = Item;
    type Parameters = Limit;
    type Facts = ();

    fn leaves_out(limit: &Limit) -> &'static [&'static str] {
        if limit.judges_tables { &[] } else { &[TABLE] }
    }

    async fn gather(_: &Item, _: &Limit, _: &dyn Inventory) -> Result<(), InventoryError> {
        Ok(())
    }

    fn evaluate(item: &Item, limit: &Limit, (): &(), _: Date) -> Outcome {
        if item.resource_type != FUNCTION {
            return Outcome::judged();
        }
        let seen = |timeout| format!("{}times out after {timeout} s", item.target);
        let finding = |timeout| {
            Finding::new(
                &TOO_LONG,
                seen(timeout),
                format!("{} s are accepted", limit.seconds),
                "configuration.timeout",
            )
        };
        let decided = item.timeout.clone().map(|timeout| (limit.seconds < timeout).then(|| finding(timeout)));
        Outcome::judged().and(&TOO_LONG, decided)
    }
}

pub(crate) trait Watcher: Send + Sync + 'static {
    const TYPE: &'static str;
}

pub(crate) struct ByAlarm;
impl Watcher for ByAlarm {
    const TYPE: &'static str = "AWS::CloudWatch::Alarm";
}

pub(crate) struct ByIntegration;
impl Watcher for ByIntegration {
    const TYPE: &'static str = "AWS::ApiGatewayV2::Integration";
}

pub(crate) struct ByLogGroup;
impl Watcher for ByLogGroup {
    const TYPE: &'static str = "AWS::Logs::LogGroup";
}

pub(crate) struct IsWatched<W>(std::marker::PhantomData<W>);

impl<W: Watcher> Rule for IsWatched<W> {
    const META: RuleMeta = RuleMeta {
        name: "has-alarm",
        practice: 7,
        title: "watch functions",
        checks_that: "an alarm watches each function",
        subjects: &[FUNCTION],
        triggers: &[Trigger::Change, Trigger::Periodic],
        checks: &[&NO_ALARM],
        actions: config_lambda::FIND_ACTIONS,
    };

    type Subject = Item;
    type Parameters = ();
    type Facts = Known<Documents>;

    async fn gather(item: &Item, (): &(), inventory: &dyn Inventory) -> Result<Self::Facts, InventoryError> {
        inventory.find(W::TYPE, Selector::ReferringTo(&item.resource_id)).await
    }

    fn evaluate(_: &Item, (): &(), alarms: &Self::Facts, _: Date) -> Outcome {
        let finding = || Finding::new(&NO_ALARM, "no alarm", "one is expected", "alarms");
        Outcome::judged().and(&NO_ALARM, alarms.get().map(|alarms| alarms.is_empty().then(finding)))
    }
}

pub(crate) struct ByCrown;
impl Watcher for ByCrown {
    const TYPE: &'static str = "Example::Crown";
}

pub(crate) trait Pair: Send + Sync + 'static {
    const TYPES: [&'static str; 2];
}

pub(crate) struct TopicAndQueue;
impl Pair for TopicAndQueue {
    const TYPES: [&'static str; 2] = ["AWS::SNS::Topic", "AWS::SQS::Queue"];
}

pub(crate) struct CrownAndOrb;
impl Pair for CrownAndOrb {
    const TYPES: [&'static str; 2] = ["Example::Crown", "Example::Orb"];
}

pub(crate) struct IsBetween<P>(std::marker::PhantomData<P>);

impl<P: Pair> Rule for IsBetween<P> {
    const META: RuleMeta = RuleMeta {
        name: "is-between",
        practice: 7,
        title: "stand between two things",
        checks_that: "one of each kind refers to a function",
        subjects: &[FUNCTION],
        triggers: &[Trigger::Change],
        checks: &[&NO_ALARM],
        actions: &[],
    };

    type Subject = Item;
    type Parameters = ();
    type Facts = [Known<Documents>; 2];

    async fn gather(item: &Item, (): &(), inventory: &dyn Inventory) -> Result<Self::Facts, InventoryError> {
        inventory.find_each(P::TYPES.map(|kind| (kind, Selector::ReferringTo(&item.resource_id)))).await
    }

    fn evaluate(_: &Item, (): &(), [one, other]: &Self::Facts, _: Date) -> Outcome {
        let finding = || Finding::new(&NO_ALARM, "one is missing", "both are expected", "alarms");
        let both = one.get().and_then(|one| Ok((one, other.get()?)));
        let lacks = both.map(|(one, other)| one.is_empty() || other.is_empty());
        Outcome::judged().and(&NO_ALARM, lacks.map(|lacks| lacks.then(finding)))
    }
}

/// Asks for all alarms, whichever function it judges.
pub(crate) struct Related;

impl Rule for Related {
    const META: RuleMeta = RuleMeta {
        name: "has-any-alarm",
        practice: 7,
        title: "watch functions",
        checks_that: "there are alarms",
        subjects: &[FUNCTION, "AWS::IAM::Role"],
        triggers: &[
            Trigger::Change,
            Trigger::Related("AWS::CloudWatch::Alarm"),
            Trigger::Related("AWS::IAM::Role"),
        ],
        checks: &[&NO_ALARM],
        actions: &[],
    };

    type Subject = Item;
    type Parameters = ();
    type Facts = Known<Documents>;

    fn concerned(related: &Document) -> Vec<(&'static str, Selector<'_>)> {
        let dimensions = related.properties().list("configuration.dimensions");
        let watched = dimensions.get().cloned().unwrap_or_default();
        let names = watched.iter().filter_map(|dimension| dimension.text("value").get().copied().ok());
        names.map(|name| (FUNCTION, Selector::Named(name))).collect()
    }

    async fn gather(_: &Item, (): &(), inventory: &dyn Inventory) -> Result<Self::Facts, InventoryError> {
        inventory.find("AWS::CloudWatch::Alarm", Selector::All).await
    }

    fn evaluate(_: &Item, (): &(), alarms: &Self::Facts, _: Date) -> Outcome {
        let finding = || Finding::new(&NO_ALARM, "no alarm", "one is expected", "alarms");
        Outcome::judged().and(&NO_ALARM, alarms.get().map(|alarms| alarms.is_empty().then(finding)))
    }
}
