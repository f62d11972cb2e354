"""CloudFormation stacks: made or updated, and watched."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from console import Problem, Progress, say

#: States that no update leads out of.
DEAD = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED")


def described(client: Any, name: str) -> dict[str, Any] | None:
    """The stack, if there is one."""
    try:
        stacks = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ValidationError", "StackNotFoundException"):
            return None
        raise
    return stacks[0] if stacks and stacks[0]["StackStatus"] != "DELETE_COMPLETE" else None


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}


def obstacles(client: Any, name: str, region: str) -> list[Problem]:
    """Why the stack cannot be updated now."""
    stack = described(client, name)
    status = stack["StackStatus"] if stack else ""
    expected = f"a stack `{name}` in {region} that can be updated, or none"
    if status in DEAD:
        repair = f"aws cloudformation delete-stack --region {region} --stack-name {name}"
        return [Problem(expected, status, repair)]
    if status.endswith("_IN_PROGRESS"):
        return [Problem(expected, status, "wait until it is done, then try again")]
    return []


def deployed(client: Any, name: str, template: str, values: dict[str, str], progress: Progress) -> str | None:
    """Makes or updates the stack and waits; the state that it ends in, `None` when the time is over.

    Without rollback: what worked stays, so that a failure can be looked at and the next attempt goes on from it.
    """
    request = {
        "StackName": name,
        "TemplateBody": template,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in sorted(values.items())],
        "Capabilities": ["CAPABILITY_IAM"],
        "Tags": [{"Key": "application", "Value": "serverless-conformance"}],
        "DisableRollback": True,
    }
    stack = described(client, name)
    try:
        if stack:
            client.update_stack(**request)
        else:
            client.create_stack(**request)
    except ClientError as error:
        if stack and "No updates are to be performed" in str(error):
            progress.show(f"{stack['StackStatus']} (unchanged)")
            return str(stack["StackStatus"])
        raise
    while True:
        stack = described(client, name)
        status = str(stack["StackStatus"]) if stack else "DELETE_COMPLETE"
        progress.show(status)
        if not status.endswith("_IN_PROGRESS"):
            return status
        if not progress.wait():
            return None


def tell_failures(client: Any, name: str) -> list[str]:
    """Says what failed in the stack's last deployment; the logical ids of it."""
    failed: dict[str, str] = {}
    for event in client.describe_stack_events(StackName=name)["StackEvents"]:
        is_of_stack = event["LogicalResourceId"] == name
        if is_of_stack and event["ResourceStatus"] in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"):
            break
        if event["ResourceStatus"].endswith("_FAILED") and not is_of_stack:
            failed[event["LogicalResourceId"]] = event.get("ResourceStatusReason", "no reason given")
    for logical_id, reason in failed.items():
        say(f"  {logical_id}: {reason}")
    return list(failed)
