//! Lambda entry point of `lambda-dependencies-audited`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    config_lambda::serve_with::<lambda_dependencies_audited::LambdaDependenciesAudited>(&[
        &inspector_evidence::InspectorEvidence,
    ])
    .await
}
