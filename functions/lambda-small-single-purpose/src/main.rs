//! Lambda entry point of `lambda-small-single-purpose`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    config_lambda::serve::<lambda_small_single_purpose::LambdaSmallSinglePurpose>().await
}
