//! The line that AWS Config shows beside a result.

use crate::outcome::Finding;

/// The longest annotation that `PutEvaluations` accepts, in Unicode scalar values; a longer one fails the whole call.
///
/// Source: AWS Config API Reference, `Evaluation`, `Annotation`.
pub const MAX_ANNOTATION_CHARACTERS: usize = 256;

/// `<lead><check-id>: <observed>, <required>[; <next>]… (+n more)`, as many findings as fit, in the given order.
pub(crate) fn of_findings(lead: &str, findings: &[&Finding]) -> String {
    let mut annotation = lead.to_owned();
    for (index, finding) in findings.iter().enumerate() {
        let separator = if index == 0 { "" } else { "; " };
        let piece = format!("{separator}{}: {}, {}", finding.check.id, finding.seen, finding.wanted);
        let remaining = findings.len() - index - 1;
        let room = MAX_ANNOTATION_CHARACTERS.saturating_sub(characters(&more(remaining)));
        if characters(&annotation) + characters(&piece) <= room {
            annotation.push_str(&piece);
        } else if index == 0 {
            annotation = cut(&(annotation + &piece), room) + &more(remaining);
            break;
        } else {
            annotation.push_str(&more(remaining + 1));
            break;
        }
    }
    cut(&annotation, MAX_ANNOTATION_CHARACTERS)
}

/// `text` on one line, ending in an ellipsis if it had to be cut to `limit` characters.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    let one_line = |character: char| if character.is_control() { ' ' } else { character };
    if characters(text) <= limit {
        return text.chars().map(one_line).collect();
    }
    text.chars().take(limit.saturating_sub(1)).map(one_line).chain(['…']).collect()
}

fn more(count: usize) -> String {
    if count == 0 { String::new() } else { format!(" (+{count} more)") }
}

fn characters(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Check, Severity};

    const CHECK: &Check = &Check { id: "code-too-large", severity: Severity::Medium, title: "", remedy: "" };

    #[test]
    fn one_finding_is_its_check_and_both_values() {
        assert_eq!(
            of("", &[("12 MiB of code", "at most 10 MiB")]),
            "code-too-large: 12 MiB of code, at most 10 MiB"
        );
    }

    #[test]
    fn findings_that_fit_follow_and_the_rest_is_counted() {
        let seen = "s".repeat(90);
        let annotation = of("", &[(&seen, "w"), (&seen, "w"), (&seen, "w"), (&seen, "w")]);
        let piece = format!("code-too-large: {seen}, w");
        assert_eq!(annotation, format!("{piece}; {piece} (+2 more)"));
    }

    #[test]
    fn exactly_256_characters_are_not_cut_and_one_more_is() {
        let rest = "code-too-large: , w".len();
        let fits = "é".repeat(MAX_ANNOTATION_CHARACTERS - rest);
        assert_eq!(of("", &[(&fits, "w")]), format!("code-too-large: {fits}, w"));
        let annotation = of("", &[(&format!("{fits}é"), "w")]);
        assert_eq!(characters(&annotation), MAX_ANNOTATION_CHARACTERS);
        assert!(annotation.ends_with("é,…"));
    }

    #[test]
    fn a_first_finding_that_is_too_long_still_tells_how_many_follow() {
        let long = "x".repeat(400);
        let annotation = of("", &[(&long, "w"), ("a", "b")]);
        assert_eq!(characters(&annotation), MAX_ANNOTATION_CHARACTERS);
        assert!(annotation.ends_with("x… (+1 more)"));
    }

    #[test]
    fn line_breaks_do_not_survive() {
        assert_eq!(of("", &[("a\nb\tc", "d")]), "code-too-large: a b c, d");
    }

    fn of(lead: &str, findings: &[(&str, &str)]) -> String {
        let findings: Vec<_> =
            findings.iter().map(|(seen, wanted)| Finding::new(CHECK, *seen, *wanted, "place")).collect();
        of_findings(lead, &findings.iter().collect::<Vec<_>>())
    }
}
