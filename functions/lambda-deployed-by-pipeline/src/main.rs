//! Lambda entry point of `lambda-deployed-by-pipeline`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    config_lambda::serve::<lambda_deployed_by_pipeline::LambdaDeployedByPipeline>().await
}
