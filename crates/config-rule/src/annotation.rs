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
