//! The conformance pack as a user deploys it: to an account, and to an organization.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

use catalog::RULES;
use serde_json::{Value, json};

use crate::moto::{ACCOUNT, Aws, REGION, outcome, real_functions};
use crate::workspace::{python_tool, root, text};

const ROLLOUT: &str = "conformance-pack/org-rollout.yaml";

#[test]
fn the_pack_is_deployed_updated_and_its_results_can_be_read() {
    let aws = account(&[]);
    let mut make = Command::new("make");
    aws.environment(&mut make);
    let (status, said) = outcome(make.args([
        "--no-print-directory",
        "deploy-pack",
        "PARAMETERS=FailOn=high AccountAuditedMinimumPackCoverage=90",
    ]));
    assert_eq!(status, 0, "{said}");
    for expected in ["FailOn: `medium` becomes `high`", "CREATE_COMPLETE", "Deployed."] {
        assert!(said.contains(expected), "no `{expected}` in {said}");
    }
    let rules = aws.asked(REGION, "describe_config_rules", &json!({}));
    assert_eq!(rules["ConfigRules"].as_array().unwrap().len(), RULES.len());
    let pack = json!({"ConformancePackName": "serverless-best-practices"});
    let is_judged = (0..50).any(|_| {
        let results = aws.asked(REGION, "get_conformance_pack_compliance_details", &pack);
        let results = results["ConformancePackRuleEvaluationResults"].as_array().unwrap().clone();
        results.iter().any(|result| result.to_string().contains("lambda-small-single-purpose"))
    });
    assert!(is_judged, "the deployed rules report nothing");

    // Without the parameter it has its default again, which is told.
    let (status, said) = outcome(&mut aws.program("pack.py"));
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("It is there already and is updated."), "{said}");
    assert!(said.contains("FailOn: `high` becomes `medium`"), "{said}");
}

#[test]
fn elsewhere_than_in_the_home_region_roles_are_not_judged() {
    let aws = account(&[]);
    for (home, expected) in [("us-east-1", "false"), (REGION, "true")] {
        let (status, said) = outcome(aws.program("pack.py").args(["--home-region", home]));
        assert_eq!(status, 0, "{said}");
        let packs = aws.asked(REGION, "describe_conformance_packs", &json!({}));
        let given = &packs["ConformancePackDetails"][0]["ConformancePackInputParameters"];
        assert_eq!(parameter(given, "EvaluateIamRoles"), expected);
        let rules = aws.asked(REGION, "describe_config_rules", &json!({}));
        let rules = rules["ConfigRules"].as_array().unwrap();
        let is_ours = |rule: &&Value| {
            rule["ConfigRuleName"].as_str().unwrap().starts_with("lambda-role-least-privilege-")
        };
        let scope = rules.iter().find(is_ours).unwrap()["Scope"].to_string();
        assert_eq!(scope.contains("AWS::IAM::Role"), expected == "true", "{scope}");
    }
}

#[test]
fn a_pack_that_fails_says_which_rule_and_what_to_do() {
    let functions = tempfile::tempdir().unwrap();
    let rule = "lambda-monitored";
    std::os::unix::fs::symlink(real_functions().join(rule), functions.path().join(rule)).unwrap();
    let aws = Aws::started().with_config(&[snapshot(&[ACCOUNT], &[REGION])], functions.path());
    export_functions(&aws);
    let (status, said) = outcome(&mut aws.program("pack.py"));
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("CREATE_FAILED"), "{said}");
    assert!(said.contains("No export named serverless-conformance:account-audited found."), "{said}");
    assert!(said.contains("To do: make deploy in this Region"), "{said}");
}

#[test]
fn a_parameter_without_a_default_must_be_given() {
    let aws = account(&[]);
    let pack = aws.folder().join("pack.yaml");
    let ours = text("conformance-pack/serverless-best-practices.yaml");
    assert!(ours.contains("    Default: medium\n"));
    std::fs::write(&pack, ours.replacen("    Default: medium\n", "", 1)).unwrap();
    let (status, said) = outcome(aws.program("pack.py").arg("--template").arg(&pack));
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("expected a value for `FailOn`, which has no default"), "{said}");
    let given = ["--parameters", "FailOn=low"];
    let (status, said) = outcome(aws.program("pack.py").arg("--template").arg(&pack).args(given));
    assert_eq!(status, 0, "{said}");
}

