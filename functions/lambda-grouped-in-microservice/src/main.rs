//! Lambda entry point of `lambda-grouped-in-microservice`.

use config_lambda::Evidence;
use iam_evidence::IamEvidence;

/// It remembers policy documents as long as the process lives.
static IAM: IamEvidence = IamEvidence::new();
static EVIDENCE: [&dyn Evidence; 1] = [&IAM];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    config_lambda::serve_with::<lambda_grouped_in_microservice::LambdaGroupedInMicroservice>(&EVIDENCE).await
}
