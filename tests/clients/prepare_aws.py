"""Makes in an emulator of AWS what a deployment finds there.

Usage: prepare_aws.py ENDPOINT exports NAME...      a stack in eu-west-1 that exports these names
       prepare_aws.py ENDPOINT bucket NAME          a bucket in eu-west-1
       prepare_aws.py ENDPOINT organization         an organization that trusts the services; prints its parts as JSON
       prepare_aws.py ENDPOINT untrusting           the same, but it trusts nobody
       prepare_aws.py ENDPOINT member ACCOUNT       prints temporary credentials of an account as JSON
"""

import json
import sys

import boto3

ENDPOINT, WHAT, *NAMES = sys.argv[1:]


def client(service):
    return boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name="eu-west-1",
        aws_access_key_id="123456789012",
        aws_secret_access_key="anything",
    )


def exports():
    outputs = {
        f"Export{number}": {"Value": "arn:aws:lambda:eu-west-1:123456789012:function:f", "Export": {"Name": name}}
        for number, name in enumerate(NAMES)
    }
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs}
    client("cloudformation").create_stack(StackName="functions", TemplateBody=json.dumps(template))


def organization(services):
    organizations = client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    [root] = organizations.list_roots()["Roots"]
    unit = organizations.create_organizational_unit(ParentId=root["Id"], Name="workloads")["OrganizationalUnit"]
    below = organizations.create_organizational_unit(ParentId=unit["Id"], Name="shop")["OrganizationalUnit"]
    accounts = {}
    for name, parent in (("orders", unit), ("billing", below), ("newcomer", unit), ("sandbox", root)):
        created = organizations.create_account(Email=f"{name}@example.com", AccountName=name)
        accounts[name] = created["CreateAccountStatus"]["AccountId"]
        if parent is not root:
            organizations.move_account(
                AccountId=accounts[name], SourceParentId=root["Id"], DestinationParentId=parent["Id"]
            )
    for service in services:
        organizations.enable_aws_service_access(ServicePrincipal=service)
    listed = organizations.list_accounts()["Accounts"]
    print(json.dumps({"unit": unit["Id"], "accounts": accounts, "listed": listed}, default=str))


def member(account):
    role = f"arn:aws:iam::{account}:role/admin"
    answer = client("sts").assume_role(RoleArn=role, RoleSessionName="test")
    print(json.dumps(answer["Credentials"], default=str))


if WHAT == "exports":
    exports()
elif WHAT == "bucket":
    client("s3").create_bucket(Bucket=NAMES[0], CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
elif WHAT == "organization":
    organization(
        ["member.org.stacksets.cloudformation.amazonaws.com", "config-multiaccountsetup.amazonaws.com"]
    )
elif WHAT == "untrusting":
    organization([])
elif WHAT == "member":
    member(*NAMES)
