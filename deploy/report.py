"""What became of a roll-out in each account."""

from __future__ import annotations

import argparse
from typing import Any

import boto3
from botocore.exceptions import ClientError
from console import DONE, FAILED, Progress, say

STACK_SET = "serverless-conformance-functions"


def told(
    made: boto3.Session, name: str, regions: list[str], home: str, call_as: str, arguments: argparse.Namespace
) -> int:
    """Waits until AWS is done, then tells each account's status; the exit status says whether all is well."""
    is_well = _functions(made.client("cloudformation", region_name=home), call_as)
    for region in regions:
        is_well &= _pack(made.client("config", region_name=region), name, region, arguments)
    if is_well:
        say("Every account has everything.")
        return DONE
    say("When that is done: make org-reput. Then look again: make org-status.")
    return FAILED


def _functions(client: Any, call_as: str) -> bool:
    """The functions, by the instances of the StackSet."""
    try:
        pages = client.get_paginator("list_stack_instances").paginate(StackSetName=STACK_SET, CallAs=call_as)
        instances = [one for page in pages for one in page["Summaries"]]
    except ClientError as error:
        say(f"Functions: no StackSet `{STACK_SET}` ({error.response['Error']['Code']}). To do: make deploy-org")
        return False
    failed = [one for one in instances if not _is_current(one)]
    say(f"Functions: {len(instances) - len(failed)} of {len(instances)} stack instances are current.")
    for one in failed:
        state = one.get("StackInstanceStatus", {}).get("DetailedStatus", one.get("Status"))
        say(f"  {one['Account']} {one['Region']}: {state}. {one.get('StatusReason', '')}")
    if failed:
        say("  To do: repair what the reasons name; then make deploy-org again, which updates the StackSet.")
    return not failed and bool(instances)


def _is_current(instance: dict[str, Any]) -> bool:
    detailed = instance.get("StackInstanceStatus", {}).get("DetailedStatus", "SUCCEEDED")
    return instance.get("Status") == "CURRENT" and detailed == "SUCCEEDED"


def _pack(client: Any, name: str, region: str, arguments: argparse.Namespace) -> bool:
    """The pack, by the status that AWS Config keeps of each account."""
    progress = Progress(f"pack {name}, {region}", arguments.timeout_minutes, arguments.poll_seconds)
    while True:
        try:
            [status] = client.describe_organization_conformance_pack_statuses(
                OrganizationConformancePackNames=[name]
            )["OrganizationConformancePackStatuses"]
        except ClientError as error:
            say(f"Pack, {region}: {error.response['Error']['Code']}. To do: make deploy-org")
            return False
        progress.show(status["Status"])
        if not status["Status"].endswith("_IN_PROGRESS") or not progress.wait():
            break
    accounts = _accounts(client, name)
    lacking = [one for one in accounts if not one["Status"].endswith("_SUCCESSFUL")]
    say(f"Pack, {region}: deployed in {len(accounts) - len(lacking)} of {len(accounts)} accounts.")
    for one in lacking:
        if one["Status"].endswith("_IN_PROGRESS"):
            say(f"  {one['AccountId']}: {one['Status']}")
            continue
        reason = f"{one.get('ErrorCode', '')} {one.get('ErrorMessage', '')}".strip() or "no reason given"
        say(f"  {one['AccountId']}: {one['Status']}. {reason}")
        say(f"    To do: {_repair(reason)}")
    if not lacking and not status["Status"].endswith("_SUCCESSFUL"):
        say(f"  {status['Status']}. {status.get('ErrorCode', '')} {status.get('ErrorMessage', '')}".rstrip())
        return False
    return not lacking


def _accounts(client: Any, name: str) -> list[dict[str, Any]]:
    accounts: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = client.get_organization_conformance_pack_detailed_status(
            OrganizationConformancePackName=name, **token
        )
        accounts += page["OrganizationConformancePackDetailedStatuses"]
        if not page.get("NextToken"):
            return sorted(accounts, key=_by_account)
        token = {"NextToken": page["NextToken"]}


def _by_account(status: dict[str, Any]) -> tuple[str, str]:
    return status["AccountId"], status["Status"]


def _repair(reason: str) -> str:
    if "onfiguration recorder" in reason or "ConfigurationRecorder" in reason:
        return "set AWS Config up in that account and Region, or exclude the account: EXCLUDED_ACCOUNTS=<id>"
    if "No export named" in reason or "cannot be invoked" in reason:
        return (
            "wait until its stack instance is current (above); an account outside the units gets no functions: "
            "EXCLUDED_ACCOUNTS=<id>"
        )
    return "repair what the reason names in that account"
