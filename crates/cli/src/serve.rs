//! Stays up for the AWS CLI and SDKs.

use anyhow::Context;
use local_aws_config::items::{DEFAULT_REGION, Scope};

use crate::arguments::ServeArguments;
use crate::input;
use crate::page::{Page, print};
use crate::plan;
use crate::report::text;
use crate::run::{evaluated, runtime, started};

/// Judges once, prints the results and how to ask for them, and answers until it is interrupted.
pub(crate) fn serve(arguments: &ServeArguments, page: Page) -> anyhow::Result<()> {
    let pack = plan::pack(&arguments.input)?;
    crate::note_skipped(&pack);
    let mut input = input::read(&arguments.input, &|_| true)?;
    let scopes = input.items.scopes();
    runtime()?.block_on(async {
        let config = started(pack, &mut input, &arguments.functions, arguments.listen).await?;
        let mut results = evaluated(&config, &arguments.functions).await;
        results.sort();
        print(&text::text(&results, input.problems, page))?;
        let rule = config.deployed_rules().next().map(|(_, _, full_name)| full_name.to_owned());
        print(&invitation(&config.endpoint(), &scopes, rule.as_deref()))?;
        interrupted().await?;
        config.shutdown().await;
        Ok(())
    })
}

/// How to ask, ready to paste.
fn invitation(endpoint: &str, scopes: &[Scope], rule: Option<&str>) -> String {
    let region = scopes.first().map_or(DEFAULT_REGION, |scope| scope.region.as_str());
    let places: Vec<_> =
        scopes.iter().map(|scope| format!("{} {}", scope.account_id, scope.region)).collect();
    let aws = format!("aws --endpoint-url {endpoint} --region {region} configservice");
    // Where the pack is deployed, every rule has a longer name than in the pack.
    let details = rule.map(|rule| {
        format!("\x20 {aws} get-compliance-details-by-config-rule --config-rule-name \\\n\x20   {rule}\n")
    });
    let details = details.unwrap_or_default();
    // Any credentials will do, but the AWS CLI sends nothing without some.
    format!(
        "\nAWS Config answers at {endpoint} for {}, until Ctrl-C. From another terminal:\n\n\
         \x20 export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local\n\
         \x20 {aws} describe-compliance-by-config-rule\n\
         {details}",
        if places.is_empty() { "no account".to_owned() } else { places.join(", ") },
    )
}

/// Waits for Ctrl-C or, where there are such signals, for SIGTERM, with which service managers end a program.
async fn interrupted() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate()).context("cannot wait for signals")?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result.context("cannot wait for signals"),
            _ = terminated.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.context("cannot wait for signals")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_invitation_names_the_endpoint_and_a_region_that_has_items() {
        let scope = |region: &str| Scope { account_id: "111122223333".to_owned(), region: region.to_owned() };
        let rule = "lambda-monitored-conformance-pack-jx9t9rfy5";
        let text = invitation("http://127.0.0.1:4580", &[scope("eu-west-1"), scope("us-east-1")], Some(rule));
        assert!(text.contains("for 111122223333 eu-west-1, 111122223333 us-east-1, until Ctrl-C"), "{text}");
        assert!(
            text.contains("aws --endpoint-url http://127.0.0.1:4580 --region eu-west-1 configservice get-"),
            "{text}"
        );
        assert!(text.ends_with(&format!("    {rule}\n")), "{text}");
    }
}
