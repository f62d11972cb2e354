//! Lambda entry point of `lambda-monitored`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    config_lambda::serve::<lambda_monitored::LambdaMonitored>().await
}
