//! Lambda entry point of `stack-per-resource-type`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    config_lambda::serve::<stack_per_resource_type::StackPerResourceType>().await
}
