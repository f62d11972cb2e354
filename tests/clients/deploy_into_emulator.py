"""Deploys the template into an AWS emulator as its user does, with `sam build` and `sam deploy`, invokes one of the
functions there, and prints what AWS's own client reads back as JSON.

Usage: deploy_into_emulator.py FOLDER ARCHITECTURE CONFIG_ENDPOINT EVENT

FOLDER holds `template.yaml`, `samconfig.toml` and the functions' programs where the template expects them, built for
ARCHITECTURE. The environment says where the emulator is and whose credentials to use. CONFIG_ENDPOINT is where the
invoked function finds AWS Config, which the emulator does not have. EVENT is the file of the event.
"""

import base64
import json
import subprocess
import sys
from pathlib import Path

import boto3

FOLDER, ARCHITECTURE, CONFIG_ENDPOINT, EVENT = sys.argv[1:]
STACK = "serverless-conformance"
INVOKED = "serverless-conformance-lambda-small-single-purpose"
ALARM_TOPIC = "arn:aws:sns:eu-west-1:111122223333:alarms"


def sam(*arguments):
    command = [str(Path(sys.executable).with_name("sam")), *arguments]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")


def every(client, operation, key, **arguments):
    """The elements of all pages of a call."""
    return [element for page in client.get_paginator(operation).paginate(**arguments) for element in page[key]]


sam("build")
sam("deploy", "--parameter-overrides", f"Architecture={ARCHITECTURE}", f"AlarmTopicArn={ALARM_TOPIC}")

cloudformation, iam = boto3.client("cloudformation"), boto3.client("iam")
functions, logs, sqs = boto3.client("lambda"), boto3.client("logs"), boto3.client("sqs")

resources = every(cloudformation, "list_stack_resources", "StackResourceSummaries", StackName=STACK)
physical_ids = {}
for resource in resources:
    physical_ids.setdefault(resource["ResourceType"], []).append(resource["PhysicalResourceId"])


def function(name):
    found = functions.get_function(FunctionName=name)
    return {
        "configuration": found["Configuration"],
        "tags": found["Tags"],
        "policy": json.loads(functions.get_policy(FunctionName=name)["Policy"]),
    }


def role(name):
    policies = every(iam, "list_role_policies", "PolicyNames", RoleName=name)
    documents = [iam.get_role_policy(RoleName=name, PolicyName=policy) for policy in policies]
    return {
        "role": iam.get_role(RoleName=name)["Role"],
        "inline": {document["PolicyName"]: document["PolicyDocument"] for document in documents},
        "attached": every(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name),
    }


def invoked():
    environment = {"Variables": {"AWS_ENDPOINT_URL_CONFIG_SERVICE": CONFIG_ENDPOINT}}
    functions.update_function_configuration(FunctionName=INVOKED, Environment=environment)
    functions.get_waiter("function_updated_v2").wait(FunctionName=INVOKED)
    answer = functions.invoke(FunctionName=INVOKED, Payload=Path(EVENT).read_bytes(), LogType="Tail")
    return {
        "error": answer.get("FunctionError"),
        "payload": answer["Payload"].read().decode(),
        "log": base64.b64decode(answer["LogResult"]).decode(),
    }


queue = physical_ids["AWS::SQS::Queue"][0]
read_back = {
    "resources": resources,
    "template": cloudformation.get_template(StackName=STACK, TemplateStage="Processed")["TemplateBody"],
    "stack": cloudformation.describe_stacks(StackName=STACK)["Stacks"][0],
    "exports": every(cloudformation, "list_exports", "Exports"),
    "functions": {name: function(name) for name in physical_ids["AWS::Lambda::Function"]},
    "roles": {name: role(name) for name in physical_ids["AWS::IAM::Role"]},
    "alarms": every(boto3.client("cloudwatch"), "describe_alarms", "MetricAlarms", AlarmNamePrefix=STACK),
    "logGroups": every(logs, "describe_log_groups", "logGroups", logGroupNamePrefix=f"/aws/lambda/{STACK}"),
    "filters": every(logs, "describe_metric_filters", "metricFilters"),
    "queue": sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"],
    "invocation": invoked(),
}
json.dump(read_back, sys.stdout, default=str)
