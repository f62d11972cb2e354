"""Drives a local AWS Config with AWS's own client: compliance, queries, history, reports, limits.

Usage: drive_with_boto3.py ENDPOINT REGION
"""

import json
import sys
from datetime import datetime, timezone

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT, REGION = sys.argv[1:3]
client = boto3.client(
    "config",
    endpoint_url=ENDPOINT,
    region_name=REGION,
    aws_access_key_id="anybody",
    aws_secret_access_key="anything",
    config=Config(retries={"max_attempts": 1}),
)


def refused(code, call, **arguments):
    """The call fails with this error code, as AWS's would."""
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"expected {code}, got {found}: {error}"
        return
    raise AssertionError(f"expected {code}, but the call succeeded")


def evaluation(resource_id="checkout", **changes):
    return {
        "ComplianceResourceType": "AWS::Lambda::Function",
        "ComplianceResourceId": resource_id,
        "ComplianceType": "COMPLIANT",
        "OrderingTimestamp": datetime(2026, 11, 15, tzinfo=timezone.utc),
        **changes,
    }


def every(call, key, **arguments):
    """All pages of a call."""
    found, token = [], {}
    while True:
        page = call(**arguments, **token)
        found += page[key]
        if not page.get("NextToken"):
            return found
        token = {"NextToken": page["NextToken"]}


# --- rules and compliance ----------------------------------------------------------------------
rules = every(client.describe_config_rules, "ConfigRules")
names = {rule["ConfigRuleName"] for rule in rules}
assert len(names) == len(rules) and rules, rules
ours = [rule for rule in rules if rule["Source"]["Owner"] == "CUSTOM_LAMBDA"]
assert len(ours) == 9, [rule["ConfigRuleName"] for rule in ours]
assert all("-conformance-pack-" in rule["ConfigRuleName"] for rule in ours), ours
[small] = [name for name in names if name.startswith("lambda-small-single-purpose")]

compliance = every(client.describe_compliance_by_config_rule, "ComplianceByConfigRules", ConfigRuleNames=[small])
assert compliance[0]["Compliance"]["ComplianceType"] == "NON_COMPLIANT", compliance

results = every(client.get_compliance_details_by_config_rule, "EvaluationResults", ConfigRuleName=small, Limit=3)
assert 3 < len(results), "paging stopped early"
worst = every(
    client.get_compliance_details_by_config_rule,
    "EvaluationResults",
    ConfigRuleName=small,
    ComplianceTypes=["NON_COMPLIANT"],
)
assert 0 < len(worst) < len(results), (len(worst), len(results))
assert all(1 <= len(result["Annotation"]) <= 256 for result in worst), worst
assert isinstance(worst[0]["ResultRecordedTime"], datetime), worst[0]
qualifier = worst[0]["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
by_resource = every(
    client.get_compliance_details_by_resource,
    "EvaluationResults",
    ResourceType=qualifier["ResourceType"],
    ResourceId=qualifier["ResourceId"],
)
assert small in {r["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ConfigRuleName"] for r in by_resource}
refused("NoSuchConfigRuleException", client.get_compliance_details_by_config_rule, ConfigRuleName="no-such-rule")

# --- reports --------------------------------------------------------------------------------------
answer = client.put_evaluations(Evaluations=[evaluation()], ResultToken="TESTMODE", TestMode=True)
assert answer["FailedEvaluations"] == [], answer
refused("InvalidResultTokenException", client.put_evaluations, Evaluations=[evaluation()], ResultToken="made-up")
for wrong in (
    [evaluation(str(number)) for number in range(101)],
    [evaluation(Annotation="x" * 257)],
    [evaluation(ComplianceType="INSUFFICIENT_DATA")],
    [evaluation(ComplianceResourceType="AWS::Account")],
):
    try:
        client.put_evaluations(Evaluations=wrong, ResultToken="TESTMODE", TestMode=True)
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("ValidationException", "InvalidParameterValueException"), error
    else:
        raise AssertionError(f"accepted {wrong[0]}")
client.put_evaluations(
    Evaluations=[evaluation(str(number), Annotation="x" * 256) for number in range(100)],
    ResultToken="TESTMODE",
    TestMode=True,
)

# --- queries and items ----------------------------------------------------------------------------
expression = "SELECT resourceId, configuration.timeout WHERE resourceType = 'AWS::Lambda::Function'"
rows = [json.loads(row) for row in every(client.select_resource_config, "Results", Expression=expression, Limit=5)]
assert 5 < len(rows) and all(isinstance(row["configuration"]["timeout"], float) for row in rows), rows
count = client.select_resource_config(
    Expression="SELECT resourceType, COUNT(*) WHERE resourceType LIKE 'AWS::Lambda%' GROUP BY resourceType"
)
assert json.loads(count["Results"][0])["COUNT(*)"] == len(rows), count
refused("InvalidExpressionException", client.select_resource_config, Expression="SELECT DISTINCT resourceId")
function = rows[0]["resourceId"]

history = client.get_resource_config_history(resourceType="AWS::Lambda::Function", resourceId=function, limit=1)
item = history["configurationItems"][0]
assert isinstance(item["configurationItemCaptureTime"], datetime), item
assert json.loads(item["configuration"])["functionName"] == function, item
assert all(isinstance(value, str) for value in item["supplementaryConfiguration"].values()), item
refused(
    "ResourceNotDiscoveredException",
    client.get_resource_config_history,
    resourceType="AWS::Lambda::Function",
    resourceId="no-such-function",
)

listed = []
for page in client.get_paginator("list_discovered_resources").paginate(resourceType="AWS::Lambda::Function", limit=7):
    listed += [identifier["resourceId"] for identifier in page["resourceIdentifiers"]]
assert set(listed) == {row["resourceId"] for row in rows}, set(listed) ^ {row["resourceId"] for row in rows}
batch = client.batch_get_resource_config(
    resourceKeys=[{"resourceType": "AWS::Lambda::Function", "resourceId": name} for name in (function, "no-such")]
)
assert [item["resourceId"] for item in batch["baseConfigurationItems"]] == [function], batch
assert "tags" not in batch["baseConfigurationItems"][0], batch

# --- the recorder, the pack, evaluating again --------------------------------------------------------
assert client.describe_configuration_recorders()["ConfigurationRecorders"][0]["recordingGroup"]
assert client.describe_delivery_channels()["DeliveryChannels"]
packs = client.describe_conformance_packs()["ConformancePackDetails"]
[pack] = [pack for pack in packs if pack["ConformancePackName"] == "serverless-best-practices"]
status = client.describe_conformance_pack_status(ConformancePackNames=[pack["ConformancePackName"]])
assert status["ConformancePackStatusDetails"][0]["ConformancePackState"] == "CREATE_COMPLETE", status
client.start_config_rules_evaluation(ConfigRuleNames=[small])

print("every answer was as AWS's")
