//! The log: one JSON object per line.

use std::fmt::{self, Debug, Write};

use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields, MakeWriter};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Scope};
use tracing_subscriber::util::SubscriberInitExt;

/// The field that holds JSON and is written as it stands; everything else is escaped.
const JSON_FIELD: &str = "evaluation";

/// Starts logging to standard output, with the level that the environment asks for. A second start does nothing.
pub(crate) fn start() {
    let level = level(|name| std::env::var(name).ok());
    // It fails only if there is a log already.
    let _ = subscriber(level, std::io::stdout).try_init();
}

/// `AWS_LAMBDA_LOG_LEVEL` is what Lambda's log level setting arrives as.
fn level(variable: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let given = variable("AWS_LAMBDA_LOG_LEVEL").or_else(|| variable("RUST_LOG")).unwrap_or_default();
    match given.trim() {
        "" => LevelFilter::INFO,
        fatal if fatal.eq_ignore_ascii_case("fatal") => LevelFilter::ERROR,
        other => other.parse().unwrap_or(LevelFilter::INFO),
    }
}

fn subscriber<W>(level: LevelFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer()
        .fmt_fields(JsonFields::new())
        .event_format(JsonLines)
        .with_writer(writer)
        .with_filter(filter_fn(move |metadata| is_logged(metadata, level)));
    tracing_subscriber::registry().with(lines)
}

/// Spans carry the request id and are kept whatever the level. Of the libraries only warnings are kept: below that
/// they log requests with everything in them.
fn is_logged(metadata: &Metadata<'_>, level: LevelFilter) -> bool {
    let is_ours = metadata.target().starts_with(env!("CARGO_CRATE_NAME"));
    if metadata.is_span() {
        return *metadata.level() <= Level::INFO;
    }
    // The runtime repeats the error of a failed invocation, which is logged with its type.
    let repeats = metadata.target() == "lambda_runtime::layers::panic";
    *metadata.level() <= level && (is_ours || *metadata.level() <= Level::WARN) && !repeats
}

/// `{"timestamp","level","message", …the span's fields, …the event's fields}`.
struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);

        let mut line = Line::default();
        line.member("timestamp", &format!("{:.3}", jiff::Timestamp::now()))?;
        line.member("level", event.metadata().level().as_str())?;
        line.member("message", &fields.message)?;
        for span in context.event_scope().into_iter().flat_map(Scope::from_root) {
            if let Some(recorded) = span.extensions().get::<FormattedFields<N>>() {
                let members: Map<String, Value> = serde_json::from_str(&recorded.fields).unwrap_or_default();
                for (name, value) in &members {
                    line.member(name, value)?;
                }
            }
        }
        for (name, json) in &fields.others {
            line.json(name, json)?;
        }
        writeln!(writer, "{{{}}}", line.0)
    }
}

/// The members of a JSON object, written one after the other in the order in which people look for them.
#[derive(Default)]
struct Line(String);

impl Line {
    fn member(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> fmt::Result {
        self.json(name, &serde_json::to_string(value).map_err(|_| fmt::Error)?)
    }

    fn json(&mut self, name: &str, json: &str) -> fmt::Result {
        let separator = if self.0.is_empty() { "" } else { "," };
        write!(self.0, "{separator}{}:{json}", Value::from(name))
    }
}

/// The fields of an event, each as JSON text.
#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, String)>,
}

