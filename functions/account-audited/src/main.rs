//! Lambda entry point of `account-audited`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    config_lambda::serve_with::<account_audited::AccountAudited>(&[&audit_evidence::AuditEvidence]).await
}
