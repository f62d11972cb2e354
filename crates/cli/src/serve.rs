//! Stays up for the AWS CLI and SDKs.

use config_rule::Kept;
use local_aws_config::LocalAwsConfig;
use local_aws_config::items::{DEFAULT_REGION, Scope};

use crate::arguments::ServeArguments;
use crate::input;
use crate::page::{Page, note, print};
use crate::plan;
use crate::report::{Results, text};
use crate::run::{collected, evaluated, runtime, started};
use crate::signals::Signals;

/// Judges once, prints the results and how to ask for them, and answers until it is told to stop.
pub(crate) fn serve(arguments: &ServeArguments, page: Page) -> anyhow::Result<()> {
    let packs = if arguments.no_pack { Vec::new() } else { vec![plan::pack(&arguments.input)?] };
    packs.iter().for_each(crate::note_skipped);
    let mut input = input::read(&arguments.input, &|_| Some(&Kept::Whole))?;
    let scopes = input.items.scopes();
    runtime()?.block_on(async {
        let mut signals = Signals::listen()?;
        let config = started(packs, &mut input, &arguments.functions, arguments.listen).await?;
        let results = match evaluated(&config, &arguments.functions, &mut signals).await {
            Ok(results) => results,
            Err(error) => {
                config.shutdown().await;
                return Err(error);
            }
        };
        let results = shown(results, input.problems, page)?;
        let rule = config.deployed_rules().into_iter().next().map(|(_, _, full_name)| full_name);
        print(&invitation(&config.endpoint(), &scopes, rule.as_deref()))?;
        let signal = signals.next().await?;
        note(&format!(
            "{signal}: stopping when everything that was asked for is done; again to stop at once"
        ));
        let at_the_end = tokio::select! {
            results = last_results(&config) => Some(results),
            _ = signals.next() => None,
        };
        config.shutdown().await;
        match at_the_end {
            // Clients may have had something judged anew, or have reported on it themselves.
            Some(at_the_end) if at_the_end != results => {
                print("\nResults have changed since:\n\n")?;
                shown(at_the_end, input.problems, page)?;
            }
            Some(_) => note("stopped; the results are as above"),
            None => note("stopped before everything was done"),
        }
        Ok(())
    })
}

/// What the rules say when every evaluation that was asked for is done.
async fn last_results(config: &LocalAwsConfig) -> Results {
    config.settle().await;
    let mut results = collected(config);
    results.sort();
    results
}

/// Prints the results, sorted.
fn shown(mut results: Results, problems: usize, page: Page) -> anyhow::Result<Results> {
    results.sort();
    print(&text::text(&results, problems, page))?;
    Ok(results)
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
