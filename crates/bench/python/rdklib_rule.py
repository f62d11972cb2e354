"""A rule as people write it on AWS's own library for rules in Python, to compare with: the size and timeout of a
function, as `lambda-small-single-purpose` judges them by its defaults."""

from rdklib import ComplianceType, ConfigRule, Evaluation, Evaluator

FUNCTION = "AWS::Lambda::Function"
MAX_ZIP_BYTES = 10 * 1024 * 1024
MAX_TIMEOUT_SECONDS = 300


class SmallFunction(ConfigRule):
    def evaluate_change(self, event, client_factory, configuration_item, valid_rule_parameters):
        function = configuration_item["configuration"]
        reasons = []
        if function["packageType"] == "Zip" and MAX_ZIP_BYTES < function["codeSize"]:
            reasons.append(f"code-too-large: {function['codeSize']} bytes, at most {MAX_ZIP_BYTES}")
        if MAX_TIMEOUT_SECONDS < function["timeout"]:
            reasons.append(f"timeout-too-long: {function['timeout']} s, at most {MAX_TIMEOUT_SECONDS} s")
        if reasons:
            return [Evaluation(ComplianceType.NON_COMPLIANT, annotation="; ".join(reasons))]
        return [Evaluation(ComplianceType.COMPLIANT)]


def handler(event, context):
    return Evaluator(SmallFunction(), [FUNCTION]).handle(event, context)
