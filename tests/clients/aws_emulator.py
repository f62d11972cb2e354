"""Stands in for the services of AWS that a deployment uses: moto, and for AWS Config the local one.

CloudFormation there knows no resource of AWS Config, none for a StackSet and none for a schedule. What is added
here does what CloudFormation does with such a resource: it calls the service.

Usage: aws_emulator.py [CONFIG_ENDPOINT]
Prints its URL and serves until its standard input ends. A line on standard input is the endpoint of AWS Config.
"""

import sys
import time

import boto3
from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

ENDPOINTS = {}

# moto sorts what it knows by the second word of a class's module.
MODULE = "local.cloudformation"


def client(service, region):
    return boto3.client(
        service,
        endpoint_url=ENDPOINTS["config" if service == "config" else "moto"],
        region_name=region,
        aws_access_key_id="123456789012",
        aws_secret_access_key="anything",
    )


class Resource:
    """A resource that is put: made, or changed in place."""

    def __init__(self, name):
        self.name = name

    @property
    def physical_resource_id(self):
        return self.name

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def has_cfn_attr(cls, attr):
        return False

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        return cls(cls.put(cloudformation_json["Properties"], region_name))

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
    ):
        return cls(cls.put(cloudformation_json["Properties"], region_name))

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
        pass


class StackSet(Resource, CloudFormationModel):
    __module__ = MODULE

    @staticmethod
    def cloudformation_type():
        return "AWS::CloudFormation::StackSet"

    @staticmethod
    def put(properties, region):
        cloudformation = client("cloudformation", region)
        groups = properties.pop("StackInstancesGroup")
        properties.pop("ManagedExecution")
        # moto deploys at once and everywhere, and booleans of a template are words to it.
        for word in ("AutoDeployment", "OperationPreferences"):
            properties.pop(word)
        name = properties["StackSetName"]
        summaries = cloudformation.list_stack_sets(Status="ACTIVE")["Summaries"]
        is_there = name in [summary["StackSetName"] for summary in summaries]
        if is_there:
            cloudformation.update_stack_set(**properties)
        else:
            cloudformation.create_stack_set(**properties)
        for group in groups:
            cloudformation.create_stack_instances(StackSetName=name, **group)
        return name


class OrganizationConformancePack(Resource, CloudFormationModel):
    __module__ = MODULE

    @staticmethod
    def cloudformation_type():
        return "AWS::Config::OrganizationConformancePack"

    @staticmethod
    def put(properties, region):
        config = client("config", region)
        config.put_organization_conformance_pack(**properties)
        name = properties["OrganizationConformancePackName"]
        while True:
            [status] = config.describe_organization_conformance_pack_statuses(
                OrganizationConformancePackNames=[name]
            )["OrganizationConformancePackStatuses"]
            if not status["Status"].endswith("_IN_PROGRESS"):
                return name
            time.sleep(0.2)


class Schedule(Resource, CloudFormationModel):
    __module__ = MODULE

    @staticmethod
    def cloudformation_type():
        return "AWS::Scheduler::Schedule"

    @staticmethod
    def put(properties, region):
        scheduler = client("scheduler", region)
        properties["FlexibleTimeWindow"]["MaximumWindowInMinutes"] = int(
            properties["FlexibleTimeWindow"]["MaximumWindowInMinutes"]
        )
        try:
            scheduler.create_schedule(**properties)
        except scheduler.exceptions.ConflictException:
            scheduler.update_schedule(**properties)
        return properties["Name"]


OURS = [model.cloudformation_type() for model in (StackSet, OrganizationConformancePack, Schedule)]


def follow_parameters():
    """A stack's update also makes what a condition now asks for, and passes changed parameters on. moto does neither
    where the parameter is not referred to by name in the resource itself.
    """
    resource_map = parsing.ResourceMap
    update, difference = resource_map.update, resource_map.build_resource_diff

    def without_ours(self, other_template, parameters=None):
        def is_theirs(name):
            resource = other_template["Resources"].get(name) or self._resource_json_map[name]
            return resource["Type"] not in OURS

        by_action = difference(self, other_template, parameters)
        return {action: [name for name in names if is_theirs(name)] for action, names in by_action.items()}

    def updated(self, template, parameters=None):
        update(self, template, parameters)
        for name, resource in template["Resources"].items():
            is_wanted = self.lazy_condition_map[resource["Condition"]] if "Condition" in resource else True
            if resource["Type"] not in OURS or not is_wanted:
                continue
            if self._parsed_resources.get(name):
                changed = parsing.parse_and_update_resource(name, resource, self, self._account_id, self._region_name)
                self._parsed_resources[name] = changed
            else:
                # Looking it up makes it.
                assert self[name], name

    resource_map.update, resource_map.build_resource_diff = updated, without_ours


def main():
    follow_parameters()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    ENDPOINTS["moto"] = f"http://{host}:{port}"
    if len(sys.argv) > 1:
        ENDPOINTS["config"] = sys.argv[1]
    print(ENDPOINTS["moto"], flush=True)
    for line in sys.stdin:
        ENDPOINTS["config"] = line.strip()
    server.stop()


if __name__ == "__main__":
    main()
