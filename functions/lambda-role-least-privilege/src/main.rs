//! Lambda entry point of `lambda-role-least-privilege`.

use config_lambda::Evidence;
use iam_evidence::IamEvidence;
use lambda_role_least_privilege::LambdaRoleLeastPrivilege;

/// Lives as long as the process, and with it the policy documents that it remembers.
static IAM: IamEvidence = IamEvidence::new();
static EVIDENCE: [&dyn Evidence; 1] = [&IAM];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    config_lambda::serve_with::<LambdaRoleLeastPrivilege>(&EVIDENCE).await
}
