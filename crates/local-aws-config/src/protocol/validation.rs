//! The constraints of the service model, collected and worded as AWS words them.

use std::fmt::Display;

use super::error::ApiError;

/// What in a request breaks the service model.
#[derive(Debug, Default)]
pub(super) struct Violations(Vec<String>);

impl Violations {
    /// One `ValidationException` for all of them, or nothing.
    pub(super) fn finish(self) -> Result<(), ApiError> {
        let Self(violations) = self;
        if violations.is_empty() {
            return Ok(());
        }
        let (count, plural) = (violations.len(), if violations.len() == 1 { "" } else { "s" });
        let message = format!("{count} validation error{plural} detected: {}", violations.join("; "));
        Err(ApiError::new("ValidationException", message))
    }

    pub(super) fn add(&mut self, path: impl Display, value: impl Display, constraint: &str) {
        self.0.push(format!("Value '{value}' at '{path}' failed to satisfy constraint: {constraint}"));
    }

    pub(super) fn required(&mut self, path: impl Display) {
        self.0.push(format!("Value null at '{path}' failed to satisfy constraint: Member must not be null"));
    }

    /// Characters of a text that may be missing.
    pub(super) fn text(&mut self, path: impl Display, text: Option<&str>, min: usize, max: usize) {
        let Some(text) = text else { return };
        let length = text.chars().count();
        if length < min {
            let constraint = format!("Member must have length greater than or equal to {min}");
            self.add(&path, text, &constraint);
        } else if max < length {
            let constraint = format!("Member must have length less than or equal to {max}");
            self.add(&path, text, &constraint);
        }
    }

    /// The same for a text that must be there.
    pub(super) fn required_text(&mut self, path: impl Display, text: Option<&str>, min: usize, max: usize) {
        match text {
            Some(_) => self.text(path, text, min, max),
            None => self.required(path),
        }
    }

    /// Elements of a list.
    pub(super) fn count(&mut self, path: impl Display, count: usize, min: usize, max: usize) {
        let elements = format!("[{count} elements]");
        if count < min {
            let constraint = format!("Member must have length greater than or equal to {min}");
            self.add(path, elements, &constraint);
        } else if max < count {
            let constraint = format!("Member must have length less than or equal to {max}");
            self.add(path, elements, &constraint);
        }
    }

    /// A page's size.
    pub(super) fn limit(&mut self, path: impl Display, limit: Option<i64>, max: i64) {
        match limit {
            Some(limit) if limit < 0 => {
                self.add(path, limit, "Member must have value greater than or equal to 0");
            }
            Some(limit) if max < limit => {
                let constraint = format!("Member must have value less than or equal to {max}");
                self.add(path, limit, &constraint);
            }
            _ => {}
        }
    }

    /// A word of a fixed set.
    pub(super) fn one_of(&mut self, path: impl Display, word: Option<&str>, words: &[&str]) {
        if let Some(word) = word
            && !words.contains(&word)
        {
            let constraint = format!("Member must satisfy enum value set: [{}]", words.join(", "));
            self.add(path, word, &constraint);
        }
    }

    /// A type of resource, required. The service model lists hundreds and grows; the form is what is checked here.
    pub(super) fn resource_type(&mut self, path: impl Display, resource_type: Option<&str>) {
        match resource_type {
            None => self.required(path),
            Some(name) if is_resource_type(name) => {}
            Some(name) => self.add(
                path,
                name,
                "Member must satisfy enum value set: [AWS::<service>::<type>, the types that AWS Config records]",
            ),
        }
    }
}

/// Whether a text has the form `AWS::Service::Type`.
pub(super) fn is_resource_type(name: &str) -> bool {
    let mut parts = name.split("::");
    let mut word = || {
        parts
            .next()
            .is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    let has_three = word() && word() && word();
    has_three && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_three_parts() {
        assert!(is_resource_type("AWS::Lambda::Function"));
        for other in
            ["AWS::Account", "AWS::::Account", "AWS::Lambda::", "Lambda", "AWS::A::B::C", "AWS::S3 ::B"]
        {
            assert!(!is_resource_type(other), "{other}");
        }
    }

    #[test]
    fn all_violations_are_told_at_once() {
        let mut violations = Violations::default();
        violations.text("name", Some(""), 1, 3);
        violations.text("name", Some("long"), 1, 3);
        violations.required("token");
        assert_eq!(
            violations.finish(),
            Err(ApiError::new(
                "ValidationException",
                "3 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member must have \
                 length greater than or equal to 1; Value 'long' at 'name' failed to satisfy constraint: Member must \
                 have length less than or equal to 3; Value null at 'token' failed to satisfy constraint: Member must \
                 not be null"
            ))
        );
    }

    #[test]
    fn limits_are_inclusive() {
        let accepted = |limit| {
            let mut violations = Violations::default();
            violations.limit("limit", Some(limit), 100);
            violations.finish().is_ok()
        };
        assert!(accepted(0) && accepted(100));
        assert!(!accepted(-1) && !accepted(101));
    }
}
