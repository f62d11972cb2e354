#!/usr/bin/env python3
"""Rolls the functions and the conformance pack out to an organization, and says what became of it in each account.

Called with the credentials of the management account, or of a delegated administrator for CloudFormation StackSets and
AWS Config. `conformance-pack/org-rollout.yaml` says what is deployed, and in which order.

Exit status: 0 if every account has everything, 1 if some account has not, 2 if nothing was changed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import boto3
import preflight
import report
import stacks
import template as templates
from artifacts import artifacts
from botocore.exceptions import ClientError
from console import FAILED, Problem, Progress, check, ended, say

STACK = "serverless-conformance-rollout"
ROLLOUT = preflight.ROOT / "conformance-pack" / "org-rollout.yaml"
FUNCTIONS_TEMPLATE = preflight.ROOT / "template.yaml"

#: The most accounts that an organization's pack may exclude.
#: Source: AWS Config API Reference, PutOrganizationConformancePack, ExcludedAccounts.
MOST_EXCLUDED = 1_000


def main() -> int:
    arguments = _arguments()
    return int(arguments.program(arguments))


def deploy(arguments: argparse.Namespace) -> int:
    """Packages, uploads, deploys, waits and reports."""
    pack, problems = templates.read(arguments.template)
    problems += templates.too_large(arguments.template, bucket=True)
    check(problems)
    values, problems = templates.assignments(arguments.parameters)
    problems += templates.refused_values(pack, values)
    if templates.IAM_PARAMETER in values:
        repair = "name the Region with HOME_REGION=<Region>"
        problems.append(Problem("roles to be judged in the home Region", templates.IAM_PARAMETER, repair))
    regions = _words(arguments.regions)
    home = arguments.home_region or (regions[0] if regions else "")
    if home and home not in regions:
        regions.insert(0, home)
    if not regions:
        problems.append(Problem("the Regions to deploy to", "none", "REGIONS=eu-west-1,us-east-1"))
    units = _words(arguments.units)
    if not units:
        repair = "OUS=ou-abcd-11111111,ou-abcd-22222222, or the root r-abcd; aws organizations list-roots"
        problems.append(Problem("the organizational units to deploy to", "none", repair))
    rules = preflight.rules_of(FUNCTIONS_TEMPLATE)
    architecture, unbuilt = preflight.programs(arguments.functions, rules)
    problems += unbuilt

    made, account, organization, wrong = _administrator(home or None)
    problems += wrong
    if made:
        problems += preflight.unknown_regions(made, regions)
    check(problems)
    assert made is not None

    excluded, problems = _excluded(made, organization, units, _words(arguments.excluded_accounts), arguments)
    buckets = {region: f"serverless-conformance-{account}-{region}" for region in regions}
    for region in regions:
        problems += stacks.obstacles(_client(made, "cloudformation", region), STACK, region)
        problems += _left_over(made, buckets[region], region)
    check(problems)

    say(f"Rolling out to {', '.join(units)} in {', '.join(regions)}; roles are judged in {home}.")
    if excluded:
        say(f"  Without the pack: {', '.join(sorted(excluded))}")
    objects = artifacts(arguments.functions, rules, FUNCTIONS_TEMPLATE, pack, values)
    prefix = next(iter(objects)).rsplit("/", 1)[0]
    parameters = {
        "OrganizationId": organization["Id"],
        "OrganizationalUnitIds": ",".join(units),
        "DeploymentRegions": ",".join(regions),
        "HomeRegion": home,
        "CallAs": _call_as(account, organization),
        "Architecture": architecture,
        "PackName": arguments.name,
        "ExcludedAccounts": ",".join(sorted(excluded)),
    }
    for region in regions:
        client = _client(made, "cloudformation", region)
        if not stacks.described(client, STACK):
            say(f"The bucket of {region}:")
            if not _deployed(client, region, {**parameters, "ArtifactPrefix": ""}, arguments):
                return FAILED
        _upload(made, region, buckets[region], objects)
    for region in [home, *(region for region in regions if region != home)]:
        say(f"The functions and the pack, {region}:" if region == home else f"The pack, {region}:")
        client = _client(made, "cloudformation", region)
        if not _deployed(client, region, {**parameters, "ArtifactPrefix": prefix}, arguments):
            return FAILED
    return report.told(made, arguments.name, regions, home, _call_as(account, organization), arguments)


def status(arguments: argparse.Namespace) -> int:
    """Which accounts lack something, and why."""
    # It tells what is, and waits for nothing.
    arguments.timeout_minutes = 0
    made, account, organization, _, regions, home = _rolled_out(arguments)
    return report.told(made, arguments.name, regions, home, _call_as(account, organization), arguments)


def repeat(arguments: argparse.Namespace) -> int:
    """Puts the pack again, as the schedule does, for accounts that joined or were mended."""
    made, account, organization, name, regions, home = _rolled_out(arguments)
    requests = {}
    problems = []
    for region in regions:
        try:
            schedule = _client(made, "scheduler", region).get_schedule(Name=f"serverless-conformance-{name}")
            requests[region] = json.loads(schedule["Target"]["Input"])
        except ClientError as error:
            problems.append(Problem(f"the schedule of the pack in {region}", str(error), "make deploy-org"))
    check(problems)
    for region, request in requests.items():
        say(f"Putting the pack `{name}` again, {region}.")
        try:
            _client(made, "config", region).put_organization_conformance_pack(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceInUseException":
                raise
            say("  It is being deployed already.")
    return report.told(made, name, regions, home, _call_as(account, organization), arguments)


def _administrator(
    region: str | None,
) -> tuple[boto3.Session | None, str, dict[str, Any], list[Problem]]:
    made, problems = preflight.session(region)
    if not made:
        return None, "", {}, problems
    identity, problems = preflight.credentials(made)
    if not identity:
        return made, "", {}, problems
    organization, problems = preflight.organization(made, identity["Account"])
    return made, identity["Account"], organization, problems


def _rolled_out(
    arguments: argparse.Namespace,
) -> tuple[boto3.Session, str, dict[str, Any], str, list[str], str]:
    made, account, organization, problems = _administrator(arguments.home_region)
    check(problems)
    assert made is not None
    region = str(made.region_name)
    stack = stacks.described(made.client("cloudformation"), STACK)
    if not stack:
        repair = "name the home Region with HOME_REGION=<Region>, or roll out: make deploy-org"
        check([Problem(f"the stack `{STACK}` in {region}", "none", repair)])
    outputs = stacks.outputs(stack or {})
    arguments.name = outputs["Pack"]
    return made, account, organization, outputs["Pack"], _words(outputs["Regions"]), outputs["Home"]


def _excluded(
    made: boto3.Session,
    organization: dict[str, Any],
    units: list[str],
    given: list[str],
    arguments: argparse.Namespace,
) -> tuple[set[str], list[Problem]]:
    """The accounts that the StackSet gives no functions to: the pack would fail in them."""
    client = made.client("organizations")
    problems = []
    in_units: set[str] = set()
    for unit in units:
        try:
            in_units |= _accounts_below(client, unit)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            repair = "aws organizations list-roots, list-organizational-units-for-parent --parent-id <root>"
            problems.append(Problem("the id of an organizational unit or root", f"`{unit}` ({code})", repair))
    pages = client.get_paginator("list_accounts").paginate()
    every = {one["Id"] for page in pages for one in page["Accounts"] if one.get("Status", "ACTIVE") == "ACTIVE"}
    excluded = (every - in_units) | set(given)
    management = organization["MasterAccountId"]
    if arguments.include_management_account:
        excluded.discard(management)
    else:
        # A service-managed StackSet leaves it out, whichever unit it is in.
        excluded.add(management)
    unknown = set(given) - every
    if unknown and not problems:
        repair = "aws organizations list-accounts"
        problems.append(Problem("accounts of the organization", ", ".join(sorted(unknown)), repair))
    if MOST_EXCLUDED < len(excluded):
        repair = "deploy to more organizational units"
        problems.append(Problem(f"at most {MOST_EXCLUDED} accounts without the pack", str(len(excluded)), repair))
    if not problems and not every - excluded:
        repair = "name a unit with accounts: OUS=<unit>"
        problems.append(Problem("an account to deploy to", "none in these units", repair))
    return excluded, problems


def _accounts_below(client: Any, parent: str) -> set[str]:
    pages = client.get_paginator("list_accounts_for_parent").paginate(ParentId=parent)
    accounts = {one["Id"] for page in pages for one in page["Accounts"]}
    pages = client.get_paginator("list_organizational_units_for_parent").paginate(ParentId=parent)
    for unit in [one["Id"] for page in pages for one in page["OrganizationalUnits"]]:
        accounts |= _accounts_below(client, unit)
    return accounts


def _left_over(made: boto3.Session, bucket: str, region: str) -> list[Problem]:
    """A bucket that an earlier stack has left behind, so that this one could not make it."""
    if stacks.described(_client(made, "cloudformation", region), STACK):
        return []
    try:
        _client(made, "s3", region).head_bucket(Bucket=bucket)
    except ClientError:
        return []
    repair = f"empty and delete it, if no function of yours is deployed from it: aws s3 rb --force s3://{bucket}"
    return [Problem(f"no bucket `{bucket}` yet", "one that an earlier roll-out left behind", repair)]


def _deployed(client: Any, region: str, parameters: dict[str, str], arguments: argparse.Namespace) -> bool:
    """Whether the stack is there; that the pack failed in some account does not stop the other Regions."""
    progress = Progress(region, arguments.timeout_minutes, arguments.poll_seconds)
    state = stacks.deployed(client, STACK, ROLLOUT.read_text(encoding="utf-8"), parameters, progress)
    if state is None:
        say(f"Not done after {arguments.timeout_minutes:g} minutes; AWS goes on. Later: make deploy-org again.")
        return False
    if state in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        return True
    say(f"What failed in {region}:")
    return stacks.tell_failures(client, STACK) == ["Pack"]


def _upload(made: boto3.Session, region: str, bucket: str, objects: dict[str, bytes]) -> None:
    client = _client(made, "s3", region)
    prefix = next(iter(objects)).rsplit("/", 1)[0]
    listed = client.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    there = {one["Key"] for one in listed}
    new = {key: content for key, content in objects.items() if key not in there}
    size = sum(len(content) for content in new.values())
    say(f"  {len(new)} of {len(objects)} objects are new, {size / 1_000_000:.1f} MB, to s3://{bucket}/{prefix}")
    for key, content in new.items():
        client.put_object(Bucket=bucket, Key=key, Body=content)


def _call_as(account: str, organization: dict[str, Any]) -> str:
    return "SELF" if account == organization.get("MasterAccountId") else "DELEGATED_ADMIN"


def _client(made: boto3.Session, service: str, region: str) -> Any:
    return made.client(service, region_name=region)


def _words(text: str | None) -> list[str]:
    return [word for word in (text or "").replace(",", " ").split() if word]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--name", default="serverless-best-practices", help="name of the pack [default: %(default)s]")
    common.add_argument(
        "--home-region",
        metavar="REGION",
        help="holds the StackSet, and roles are judged there [default: the first of --regions, or AWS_REGION]",
    )
    common.add_argument("--timeout-minutes", type=float, default=60.0, metavar="N", help="[default: %(default)g]")
    common.add_argument("--poll-seconds", type=float, default=10.0, metavar="N", help="[default: %(default)g]")
    programs = parser.add_subparsers(required=True, metavar="deploy | status | repeat")

    deploying = programs.add_parser(
        "deploy",
        parents=[common],
        help=deploy.__doc__,
        epilog="example:\n  make deploy-org OUS=ou-abcd-11111111 REGIONS=eu-west-1,us-east-1 HOME_REGION=eu-west-1",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    deploying.add_argument("--units", metavar="OU,...", help="organizational units, or the root")
    deploying.add_argument("--regions", metavar="REGION,...", help="where the functions and the pack are deployed")
    deploying.add_argument("--excluded-accounts", metavar="ID,...", help="accounts that do not get the pack")
    deploying.add_argument(
        "--include-management-account",
        action="store_true",
        help="the functions are deployed there by hand (make deploy), so the pack can be",
    )
    deploying.add_argument("--parameters", default="", metavar="'NAME=VALUE ...'", help="values of the parameters")
    deploying.add_argument("--template", type=Path, default=preflight.PACK, metavar="FILE", help="the pack")
    deploying.add_argument("--functions", type=Path, default=preflight.FUNCTIONS, metavar="FOLDER", help="programs")
    deploying.set_defaults(program=deploy)
    programs.add_parser("status", parents=[common], help=status.__doc__).set_defaults(program=status)
    programs.add_parser("repeat", parents=[common], help=repeat.__doc__).set_defaults(program=repeat)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(ended(main))
