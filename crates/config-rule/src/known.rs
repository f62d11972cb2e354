use serde::{Serialize, Serializer};

/// A value that may not be known here.
///
/// There is no default and no `is_true`: [`Known::get`] is the only way in, so a check that lacks evidence stays
/// silent instead of guessing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<T> {
    /// What the evidence says.
    Value(T),
    /// What is missing to say anything.
    Unknown(Missing),
}

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// The object that would hold the property exists and does not hold it.
    #[error("`{path}` is absent")]
    Absent {
        /// Dotted path from the configuration item's root.
        path: String,
    },
    /// The property is there, as JSON `null`.
    #[error("`{path}` is null")]
    Null {
        /// Dotted path from the configuration item's root.
        path: String,
    },
    /// The property has another type than AWS documents.
    #[error("`{path}`: expected {expected}, found {found}")]
    WrongType {
        /// Dotted path from the configuration item's root.
        path: String,
        /// What AWS documents, with its article.
        expected: &'static str,
        /// What was there, in JSON's words.
        found: String,
    },
    /// AWS Config does not record this, or the item at hand was made without it.
    #[error("{what} is not recorded")]
    NotRecorded {
        /// A resource type or a part of an item.
        what: String,
    },
    /// The evidence exists but could not be read here.
    #[error("{what} is not available: {why}")]
    Unavailable {
        /// What was asked for.
        what: String,
        /// Why it could not be had.
        why: String,
    },
}

impl<T> Known<T> {
    /// The value, or what is missing.
    ///
    /// # Errors
    ///
    /// [`Missing`] says which evidence was not there; a check passes it on with `?`.
    pub fn get(&self) -> Result<&T, Missing> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Unknown(missing) => Err(missing.clone()),
        }
    }

    /// The same with the value changed by `change`.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Value(value) => Known::Value(change(value)),
            Self::Unknown(missing) => Known::Unknown(missing),
        }
    }

    /// The same with the value read further by `read`.
    pub fn and_then<U>(self, read: impl FnOnce(T) -> Known<U>) -> Known<U> {
        match self {
            Self::Value(value) => read(value),
            Self::Unknown(missing) => Known::Unknown(missing),
        }
    }

    /// `None` where the property is absent or null. For properties whose absence means something; what it means is
    /// for the view to say.
    pub fn optional(self) -> Known<Option<T>> {
        match self {
            Self::Value(value) => Known::Value(Some(value)),
            Self::Unknown(Missing::Absent { .. } | Missing::Null { .. }) => Known::Value(None),
            Self::Unknown(missing) => Known::Unknown(missing),
        }
    }
}

impl<T> From<Result<T, Missing>> for Known<T> {
    fn from(result: Result<T, Missing>) -> Self {
        match result {
            Ok(value) => Self::Value(value),
            Err(missing) => Self::Unknown(missing),
        }
    }
}

impl<T> FromIterator<Known<T>> for Known<Vec<T>> {
    /// All values, or the first thing that is missing.
    fn from_iter<I: IntoIterator<Item = Known<T>>>(values: I) -> Self {
        let mut collected = Vec::new();
        for value in values {
            match value {
                Known::Value(value) => collected.push(value),
                Known::Unknown(missing) => return Self::Unknown(missing),
            }
        }
        Self::Value(collected)
    }
}

/// Reports and logs show it as a sentence.
impl Serialize for Missing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_and_null_are_optional_but_a_wrong_type_is_not() {
        let path = || "configuration.layers".to_owned();
        assert_eq!(Known::<u8>::Unknown(Missing::Absent { path: path() }).optional(), Known::Value(None));
        assert_eq!(Known::<u8>::Unknown(Missing::Null { path: path() }).optional(), Known::Value(None));
        let wrong = Missing::WrongType { path: path(), expected: "a list", found: "text".to_owned() };
        assert_eq!(Known::<u8>::Unknown(wrong.clone()).optional(), Known::Unknown(wrong));
    }

    #[test]
    fn one_unknown_makes_the_list_unknown() {
        let missing = Missing::NotRecorded { what: "AWS::CloudWatch::Alarm".to_owned() };
        let list: Known<Vec<u8>> = [Known::Value(1), Known::Unknown(missing.clone())].into_iter().collect();
        assert_eq!(list, Known::Unknown(missing));
    }
}
