//! Keys that stand in almost every item of a large account, a fifth of what documents hold if each is written out.

/// By their length, then by their text.
const WORDS: [&str; 77] = [
    "Sid",
    "arn",
    "key",
    "mode",
    "name",
    "role",
    "unit",
    "value",
    "Action",
    "Effect",
    "Policy",
    "layers",
    "Service",
    "Version",
    "roleARN",
    "runtime",
    "service",
    "timeout",
    "Resource",
    "category",
    "codeSize",
    "document",
    "parentId",
    "provider",
    "roleName",
    "Condition",
    "Principal",
    "Statement",
    "namespace",
    "policyArn",
    "stackName",
    "statistic",
    "targetArn",
    "threshold",
    "dimensions",
    "memorySize",
    "metricName",
    "policyName",
    "functionArn",
    "packageType",
    "stackStatus",
    "actionTypeId",
    "alarmActions",
    "creationTime",
    "functionName",
    "lastModified",
    "resourceType",
    "configuration",
    "tracingConfig",
    "actionsEnabled",
    "policyDocument",
    "resourceStatus",
    "rolePolicyList",
    "lastUpdatedTime",
    "deadLetterConfig",
    "driftInformation",
    "isDefaultVersion",
    "stackDriftStatus",
    "treatMissingData",
    "datapointsToAlarm",
    "evaluationPeriods",
    "extendedStatistic",
    "logicalResourceId",
    "policyVersionList",
    "comparisonOperator",
    "physicalResourceId",
    "permissionsBoundary",
    "lastUpdatedTimestamp",
    "StackResourceSummaries",
    "permissionsBoundaryArn",
    "attachedManagedPolicies",
    "assumeRolePolicyDocument",
    "stackResourceDriftStatus",
    "supplementaryConfiguration",
    "aws:cloudformation:stack-id",
    "aws:cloudformation:logical-id",
    "aws:cloudformation:stack-name",
];

/// Where a key is among the words.
pub(super) fn place(key: &str) -> Option<u8> {
    let by_length = |word: &&str| word.len().cmp(&key.len()).then_with(|| (**word).cmp(key));
    WORDS.binary_search_by(by_length).ok().and_then(|place| place.try_into().ok())
}

/// The word at a place; empty where there is none.
pub(super) fn at(place: u8) -> &'static str {
    WORDS.get(usize::from(place)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_found_where_it_stands_and_nothing_else_is() {
        assert!(WORDS.is_sorted_by_key(|word| (word.len(), *word)), "what is searched must be sorted");
        for word in WORDS {
            assert_eq!(place(word).map(at), Some(word));
        }
        assert_eq!(["", "Timeout", "configurations"].map(place), [None; 3]);
    }
}
