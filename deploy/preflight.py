#!/usr/bin/env python3
"""Looks at everything that a deployment needs, before it changes anything.

Each check says what it expected, what it found and what repairs it; warnings do not keep anybody from deploying.
Exit status: 0 if deployment may begin, 2 if it may not.
"""

from __future__ import annotations

import argparse
import difflib
import os
import shutil
import struct
import sys
from pathlib import Path
from typing import Any

import boto3
import template as templates
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)
from console import DONE, Problem, check, ended, say

ROOT = Path(__file__).resolve().parent.parent
FUNCTIONS = ROOT / "target" / "lambda"
PACK = ROOT / "conformance-pack" / "serverless-best-practices.yaml"

#: The services that an organization must trust, and what makes it trust them.
#: Source: AWS Organizations User Guide, AWS services that you can use with AWS Organizations.
STACKSETS = "member.org.stacksets.cloudformation.amazonaws.com"
CONFIG = "config-multiaccountsetup.amazonaws.com"
TRUST = {
    STACKSETS: "aws cloudformation activate-organizations-access",
    CONFIG: f"aws organizations enable-aws-service-access --service-principal {CONFIG}",
}

#: Recorded only with `includeGlobalResourceTypes`.
#: Source: AWS Config API Reference, RecordingGroup.
GLOBAL_TYPES = ("AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User")

LOG_IN = "aws sso login, or export AWS_PROFILE=<profile>, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"

_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired")
_WRONG = ("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure")
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "OrganizationAccessDeniedException")


def session(region: str | None) -> tuple[boto3.Session | None, list[Problem]]:
    """AWS in the Region that is given, else in that of the environment, else in that of the profile."""
    given = region or os.environ.get("AWS_REGION")
    try:
        made = boto3.Session(region_name=given) if given else boto3.Session()
    except ProfileNotFound as error:
        expected = "a profile of ~/.aws/config in AWS_PROFILE"
        return None, [Problem(expected, str(error), "aws configure list-profiles, then export AWS_PROFILE=<one>")]
    name = made.region_name
    if name:
        problems = unknown_regions(made, [name])
    else:
        problems = [Problem("a Region", "none", "export AWS_REGION=<Region>, such as eu-west-1, or REGION=<Region>")]
    if not problems:
        return made, []
    # Without a Region AWS cannot be asked about credentials, but whether there are any can be told.
    if made.get_credentials() is None:
        problems.append(Problem("AWS credentials", "none", LOG_IN))
    return None, problems


def unknown_regions(made: boto3.Session, names: list[str]) -> list[Problem]:
    """Names that are no Region of AWS."""
    known = [
        region
        for partition in made.get_available_partitions()
        for region in made.get_available_regions("config", partition_name=partition)
    ]
    problems = []
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=2)
            hint = f"did you mean `{'` or `'.join(near)}`?" if near else "look it up in the AWS console"
            problems.append(Problem("a Region of AWS", f"`{name}`", hint))
    return problems


def credentials(made: boto3.Session) -> tuple[dict[str, str], list[Problem]]:
    """Who is calling."""
    expected = "AWS credentials"
    try:
        return made.client("sts").get_caller_identity(), []
    except NoCredentialsError:
        return {}, [Problem(expected, "none", LOG_IN)]
    except PartialCredentialsError as error:
        return {}, [Problem(expected, str(error), LOG_IN)]
    except EndpointConnectionError as error:
        return {}, [Problem("an answer of AWS STS", str(error), "check the network and the Region")]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _EXPIRED:
            return {}, [Problem("credentials that are valid", f"expired ones ({code})", f"renew them: {LOG_IN}")]
        if code in _WRONG:
            return {}, [Problem("credentials that are valid", f"others ({code})", LOG_IN)]
        return {}, [_unanswered("sts:GetCallerIdentity", error)]
    except BotoCoreError as error:
        # An SSO session that has ended has an exception of its own.
        return {}, [Problem("credentials that are valid", str(error), f"renew them: {LOG_IN}")]