#[test]
fn a_large_pack_goes_by_way_of_a_bucket() {
    let aws = account(&[]);
    let large = aws.folder().join("large.yaml");
    let padding = "# …\n".repeat(10_000);
    std::fs::write(&large, text("conformance-pack/serverless-best-practices.yaml") + &padding).unwrap();
    let deploy = |more: &[&str]| {
        let mut command = aws.program("pack.py");
        outcome(command.arg("--template").arg(&large).args(["--name", "large"]).args(more))
    };
    let (status, said) = deploy(&[]);
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("found: 8") && said.contains("bytes and no bucket"), "{said}");
    assert!(said.contains("BUCKET=<name>"), "{said}");
    let (status, said) = deploy(&["--bucket", "templates"]);
    assert_eq!(status, 2, "there is no such bucket: {said}");
    aws.prepared(["bucket", "templates"]);
    let (status, said) = deploy(&["--bucket", "templates"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("s3://templates/serverless-conformance/large-"), "{said}");
}

#[test]
fn nothing_is_changed_where_something_is_missing() {
    let running = account(&[]);
    let stopped = json!({"ConfigurationRecordersStatus": [{
        "arn": format!("arn:aws:config:{REGION}:{ACCOUNT}:configuration-recorder/default/0123456789abcdef"),
        "name": "default", "recording": false, "lastStatus": "Success",
    }]});
    let stopped = account(&[stopped]);
    let unrecorded = account(&[json!({"ConfigurationRecorders": []})]);
    let without_functions = Aws::started().with_config(&[snapshot(&[ACCOUNT], &[REGION])], real_functions());
    let expired = refusing("ExpiredToken");

    let cases: [(&str, &Aws, Change, &str); 9] = [
        (
            "no credentials",
            &running,
            &|pack| without_credentials(pack),
            "found: none\n  to do: aws sso login",
        ),
        (
            "expired credentials",
            &running,
            &|pack| {
                pack.env("AWS_ENDPOINT_URL_STS", &expired);
            },
            "expired ones (ExpiredToken)",
        ),
        (
            "no Region",
            &running,
            &|pack| {
                pack.env_remove("AWS_REGION");
            },
            "export AWS_REGION=<Region>",
        ),
        (
            "no such Region",
            &running,
            &|pack| {
                pack.args(["--region", "eu-wst-1"]);
            },
            "did you mean `eu-west-1`",
        ),
        ("no recorder", &unrecorded, &|_| {}, "found: no configuration recorder"),
        (
            "a stopped recorder",
            &stopped,
            &|_| {},
            "aws configservice start-configuration-recorder --configuration-recorder-name default",
        ),
        ("no functions", &without_functions, &|_| {}, "found: 0 of 9; without serverless-conformance:"),
        (
            "an unknown parameter",
            &running,
            &|pack| {
                pack.args(["--parameters", "MaxTimeoutSeconds=5"]);
            },
            "did you mean `LambdaSmallSinglePurposeMaxTimeoutSeconds`?",
        ),
        (
            "a value that is not allowed",
            &running,
            &|pack| {
                pack.args(["--parameters", "EvaluateIamRoles=maybe"]);
            },
            "expected `EvaluateIamRoles` to be one of `true`, `false`",
        ),
    ];
    for (what, aws, change, expected) in cases {
        let mut pack = aws.program("pack.py");
        change(&mut pack);
        let (status, said) = outcome(&mut pack);
        assert_eq!(status, 2, "{what}: {said}");
        assert!(said.contains(expected), "{what}: no `{expected}` in {said}");
        assert!(said.ends_with("Nothing was changed.\n"), "{what}: {said}");
        let packs = aws.asked(REGION, "describe_conformance_packs", &json!({}));
        assert_eq!(packs["ConformancePackDetails"], json!([]), "{what}");
    }
}

