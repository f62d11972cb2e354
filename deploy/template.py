"""Conformance packs and templates as data, and the values that a user gives for their parameters."""

from __future__ import annotations

import difflib
import shlex
from pathlib import Path
from typing import Any

import yaml
from console import Problem

#: The largest `TemplateBody` of a pack, in bytes.
#: Source: AWS Config API Reference, PutConformancePack, TemplateBody.
LARGEST_BODY = 51_200
#: The largest template in a bucket, in bytes: 300 KB.
#: Source: AWS Config API Reference, PutConformancePack, TemplateS3Uri.
LARGEST_OBJECT = 300 * 1_024

#: The parameter of the pack that says whether roles are judged in a Region.
IAM_PARAMETER = "EvaluateIamRoles"

Template = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Ref x` is `{"Ref": "x"}`, `!If [...]` is `{"Fn::If": [...]}`."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


def read(path: Path) -> tuple[Template, list[Problem]]:
    """The template of a file; without one, what is wrong with the file."""
    try:
        template = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        found = str(error).replace("\n", " ")
        return {}, [Problem(f"a template in YAML or JSON at `{path}`", found, "name another file")]
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        found = "something without `Resources`"
        return {}, [Problem(f"a template with `Resources` at `{path}`", found, "name another file")]
    return template, []


def too_large(path: Path, bucket: bool) -> list[Problem]:
    """Whether AWS Config would refuse the pack for its size; in a bucket it may be larger."""
    size = path.stat().st_size if path.exists() else 0
    if LARGEST_OBJECT < size:
        return [Problem(f"a template of at most {LARGEST_OBJECT} bytes", f"{size} bytes", "split the pack in two")]
    if LARGEST_BODY < size and not bucket:
        expected = f"a template of at most {LARGEST_BODY} bytes, or a bucket for a larger one"
        return [Problem(expected, f"{size} bytes and no bucket", "name a bucket in this Region: BUCKET=<name>")]
    return []


def assignments(text: str) -> tuple[dict[str, str], list[Problem]]:
    """`A=b C='d e'` as a map."""
    values: dict[str, str] = {}
    problems = []
    try:
        words = shlex.split(text)
    except ValueError as error:
        return {}, [Problem("PARAMETERS like `FailOn=high`", str(error), "close every quotation mark")]
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name:
            values[name] = value
        else:
            repair = "write each as NAME=VALUE, in quotation marks where the value has blanks"
            problems.append(Problem("PARAMETERS like `FailOn=high`", f"`{word}`", repair))
    return values, problems


def refused_values(template: Template, values: dict[str, str]) -> list[Problem]:
    """What AWS Config would refuse of these values: unknown names, values that are not allowed, missing ones."""
    declared = template.get("Parameters") or {}
    missing = [name for name, of in declared.items() if "Default" not in of and name not in values]
    problems = [
        Problem(f"a value for `{name}`, which has no default", "none", f'PARAMETERS="{name}=<value>"')
        for name in missing
    ]
    for name, value in values.items():
        if name not in declared:
            problems.append(_unknown(name, list(declared)))
            continue
        allowed = [str(allowed) for allowed in declared[name].get("AllowedValues", [])]
        if allowed and value not in allowed:
            expected = f"`{name}` to be one of `{'`, `'.join(allowed)}`"
            problems.append(Problem(expected, f"`{value}`", f"PARAMETERS=\"{name}={allowed[0]}\""))
    return problems


def _unknown(name: str, known: list[str]) -> Problem:
    # Somebody who leaves out a rule's name, or writes a parameter as the rule does, means the one that ends so.
    near = [candidate for candidate in known if candidate.lower().endswith(name.lower())]
    lower = {candidate.lower(): candidate for candidate in known}
    near += [lower[match] for match in difflib.get_close_matches(name.lower(), list(lower), n=3)]
    near = list(dict.fromkeys(near))[:3]
    hint = f"did you mean `{'`, `'.join(near)}`?" if near else f"the pack has {', '.join(known)}"
    return Problem("the name of one of the pack's parameters", f"`{name}`", hint)


def imports(template: Template) -> list[str]:
    """The names of the exports that the rules' functions are found by, sorted."""
    found: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, dict):
            name = value.get("Fn::ImportValue")
            if isinstance(name, str):
                found.add(name)
            for member in value.values():
                look(member)
        elif isinstance(value, list):
            for element in value:
                look(element)

    look(template["Resources"])
    return sorted(found)


def scoped_types(template: Template, evaluates_iam: bool) -> list[str]:
    """The types whose changes the rules want to hear of, sorted."""
    found: set[str] = set()
    for resource in template["Resources"].values():
        scope = resource.get("Properties", {}).get("Scope", {})
        for element in scope.get("ComplianceResourceTypes", []):
            if isinstance(element, str):
                found.add(element)
            elif isinstance(element, dict) and evaluates_iam:
                found.update(part for part in element.get("Fn::If", [])[1:] if isinstance(part, str))
    return sorted(found)


def with_defaults(template: Template, values: dict[str, str]) -> str:
    """The same template in YAML, with these values as the parameters' defaults."""
    changed = {**template, "Parameters": {**(template.get("Parameters") or {})}}
    for name, value in values.items():
        changed["Parameters"][name] = {**changed["Parameters"][name], "Default": value}
    return yaml.safe_dump(changed, sort_keys=False, width=110, allow_unicode=True)