impl Fields {
    fn push(&mut self, field: &Field, value: impl Into<Value>) {
        self.others.push((field.name(), value.into().to_string()));
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        match field.name() {
            "message" => self.message = text,
            JSON_FIELD if is_json(&text) => self.others.push((JSON_FIELD, text)),
            _ => self.push(field, text),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" { value.clone_into(&mut self.message) } else { self.push(field, value) }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use config_rule::{Check, Document, Finding, Severity, Timestamp, Verdict};

    use super::*;
    use crate::evaluation::Evaluation;

    const TOO_LARGE: Check =
        Check { id: "too-large", severity: Severity::High, title: "too large", remedy: "make it smaller" };

    #[test]
    fn a_line_is_one_object_with_the_evaluation_as_json_in_it() {
        let id = "a \"quoted\"\nid";
        let document = Document::without_configuration("AWS::SQS::Queue", id, "111122223333", "eu-west-1");
        let verdict = Verdict {
            findings: vec![Finding::new(&TOO_LARGE, "7 \\ 8", "5", "configuration.size")],
            ..Verdict::non_compliant("too-large: 7 \\ 8, 5")
        };
        let lines = logged(LevelFilter::INFO, || {
            tracing::info_span!("Lambda runtime invoke", requestId = "7e", xrayTraceId = "Root=1").in_scope(
                || {
                    let duration = Duration::from_micros(250);
                    Evaluation::logged("small-queues", &document, verdict, Timestamp::UNIX_EPOCH, duration);
                },
            );
        });
        assert_eq!(lines.len(), 1);
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(line["evaluation"]["findings"][0]["check"], "too-large");
        assert_eq!(line["evaluation"]["findings"][0]["seen"], "7 \\ 8");
        assert_eq!(line["evaluation"]["resourceId"], id);
        assert_eq!(line["evaluation"]["compliance"], "NON_COMPLIANT");
        assert_eq!(line["message"], "evaluated");
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["requestId"], "7e");
        assert_eq!(line["durationMs"], 0.25);
        assert!(lines[0].starts_with("{\"timestamp\":\"2"), "{}", lines[0]);
    }

    #[test]
    fn the_request_id_stays_when_only_errors_are_logged() {
        let lines = logged(LevelFilter::ERROR, || {
            tracing::info_span!("Lambda runtime invoke", requestId = "7e").in_scope(|| {
                tracing::warn!("not this one");
                tracing::error!(errorType = "ReportRejected", retry = false, "a \\ b");
            });
        });
        assert_eq!(lines.len(), 1);
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(line["requestId"], "7e");
        assert_eq!(line["errorType"], "ReportRejected");
        assert_eq!(line["retry"], false);
        assert_eq!(line["message"], "a \\ b");
    }

    #[test]
    fn libraries_log_warnings_only_because_they_log_whole_requests_below() {
        let lines = logged(LevelFilter::TRACE, || {
            tracing::debug!(target: "aws_smithy_runtime::client", "a request with its token");
            tracing::info!(target: "hyper::client", "a request with its token");
            tracing::warn!(target: "rustls_native_certs", "no roots");
            tracing::debug!("ours");
        });
        let messages: Vec<_> = lines
            .iter()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["message"].clone())
            .collect();
        assert_eq!(messages, ["no roots", "ours"]);
    }

    #[test]
    fn the_failure_that_was_logged_with_its_type_is_not_repeated() {
        let lines = logged(LevelFilter::INFO, || {
            tracing::error!(target: "lambda_runtime::layers::panic", "InvalidParameters: …");
        });
        assert_eq!(lines, Vec::<String>::new());
    }

    #[test]
    fn the_level_is_lambda_s_then_rust_s_then_info() {
        let of = |lambda: Option<&str>, rust: Option<&str>| {
            level(|name| if name == "RUST_LOG" { rust } else { lambda }.map(ToOwned::to_owned))
        };
        assert_eq!(of(Some("ERROR"), Some("debug")), LevelFilter::ERROR);
        assert_eq!(of(Some("FATAL"), None), LevelFilter::ERROR);
        assert_eq!(of(None, Some("debug")), LevelFilter::DEBUG);
        assert_eq!(of(None, None), LevelFilter::INFO);
        assert_eq!(of(Some("chatty"), None), LevelFilter::INFO);
        assert_eq!(of(None, Some("my_crate=debug,info")), LevelFilter::INFO);
        assert_eq!(of(Some(""), None), LevelFilter::INFO);
    }

    fn logged(level: LevelFilter, log: impl FnOnce()) -> Vec<String> {
        let written = Arc::new(Mutex::new(Vec::new()));
        let writer = Captured(Arc::clone(&written));
        tracing::subscriber::with_default(subscriber(level, move || writer.clone()), log);
        let written = written.lock().unwrap();
        String::from_utf8_lossy(&written).lines().map(ToOwned::to_owned).collect()
    }

    #[derive(Clone)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
}