#[test]
fn an_organization_gets_functions_and_pack_and_hears_of_each_account_that_failed() {
    let aws = Aws::started();
    let organization = aws.prepared(["organization"]);
    let unit = organization["unit"].as_str().unwrap();
    let account = |name: &str| organization["accounts"][name].as_str().unwrap();
    let regions = [REGION, "us-east-1"];
    let recorded = snapshot(&[account("orders"), account("billing")], &regions);
    let aws = aws.with_config(&[recorded, json!({"Accounts": organization["listed"]})], real_functions());
    let functions = aws.built_functions();
    let deploy = |more: &[&str]| {
        let mut command = aws.program("organization.py");
        command.args([
            "deploy",
            "--units",
            unit,
            "--regions",
            "us-east-1,eu-west-1",
            "--poll-seconds",
            "0.5",
        ]);
        command.args(["--home-region", REGION, "--parameters", "FailOn=high"]);
        outcome(command.arg("--functions").arg(&functions).args(more))
    };

    let (status, said) = deploy(&[]);
    assert_eq!(status, 1, "{said}");
    // The emulator gives each of three accounts its functions in both Regions.
    assert!(said.contains("Functions: 6 of 6 stack instances are current."), "{said}");
    for region in regions {
        assert!(said.contains(&format!("Pack, {region}: deployed in 2 of 3 accounts.")), "{said}");
    }
    let failed = format!("{}: CREATE_FAILED. NoAvailableConfigurationRecorder", account("newcomer"));
    assert!(said.contains(&failed), "{said}");
    assert!(said.contains("To do: set AWS Config up in that account and Region"), "{said}");
    for outside in [ACCOUNT, account("sandbox")] {
        let excluded = said.lines().find(|line| line.contains("Without the pack:")).unwrap();
        assert!(excluded.contains(outside), "{outside} gets no functions: {excluded}");
    }

    let (status, again) = outcome(aws.program("organization.py").arg("status"));
    assert_eq!(status, 1, "{again}");
    assert!(again.contains(&failed), "{again}");

    let (status, said) = deploy(&["--excluded-accounts", account("newcomer")]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(said.matches("  0 of 11 objects are new").count(), 2, "packages are not reproducible: {said}");
    for (region, is_home) in [(REGION, "true"), ("us-east-1", "false")] {
        let packs = aws.asked(region, "describe_organization_conformance_packs", &json!({}));
        let pack = &packs["OrganizationConformancePacks"][0];
        assert_eq!(parameter(&pack["ConformancePackInputParameters"], "EvaluateIamRoles"), is_home, "{pack}");
        let excluded = pack["ExcludedAccounts"].as_array().unwrap();
        assert!(excluded.contains(&json!(account("newcomer"))), "{pack}");
    }

    // What the schedule puts is what AWS Config takes.
    let (status, said) = outcome(aws.program("organization.py").args(["repeat", "--poll-seconds", "0.5"]));
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("Putting the pack `serverless-best-practices` again, us-east-1."), "{said}");
    assert!(said.ends_with("Every account has everything.\n"), "{said}");
}

#[test]
fn nothing_is_rolled_out_where_something_is_missing() {
    let alone = Aws::started();
    let trusted = Aws::started();
    let organization = trusted.prepared(["organization"]);
    let untrusting = Aws::started();
    let elsewhere = untrusting.prepared(["untrusting"]);
    let member = trusted.prepared(["member", organization["accounts"]["orders"].as_str().unwrap()]);
    let unit = organization["unit"].as_str().unwrap();
    let no_unit = "ou-abcd-11111111";

    let as_member = |command: &mut Command| {
        let text = |key: &str| member[key].as_str().unwrap();
        command.env("AWS_ACCESS_KEY_ID", text("AccessKeyId"));
        command.env("AWS_SECRET_ACCESS_KEY", text("SecretAccessKey"));
        command.env("AWS_SESSION_TOKEN", text("SessionToken"));
    };
    let unbuilt = |command: &mut Command| {
        command.arg("--functions").arg("/nowhere");
    };
    let cases: [(&str, &Aws, &str, Change, &[&str]); 6] = [
        ("no organization", &alone, unit, &|_| {}, &["found: 123456789012, which is alone"]),
        (
            "a member",
            &trusted,
            unit,
            &as_member,
            &["which is no delegated administrator", "use the credentials of 123456789012"],
        ),
        (
            "no trust",
            &untrusting,
            elsewhere["unit"].as_str().unwrap(),
            &|_| {},
            &[
                "aws cloudformation activate-organizations-access",
                "--service-principal config-multiaccountsetup.amazonaws.com",
            ],
        ),
        (
            "no such unit",
            &trusted,
            no_unit,
            &|_| {},
            &["found: `ou-abcd-11111111`", "aws organizations list-roots"],
        ),
        (
            "no functions",
            &trusted,
            unit,
            &unbuilt,
            &["expected 9 functions that are built", "to do: make build"],
        ),
        ("no units", &trusted, "", &|_| {}, &["expected the organizational units to deploy to"]),
    ];
    for (what, aws, unit, change, expected) in cases {
        let mut command = aws.program("organization.py");
        command.args(["deploy", "--units", unit, "--regions", REGION]);
        command.arg("--functions").arg(aws.built_functions());
        change(&mut command);
        let (status, said) = outcome(&mut command);
        assert_eq!(status, 2, "{what}: {said}");
        for expected in expected {
            assert!(said.contains(expected), "{what}: no `{expected}` in {said}");
        }
        assert!(said.ends_with("Nothing was changed.\n"), "{what}: {said}");
    }
}

