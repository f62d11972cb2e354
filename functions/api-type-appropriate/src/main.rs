//! Lambda entry point of `api-type-appropriate`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    config_lambda::serve::<api_type_appropriate::ApiTypeAppropriate>().await
}