def recorder(made: boto3.Session, types: list[str], is_required: bool) -> list[Problem]:
    """Whether AWS Config records, and records what the rules want to hear of."""
    client = made.client("config")
    place = f"AWS Config to record in {made.region_name}"
    try:
        recorders = client.describe_configuration_recorders()["ConfigurationRecorders"]
        statuses = client.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    except (ClientError, BotoCoreError) as error:
        return [_unanswered("config:DescribeConfigurationRecorders", error)]
    # Recorders of AWS services record for themselves only.
    recorders = [found for found in recorders if found.get("recordingScope") != "INTERNAL"]
    if not recorders:
        repair = (
            f"open https://console.aws.amazon.com/config/home?region={made.region_name}#/getting-started, "
            "1-click setup; or aws configservice put-configuration-recorder, put-delivery-channel and "
            "start-configuration-recorder"
        )
        return [Problem(place, "no configuration recorder", repair, is_warning=not is_required)]
    name = recorders[0]["name"]
    if not any(status.get("recording") for status in statuses if status.get("name") == name):
        repair = f"aws configservice start-configuration-recorder --configuration-recorder-name {name}"
        found = f"the recorder `{name}`, which is stopped"
        return [Problem(place, found, repair, is_warning=not is_required)]
    missing = [name for name in types if not _records(recorders[0].get("recordingGroup", {}), name)]
    if missing:
        found = f"a recorder that leaves out {', '.join(missing)}: their changes are not judged"
        repair = "add these types to the recorder (AWS Config console, Settings)"
        return [Problem("the recorder to record what the rules judge", found, repair, is_warning=True)]
    return []


def _records(group: dict[str, Any], name: str) -> bool:
    strategy = group.get("recordingStrategy", {}).get("useOnly")
    if strategy == "INCLUSION_BY_RESOURCE_TYPES":
        return name in group.get("resourceTypes", [])
    if strategy == "EXCLUSION_BY_RESOURCE_TYPES":
        return name not in group.get("exclusionByResourceTypes", {}).get("resourceTypes", [])
    if group.get("allSupported"):
        return bool(group.get("includeGlobalResourceTypes")) or name not in GLOBAL_TYPES
    return name in group.get("resourceTypes", [])


def exports(made: boto3.Session, names: list[str]) -> list[Problem]:
    """Whether the functions that the pack finds by their exports are deployed."""
    try:
        pages = made.client("cloudformation").get_paginator("list_exports").paginate()
        there = {export["Name"] for page in pages for export in page["Exports"]}
    except (ClientError, BotoCoreError) as error:
        return [_unanswered("cloudformation:ListExports", error)]
    missing = [name for name in names if name not in there]
    if not missing:
        return []
    found = f"{len(names) - len(missing)} of {len(names)}; without {', '.join(missing)}"
    return [Problem(f"the functions' exports in {made.region_name}", found, "make deploy, which comes first")]


def bucket(made: boto3.Session, name: str) -> list[Problem]:
    """Whether there is such a bucket, in the Region of the pack that is to lie in it."""
    try:
        answer = made.client("s3").head_bucket(Bucket=name)
    except (ClientError, BotoCoreError) as error:
        repair = "name a bucket that you may write to: BUCKET=<name>"
        return [Problem(f"a bucket `{name}` that can be read", _told(error), repair)]
    region = answer.get("BucketRegion", made.region_name)
    if region != made.region_name:
        repair = f"name a bucket in {made.region_name}: BUCKET=<name>"
        return [Problem(f"a bucket in {made.region_name}, where the pack is put", f"`{name}` in {region}", repair)]
    return []


def programs(folder: Path, rules: list[str]) -> tuple[str, list[Problem]]:
    """The architecture that the functions are built for."""
    found: dict[str, list[str]] = {}
    missing = []
    for rule in rules:
        program = folder / rule / "bootstrap"
        architecture = _architecture(program)
        if architecture:
            found.setdefault(architecture, []).append(rule)
        else:
            missing.append(str(program.relative_to(ROOT) if ROOT in program.parents else program))
    if missing:
        expected = f"{len(rules)} functions that are built"
        return "", [Problem(expected, f"no program for Lambda at {', '.join(missing)}", "make build")]
    if len(found) != 1:
        several = "; ".join(f"{name}: {', '.join(of)}" for name, of in found.items())
        return "", [Problem("functions that are built for one architecture", several or "none", "make build")]
    return next(iter(found)), []


def _architecture(program: Path) -> str | None:
    """What an ELF program is for, in Lambda's words."""
    try:
        with program.open("rb") as file:
            head = file.read(20)
    except OSError:
        return None
    if len(head) < 20 or not head.startswith(b"\x7fELF"):
        return None
    return {62: "x86_64", 183: "arm64"}.get(struct.unpack_from("<H", head, 18)[0])


