//! One name in the spellings of the places where it stands.

/// `queue-visibility` as `QueueVisibility`, and `maxRoutes` as `MaxRoutes`.
pub(crate) fn pascal_case(name: &str) -> String {
    name.split('-').map(capitalized).collect()
}

/// `queue-visibility` as `queue_visibility`.
pub(crate) fn snake_case(name: &str) -> String {
    name.replace('-', "_")
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rules_name_becomes_a_type_and_a_crate() {
        assert_eq!(pascal_case("stack-per-resource-type"), "StackPerResourceType");
        assert_eq!(snake_case("stack-per-resource-type"), "stack_per_resource_type");
    }

    #[test]
    fn a_parameters_name_keeps_its_capitals() {
        assert_eq!(pascal_case("maxCodeSizeMiB"), "MaxCodeSizeMiB");
    }
}
