#!/usr/bin/env python3
"""Deploys a conformance pack to the account and Region of the caller, waits, and says what came of it.

The functions come first (`make deploy`): AWS Config refuses a rule whose function it may not invoke. Deploying again
updates the pack; parameters that are not given then have their defaults again, which is told before anything changes.

Exit status: 0 if the pack is deployed, 1 if AWS Config could not deploy it, 2 if nothing was changed.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path
from typing import Any

import boto3
import preflight
import template as templates
from botocore.exceptions import BotoCoreError, ClientError
from console import DONE, FAILED, Problem, Progress, Refused, check, ended, say


def main() -> int:
    arguments = _arguments()
    template, problems = templates.read(arguments.template)
    check(problems)
    values, problems = templates.assignments(arguments.parameters)
    problems += templates.refused_values(template, values)

    made, wrong = preflight.session(arguments.region)
    problems += wrong
    identity: dict[str, str] = {}
    if made:
        identity, wrong = preflight.credentials(made)
        problems += wrong
    # What is wrong with the command line and with the credentials is told at once; the rest needs both.
    check(problems)
    assert made is not None
    if arguments.home_region:
        check(preflight.unknown_regions(made, [arguments.home_region]))
        if templates.IAM_PARAMETER in (template.get("Parameters") or {}):
            is_home = arguments.home_region == made.region_name
            values.setdefault(templates.IAM_PARAMETER, "true" if is_home else "false")

    evaluates_iam = values.get(templates.IAM_PARAMETER, "true") == "true"
    problems = preflight.recorder(made, templates.scoped_types(template, evaluates_iam), is_required=True)
    problems += preflight.exports(made, templates.imports(template))
    body = arguments.template.read_bytes()
    problems += templates.too_large(arguments.template, bool(arguments.bucket))
    if arguments.bucket:
        problems += preflight.bucket(made, arguments.bucket)
    check(problems)

    account = identity["Account"]
    say(f"Deploying the pack `{arguments.name}` to account {account}, {made.region_name}.")
    return deployed(made, arguments, template, values, body)


def deployed(
    made: boto3.Session,
    arguments: argparse.Namespace,
    template: templates.Template,
    values: dict[str, str],
    body: bytes,
) -> int:
    """Puts the pack and waits for it."""
    client = made.client("config")
    progress = Progress(arguments.name, arguments.timeout_minutes, arguments.poll_seconds)
    state = _state(client, arguments.name)
    while state and state["ConformancePackState"].endswith("_IN_PROGRESS"):
        progress.show(f"{state['ConformancePackState']} (of an earlier request)")
        if not progress.wait():
            return _over(arguments)
        state = _state(client, arguments.name)
    _tell_changes(client, arguments.name, template, values)
    request: dict[str, Any] = {
        "ConformancePackName": arguments.name,
        "ConformancePackInputParameters": [
            {"ParameterName": name, "ParameterValue": value} for name, value in sorted(values.items())
        ],
    }
    if arguments.bucket:
        key = f"serverless-conformance/{arguments.name}-{hashlib.sha256(body).hexdigest()[:16]}.yaml"
        request["TemplateS3Uri"] = f"s3://{arguments.bucket}/{key}"
        say(f"  The template goes to {request['TemplateS3Uri']}.")
        made.client("s3").put_object(Bucket=arguments.bucket, Key=key, Body=body)
    else:
        request["TemplateBody"] = body.decode("utf-8")
    try:
        client.put_conformance_pack(**request)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        message = error.response["Error"].get("Message", "")
        repair = _repair(f"{code} {message}")
        raise Refused([Problem("AWS Config to take the pack", f"{code}: {message}", repair)]) from error

    while True:
        state = _state(client, arguments.name)
        name = state["ConformancePackState"] if state else "gone"
        progress.show(name)
        if name == "CREATE_COMPLETE":
            say(
                "Deployed. AWS Config evaluates now; results show within minutes in its console under Conformance "
                f"packs, {arguments.name}."
            )
            return DONE
        if not name.endswith("_IN_PROGRESS"):
            _tell_failure(made, state or {})
            return FAILED
        if not progress.wait():
            return _over(arguments)


def _state(client: Any, name: str) -> dict[str, Any] | None:
    details = client.describe_conformance_pack_status(ConformancePackNames=[name])["ConformancePackStatusDetails"]
    return details[0] if details else None


def _tell_changes(client: Any, name: str, template: templates.Template, values: dict[str, str]) -> None:
    declared = template.get("Parameters") or {}
    defaults = {parameter: str(of.get("Default", "")) for parameter, of in declared.items()}
    now = {**defaults, **values}
    try:
        [pack] = client.describe_conformance_packs(ConformancePackNames=[name])["ConformancePackDetails"]
        given = pack.get("ConformancePackInputParameters", [])
        earlier = {one["ParameterName"]: one["ParameterValue"] for one in given}
        before = {**defaults, **{parameter: value for parameter, value in earlier.items() if parameter in defaults}}
        say("  It is there already and is updated.")
    except (ClientError, ValueError):
        before = defaults
    for parameter in sorted(now):
        if now[parameter] != before[parameter]:
            say(f"  {parameter}: `{before[parameter]}` becomes `{now[parameter]}`")


def _tell_failure(made: boto3.Session, state: dict[str, Any]) -> None:
    reasons = [state.get("ConformancePackStatusReason", "AWS Config gives no reason.")]
    reasons += _events(made, state.get("StackArn", ""))
    say("AWS Config could not deploy the pack:")
    for reason in reasons:
        say(f"  {reason}")
    say(f"To do: {_repair(' '.join(reasons))}")


def _events(made: boto3.Session, stack: str) -> list[str]:
    """What failed in the stack with which AWS Config deploys, if the caller may look at it."""
    try:
        events = made.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    except (ClientError, BotoCoreError):
        return [f"The events of the stack {stack} may say more."] if stack else []
    return [
        f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
        for event in reversed(events)
        if event.get("ResourceStatus", "").endswith("_FAILED") and event.get("ResourceStatusReason")
    ]


def _repair(reason: str) -> str:
    """What to do about a reason of AWS's."""
    if "No export named" in reason:
        return "make deploy in this Region, which exports the functions; then make deploy-pack again"
    if "cannot be invoked" in reason:
        return (
            "make deploy in this Region, which deploys the functions and lets AWS Config invoke them; then "
            "make deploy-pack again"
        )
    if "configuration recorder" in reason:
        return "set AWS Config up in this Region (console, 1-click setup); then make deploy-pack again"
    if "ResourceInUseException" in reason:
        return "wait until the other deployment is done; then make deploy-pack again"
    if "MaxNumberOfConformancePacksExceeded" in reason:
        return "delete a pack that you do not need, or ask AWS for a higher limit"
    if "TemplateValidation" in reason:
        return "correct the template, or take the one of this repository"
    if "AccessDenied" in reason or "InsufficientPermissions" in reason:
        return "grant the caller config:PutConformancePack, iam:CreateServiceLinkedRole and, for a bucket, s3:GetObject"
    return "repair what the reason names; then make deploy-pack again"


