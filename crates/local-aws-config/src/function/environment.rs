//! The environment variables of a function.
//!
//! Source: AWS Lambda Developer Guide, "Defined runtime environment variables".

use std::path::Path;

use super::FunctionSettings;
use crate::protocol::access_key_id;

/// Every variable that the process gets; it inherits none.
pub(super) fn variables(
    settings: &FunctionSettings,
    task_root: &Path,
    runtime_api: &str,
) -> Vec<(&'static str, String)> {
    let region = &settings.scope.region;
    let text = ToOwned::to_owned;
    vec![
        ("AWS_LAMBDA_RUNTIME_API", text(runtime_api)),
        ("AWS_LAMBDA_FUNCTION_NAME", settings.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", text("$LATEST")),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", text("128")),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", text("on-demand")),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", settings.name)),
        ("AWS_LAMBDA_LOG_STREAM_NAME", text("local")),
        ("AWS_LAMBDA_LOG_FORMAT", text("JSON")),
        ("AWS_LAMBDA_LOG_LEVEL", settings.log_level.clone()),
        ("LAMBDA_TASK_ROOT", task_root.display().to_string()),
        ("LAMBDA_RUNTIME_DIR", text("/var/runtime")),
        ("_HANDLER", text("bootstrap")),
        ("AWS_REGION", region.clone()),
        ("AWS_DEFAULT_REGION", region.clone()),
        ("AWS_ACCESS_KEY_ID", access_key_id(&settings.scope)),
        // Nothing checks signatures here, but the SDK makes none without these.
        ("AWS_SECRET_ACCESS_KEY", text("local")),
        ("AWS_SESSION_TOKEN", text("local")),
        ("AWS_ENDPOINT_URL", settings.endpoint.clone()),
        ("TZ", text(":UTC")),
        ("LANG", text("en_US.UTF-8")),
        ("PATH", text("/usr/local/bin:/usr/bin:/bin")),
    ]
}