def sam() -> list[Problem]:
    """Whether the AWS SAM CLI is there."""
    beside = Path(sys.executable).parent / "sam"
    if beside.exists() or shutil.which("sam"):
        return []
    return [Problem("the AWS SAM CLI", "no program `sam`", "make deploy installs it into .venv")]


def organization(made: boto3.Session, account: str) -> tuple[dict[str, Any], list[Problem]]:
    """The organization, if the caller may deploy to it."""
    client = made.client("organizations")
    administrator = "to be called from the management account or from a delegated administrator"
    try:
        found = client.describe_organization()["Organization"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "AWSOrganizationsNotInUseException":
            repair = "use the credentials of another account, or deploy to this one: make deploy, make deploy-pack"
            return {}, [Problem("an account of an organization", f"{account}, which is alone", repair)]
        return {}, [_unanswered("organizations:DescribeOrganization", error)]
    except BotoCoreError as error:
        return {}, [_unanswered("organizations:DescribeOrganization", error)]
    if found.get("FeatureSet") != "ALL":
        found_set = f"the feature set {found.get('FeatureSet')}"
        repair = "aws organizations enable-all-features"
        return {}, [Problem("an organization with all features", found_set, repair)]
    management = found.get("MasterAccountId", "")
    try:
        if account != management:
            services = _delegated_services(client, account)
            lacking = [service for service in TRUST if service not in services]
            if lacking:
                repair = "; ".join(
                    "from the management account: aws organizations register-delegated-administrator "
                    f"--account-id {account} --service-principal {service}"
                    for service in lacking
                )
                caller = f"{account}, which is no delegated administrator for {' and '.join(lacking)}"
                return {}, [Problem(administrator, caller, f"use the credentials of {management}; or {repair}")]
        pages = client.get_paginator("list_aws_service_access_for_organization").paginate()
        trusted = {one["ServicePrincipal"] for page in pages for one in page["EnabledServicePrincipals"]}
    except (ClientError, BotoCoreError) as error:
        return {}, [_unanswered("organizations:ListAWSServiceAccessForOrganization", error)]
    problems = [
        Problem(f"the organization to trust {service}", "that it does not", f"from the management account: {repair}")
        for service, repair in TRUST.items()
        if service not in trusted
    ]
    return found, problems


def _delegated_services(client: Any, account: str) -> list[str]:
    try:
        pages = client.get_paginator("list_delegated_services_for_account").paginate(AccountId=account)
        return [one["ServicePrincipal"] for page in pages for one in page["DelegatedServices"]]
    except ClientError as error:
        # To an account that administrates nothing, this, too, is closed.
        closed = (*_DENIED, "AccountNotRegisteredException", "AWSOrganizationsNotInUseException")
        if error.response["Error"]["Code"] in closed:
            return []
        raise


def _unanswered(action: str, error: Exception) -> Problem:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    if code in _DENIED:
        return Problem(f"to be allowed {action}", _told(error), f"grant {action} to the caller, or use another role")
    return Problem(f"an answer to {action}", _told(error), "check the network, the Region and the permissions")


def _told(error: Exception) -> str:
    return " ".join(str(error).split())


def rules_of(template_path: Path = ROOT / "template.yaml") -> list[str]:
    """The rules whose functions the template deploys, in its order."""
    template, problems = templates.read(template_path)
    check(problems)
    functions = [
        resource["Properties"]["CodeUri"].rstrip("/")
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    return [code.rsplit("/", 1)[-1] for code in functions]


def before_functions(region: str | None, folder: Path | None) -> None:
    """What `make deploy` needs; it builds the functions itself, once everything else is there."""
    made, problems = session(region)
    identity: dict[str, str] = {}
    if made:
        identity, wrong = credentials(made)
        problems += wrong
    if folder:
        problems += programs(folder, rules_of())[1]
    problems += sam()
    if made and identity:
        pack, _ = templates.read(PACK)
        problems += recorder(made, templates.scoped_types(pack, evaluates_iam=False), is_required=False)
    check(problems)
    say(f"Ready to deploy the functions to account {identity['Account']}, {made.region_name if made else ''}.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=["functions"], help="what is to be deployed")
    parser.add_argument("--region", help="Region [default: AWS_REGION, else the profile's]")
    parser.add_argument(
        "--functions", type=Path, help="folder in which the functions' programs must be already, such as target/lambda"
    )
    arguments = parser.parse_args()
    before_functions(arguments.region, arguments.functions)
    return DONE


if __name__ == "__main__":
    sys.exit(ended(main))
