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

/// How many words are shorter than so many bytes.
const SHORTER: [u8; 32] = {
    let mut shorter = [0; 32];
    let mut word = 0;
    while word < WORDS.len() {
        let mut length = WORDS[word].len() + 1;
        while length < shorter.len() {
            shorter[length] += 1;
            length += 1;
        }
        word += 1;
    }
    shorter
};

/// Where a key is among the words. Asked for every key that is read: few words are of one length.
pub(super) fn place(key: &str) -> Option<u8> {
    let (from, to) = (*SHORTER.get(key.len())?, *SHORTER.get(key.len() + 1)?);
    let of_length = WORDS.get(usize::from(from)..usize::from(to))?;
    // Most that are no word differ in the first byte already, which costs less than comparing.
    let first = key.as_bytes().first();
    let is_key = |word: &str| word.as_bytes().first() == first && word == key;
    (from..to).zip(of_length).find(|(_, word)| is_key(word)).map(|(place, _)| place)
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
        let longest = "x".repeat(300);
        assert_eq!(["", "Timeout", "configurations", &longest].map(place), [None; 4]);
    }
}