#[test]
fn functions_are_not_deployed_before_they_are_built() {
    let aws = account(&[json!({"ConfigurationRecorders": []})]);
    let looked = |folder: &std::path::Path| {
        outcome(aws.program("preflight.py").arg("functions").arg("--functions").arg(folder))
    };
    let (status, said) = looked(std::path::Path::new("/nowhere"));
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("to do: make build"), "{said}");
    // Functions can be there before AWS Config records; the rules cannot.
    let (status, said) = looked(&aws.built_functions());
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("warning: expected AWS Config to record in eu-west-1"), "{said}");
    assert!(said.contains("Ready to deploy the functions to account 123456789012, eu-west-1."), "{said}");
}

#[test]
fn only_accounts_of_the_organization_read_the_packages() {
    let template: Value = serde_saphyr::from_str(&text(ROLLOUT)).unwrap();
    let resources = &template["Resources"];
    let bucket = &resources["Artifacts"]["Properties"];
    assert_eq!(bucket["VersioningConfiguration"]["Status"], "Enabled");
    let encryption = &bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0];
    assert_eq!(encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256");
    let blocks = bucket["PublicAccessBlockConfiguration"].as_object().unwrap();
    assert!(blocks.len() == 4 && blocks.values().all(|block| *block == json!(true)), "{blocks:?}");

    let statements = &resources["ArtifactsPolicy"]["Properties"]["PolicyDocument"]["Statement"];
    let statements = statements.as_array().unwrap();
    let (allows, denies): (Vec<_>, Vec<_>) =
        statements.iter().partition(|statement| statement["Effect"] == "Allow");
    assert_eq!(allows.len(), 1);
    assert_eq!(allows[0]["Action"], "s3:GetObject");
    let expected = json!({"StringEquals": {"aws:PrincipalOrgID": {"Ref": "OrganizationId"}}});
    assert_eq!(allows[0]["Condition"], expected);
    assert_eq!(denies[0]["Condition"], json!({"Bool": {"aws:SecureTransport": "false"}}));
    // A service-managed StackSet takes no macros, whatever is acknowledged.
    assert_eq!(resources["Functions"]["Properties"]["Capabilities"], json!(["CAPABILITY_NAMED_IAM"]));
}

#[test]
fn what_the_stack_set_deploys_is_plain_cloudformation_that_finds_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("functions.json");
    let script = "import pathlib, sys; sys.path.insert(0, 'deploy'); import artifacts, template; \
                  source, _ = template.read(pathlib.Path('template.yaml')); \
                  pathlib.Path(sys.argv[1]).write_bytes(artifacts.plain_template(source, 'prefix'))";
    let mut command = Command::new(python_tool("python"));
    command.current_dir(root()).env("PYTHONDONTWRITEBYTECODE", "1").args(["-c", script]).arg(&made);
    assert_eq!(outcome(&mut command).0, 0);
    let template: Value = serde_json::from_str(&std::fs::read_to_string(&made).unwrap()).unwrap();
    assert_eq!(template.get("Transform"), None);
    let resources = template["Resources"].as_object().unwrap();
    let code: BTreeSet<_> = resources
        .values()
        .filter(|resource| resource["Type"] == "AWS::Lambda::Function")
        .map(|function| {
            let code = &function["Properties"]["Code"];
            assert_eq!(code["S3Bucket"], json!({"Fn::Sub": "${ArtifactBucketPrefix}-${AWS::Region}"}));
            code["S3Key"].as_str().unwrap().to_owned()
        })
        .collect();
    let expected = RULES.iter().map(|entry| format!("prefix/{}.zip", entry.meta.name)).collect();
    assert_eq!(code, expected);
    let (status, said) = outcome(Command::new(python_tool("cfn-lint")).arg(&made));
    assert_eq!(status, 0, "{said}");
}

