use crate::function::Layer;

/// How the names of the layers begin with which monitoring services instrument functions, and whose they are.
///
/// Names are what a copy of a layer in one's own account or in another partition has in common with the original;
/// account ids are not. Sources: the installation guides and release pages of each service, as of 2026-11.
const LAYER_NAMES: &[(&str, &str)] = &[
    // Amazon CloudWatch User Guide, "Available versions of the Lambda Insights extension".
    ("LambdaInsightsExtension", "CloudWatch Lambda Insights"),
    // aws-otel.github.io, "Getting Started with AWS Lambda"; releases of aws-observability/aws-otel-*-instrumentation.
    ("aws-otel-", "AWS Distro for OpenTelemetry"),
    ("AWSOpenTelemetryDistro", "AWS Distro for OpenTelemetry"),
    // Releases of open-telemetry/opentelemetry-lambda.
    ("opentelemetry-", "OpenTelemetry"),
    // help.splunk.com, "AppDynamics AWS Lambda Extension"; "Instrument serverless functions".
    ("appdynamics-", "AppDynamics"),
    ("splunk-apm", "Splunk"),
    ("splunk-lambda", "Splunk"),
    // coralogix.com/docs, "AWS Lambda telemetry exporter".
    ("coralogix-", "Coralogix"),
    // Releases of DataDog/datadog-lambda-extension and its language layers.
    ("Datadog-", "Datadog"),
    ("dd-trace-", "Datadog"),
    // docs.dynatrace.com, "Trace Lambda functions".
    ("Dynatrace_OneAgent", "Dynatrace"),
    // Releases of elastic/apm-aws-lambda and elastic/apm-agent-*.
    ("elastic-apm-", "Elastic"),
    ("epsagon-", "Epsagon"),
    // docs.honeycomb.io, "AWS Lambda".
    ("honeycomb-lambda-extension", "Honeycomb"),
    // ibm.com/docs/instana-observability, "Instana Lambda layers".
    ("instana-", "Instana"),
    // docs.logz.io, "Lambda extensions".
    ("LogzioLambdaExtension", "Logz.io"),
    ("logzio-", "Logz.io"),
    // docs.lumigo.io, "Lambda layers".
    ("lumigo-", "Lumigo"),
    // layers.newrelic-external.com.
    ("NewRelic", "New Relic"),
    // getsentry/sentry-release-registry, `aws-lambda-layers`.
    ("SentryNodeServerlessSDK", "Sentry"),
    ("SentryPythonServerlessSDK", "Sentry"),
    // Releases of solarwinds/apm-*.
    ("solarwinds-apm", "SolarWinds"),
    // help.sumologic.com, "Sumo Logic Distribution for OpenTelemetry Lambda".
    ("sumologic-", "Sumo Logic"),
    // apm.docs.thundra.io; Thundra became Catchpoint Tracing.
    ("thundra-", "Catchpoint Tracing"),
];

/// The monitoring service whose layer this is, if its name is one that such a service publishes. Some of them only collect
/// and send elsewhere: whether anybody is told is for the caller to say.
///
/// `None` for a layer without a readable ARN, too: an unknown layer is not a monitoring layer.
#[must_use]
pub fn observability_vendor(layer: &Layer) -> Option<&'static str> {
    let name = layer.name();
    let name = name.get().ok().copied().flatten()?;
    let starts_name = |prefix: &str| {
        name.get(..prefix.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(prefix))
    };
    LAYER_NAMES.iter().find(|(prefix, _)| starts_name(prefix)).map(|(_, vendor)| *vendor)
}

#[cfg(test)]
mod tests {
    use config_rule::{Known, Missing};

    use super::*;
    use crate::units::Bytes;

    #[test]
    fn published_layers_are_known_in_every_partition() {
        for (arn, vendor) in [
            ("arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension-ARM:65", "Datadog"),
            ("arn:aws-us-gov:lambda:us-gov-west-1:002406178527:layer:Datadog-Python312:95", "Datadog"),
            ("arn:aws:lambda:eu-west-1:451483290750:layer:NewRelicNodeJS20XARM64:95", "New Relic"),
            (
                "arn:aws:lambda:us-east-1:580247275435:layer:LambdaInsightsExtension:35",
                "CloudWatch Lambda Insights",
            ),
            ("arn:aws:lambda:us-west-2:114300393969:layer:lumigo-node-tracer:312", "Lumigo"),
            (
                "arn:aws:lambda:eu-west-1:725887861453:layer:Dynatrace_OneAgent_1_303_2_20241004-043401_python:1",
                "Dynatrace",
            ),
            (
                "arn:aws-cn:lambda:cn-north-1:111122223333:layer:aws-otel-nodejs-amd64-ver-1-18-1:4",
                "AWS Distro for OpenTelemetry",
            ),
            ("arn:aws:lambda:eu-west-1:184161586896:layer:opentelemetry-nodejs-0_12_0:1", "OpenTelemetry"),
        ] {
            assert_eq!(observability_vendor(&layer(arn)), Some(vendor), "{arn}");
        }
    }

    #[test]
    fn other_layers_are_not() {
        for arn in [
            "arn:aws:lambda:us-east-1:027255383542:layer:AWS-AppConfig-Extension:82",
            "arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertoolsPythonV2:32",
            "arn:aws:lambda:us-east-1:111122223333:layer:my-Datadog-helpers:1",
            "arn:aws:lambda:us-east-1:111122223333:layer:é:1",
            "shared",
        ] {
            assert_eq!(observability_vendor(&layer(arn)), None, "{arn}");
        }
    }

    #[test]
    fn a_layer_without_arn_is_no_monitoring_layer() {
        let missing = Missing::Absent { path: "configuration.layers[0].arn".to_owned() };
        let layer = Layer { arn: Known::Unknown(missing), code_size: Known::Value(Bytes(1)) };
        assert_eq!(observability_vendor(&layer), None);
    }

    fn layer(arn: &str) -> Layer {
        Layer { arn: Known::Value(arn.to_owned()), code_size: Known::Value(Bytes(1)) }
    }
}