def _over(arguments: argparse.Namespace) -> int:
    say(f"Not done after {arguments.timeout_minutes:g} minutes; AWS Config goes on. Look again with:")
    say(f"  aws configservice describe-conformance-pack-status --conformance-pack-names {arguments.name}")
    return FAILED


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example:\n  make deploy-pack PARAMETERS=\"FailOn=high LambdaMonitoredMonitoringTagKeys=watched-by\"",
    )
    parser.add_argument("--name", default="serverless-best-practices", help="name of the pack [default: %(default)s]")
    parser.add_argument(
        "--template", type=Path, default=preflight.PACK, help="the pack [default: %(default)s]", metavar="FILE"
    )
    parser.add_argument(
        "--parameters", default="", metavar="'NAME=VALUE ...'", help="values of the pack's parameters"
    )
    parser.add_argument("--region", help="Region [default: AWS_REGION, else the profile's]")
    parser.add_argument(
        "--home-region",
        metavar="REGION",
        help="the one Region in which roles are judged: sets EvaluateIamRoles [default: this one]",
    )
    parser.add_argument(
        "--bucket", help=f"bucket for the template, which one of more than {templates.LARGEST_BODY} bytes needs"
    )
    parser.add_argument(
        "--timeout-minutes", type=float, default=30.0, help="how long to wait [default: %(default)g]", metavar="N"
    )
    parser.add_argument(
        "--poll-seconds", type=float, default=5.0, help="how often to look [default: %(default)g]", metavar="N"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(ended(main))
