"""What an organization's accounts are deployed from: packages of the functions, their template, and the pack."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import zipfile
from pathlib import Path
from typing import Any

import boto3
import template as templates

#: Where the accounts' stacks find the packages: in the bucket of their own Region.
BUCKET_PARAMETER = "ArtifactBucketPrefix"


def artifacts(
    folder: Path, rules: list[str], functions_template: Path, pack: templates.Template, values: dict[str, str]
) -> dict[str, bytes]:
    """Everything by its key. Keys start with a digest of it all, so that what is the same has the same key."""
    packages = {f"{rule}.zip": package(folder / rule / "bootstrap") for rule in rules}
    pack_text = templates.with_defaults(pack, values).encode("utf-8")
    source = functions_template.read_bytes()
    digest = hashlib.sha256()
    for part in (*packages.values(), source, pack_text):
        digest.update(hashlib.sha256(part).digest())
    prefix = f"serverless-conformance/{digest.hexdigest()[:16]}"
    template, _ = templates.read(functions_template)
    parts = {**packages, "functions.yaml": plain_template(template, prefix), "pack.yaml": pack_text}
    return {f"{prefix}/{name}": content for name, content in parts.items()}


def package(program: Path) -> bytes:
    """A package of a function; the same program always makes the same package."""
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    # On every system as on Linux: a file that everybody may read and run.
    entry.create_system = 3
    entry.external_attr = 0o100755 << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(entry, program.read_bytes(), compresslevel=9)
    return packed.getvalue()


def plain_template(template: templates.Template, prefix: str) -> bytes:
    """The functions' template without its transform, which service-managed StackSets do not take.

    Source: AWS CloudFormation API Reference, CreateStackSet, Capabilities.
    """
    # Slow to load, and nothing else needs it. It counts what nobody asked it to, and complains that nobody listens.
    logging.getLogger("samtranslator.metrics.metrics").setLevel(logging.CRITICAL)
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    keys = {}
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            rule = resource["Properties"]["CodeUri"].rstrip("/").rsplit("/", 1)[-1]
            keys[name] = f"{prefix}/{rule}.zip"
            resource["Properties"]["CodeUri"] = f"s3://replaced-below/{keys[name]}"
    # The translator asks for a Region. The template names Regions by pseudo parameters only, so any will do.
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name="us-east-1"))
    plain: dict[str, Any] = translator.translate(template, parameter_values={})
    for name, key in keys.items():
        bucket = {"Fn::Sub": f"${{{BUCKET_PARAMETER}}}-${{AWS::Region}}"}
        plain["Resources"][name]["Properties"]["Code"] = {"S3Bucket": bucket, "S3Key": key}
    plain.setdefault("Parameters", {})[BUCKET_PARAMETER] = {
        "Type": "String",
        "Description": "What the name of the bucket with the packages starts with; its Region follows",
    }
    return json.dumps(plain, indent=1, sort_keys=True).encode("utf-8")