#[test]
fn the_programs_and_the_roll_out_template_are_sound() {
    let lint = |tool: &str, arguments: &[&str]| {
        let (status, said) = outcome(Command::new(python_tool(tool)).args(arguments).current_dir(root()));
        assert_eq!(status, 0, "{tool}: {said}");
    };
    lint("cfn-lint", &[ROLLOUT]);
    lint("ruff", &["check", "--quiet", "--no-cache", "deploy", "tests/clients"]);
}

/// What a case does to a program before it runs.
type Change<'a> = &'a dyn Fn(&mut Command);

/// An account that is recorded and has its functions, and further answers of AWS in it.
fn account(further: &[Value]) -> Aws {
    let documents = [&[snapshot(&[ACCOUNT], &[REGION])], further].concat();
    let aws = Aws::started().with_config(&documents, real_functions());
    export_functions(&aws);
    aws
}

fn export_functions(aws: &Aws) {
    let exports: Vec<_> =
        RULES.iter().map(|entry| format!("serverless-conformance:{}", entry.meta.name)).collect();
    let exports: [&str; 9] = std::array::from_fn(|index| exports[index].as_str());
    let [one, two, three, four, five, six, seven, eight, nine] = exports;
    aws.prepared(["exports", one, two, three, four, five, six, seven, eight, nine]);
}

/// A function in each Region of each account, as AWS Config delivers it to S3.
fn snapshot(accounts: &[&str], regions: &[&str]) -> Value {
    let places = accounts.iter().flat_map(|account| regions.iter().map(move |region| (account, region)));
    let items: Vec<_> = places
        .map(|(account, region)| {
            json!({
                "configurationItemVersion": "1.3", "configurationItemStatus": "OK",
                "configurationItemCaptureTime": "2026-11-15T06:00:00.000Z", "configurationStateId": 1_763_186_400_000_i64,
                "resourceType": "AWS::Lambda::Function", "resourceId": "orders", "resourceName": "orders",
                "ARN": format!("arn:aws:lambda:{region}:{account}:function:orders"),
                "awsAccountId": account, "awsRegion": region, "tags": {"service": "orders"}, "relationships": [],
                "configuration": {
                    "functionName": "orders", "functionArn": format!("arn:aws:lambda:{region}:{account}:function:orders"),
                    "runtime": "python3.13", "codeSize": 1000, "timeout": 3, "memorySize": 128, "packageType": "Zip",
                    "role": format!("arn:aws:iam::{account}:role/orders"), "layers": [],
                },
                "supplementaryConfiguration": {},
            })
        })
        .collect();
    json!({"fileVersion": "1.0", "configurationItems": items})
}

fn parameter<'a>(given: &'a Value, name: &str) -> &'a str {
    let given = given.as_array().expect("a list of parameters");
    let found = given.iter().find(|parameter| parameter["ParameterName"] == name);
    found.expect("the parameter is given")["ParameterValue"].as_str().unwrap()
}

fn without_credentials(command: &mut Command) {
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
}

/// The URL of an AWS that answers each of a few requests with this error.
fn refusing(code: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().take(8) {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.read(&mut [0; 8_192]);
            let body = format!(
                "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
                 <Code>{code}</Code><Message>The security token included in the request is expired</Message></Error>\
                 <RequestId>0</RequestId></ErrorResponse>"
            );
            let head =
                format!("HTTP/1.1 403 Forbidden\r\ncontent-type: text/xml\r\ncontent-length: {}", body.len());
            let _ = write!(stream, "{head}\r\nconnection: close\r\n\r\n{body}");
        }
    });
    url
}
