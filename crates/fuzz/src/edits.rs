//! What is done to an input to make it hostile: to its bytes, and if it is JSON, to its values.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

/// One change of an input. Where something stands is chosen before the input is known.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Another byte.
    Byte(Index, u8),
    /// Some bytes less.
    Cut(Index, usize),
    /// Nothing after this.
    End(Index),
    /// Something that means something to a parser.
    Insert(Index, &'static [u8]),
    /// The bytes from here on come twice.
    Repeat(Index),
    /// From here on, another input.
    Splice(Index, Index),
    /// A value of the JSON becomes something that does not belong there.
    Value(Index, Box<Value>),
    /// A member or an element less.
    Remove(Index),
    /// A value becomes another one of the same input.
    Copy(Index, Index),
    /// A value becomes a text that holds it, as AWS's interfaces like to have it.
    AsText(Index),
}

/// What parsers and readers of AWS's formats stumble over.
const WORDS: [&[u8]; 36] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\0",
    b"\n",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"%",
    b"%zz",
    b"null",
    b"-0",
    b"1e999",
    b"18446744073709551616",
    b"*",
    b"?",
    b"${",
    b"${aws:username}",
    b"arn:",
    b"arn:aws:iam::",
    b"::",
    b"until",
    b"9999-12-31",
    b"2027-02-30",
    b"'",
    b"(",
    b")",
    b" OR ",
    b"\xc2\xa0",
    b"&a [*a]",
    b"\xf0\x9f\x92\xa5",
];

/// Any edit.
pub fn edit() -> impl Strategy<Value = Edit> + Clone {
    let place = any::<Index>;
    prop_oneof![
        2 => (place(), any::<u8>()).prop_map(|(at, byte)| Edit::Byte(at, byte)),
        1 => (place(), 1usize..40).prop_map(|(at, length)| Edit::Cut(at, length)),
        1 => place().prop_map(Edit::End),
        3 => (place(), proptest::sample::select(&WORDS[..])).prop_map(|(at, word)| Edit::Insert(at, word)),
        1 => place().prop_map(Edit::Repeat),
        1 => (place(), place()).prop_map(|(at, other)| Edit::Splice(at, other)),
        6 => (place(), hostile()).prop_map(|(at, value)| Edit::Value(at, Box::new(value))),
        2 => place().prop_map(Edit::Remove),
        3 => (place(), place()).prop_map(|(at, from)| Edit::Copy(at, from)),
        2 => place().prop_map(Edit::AsText),
    ]
}

fn hostile() -> impl Strategy<Value = Value> + Clone {
    let deep = (0..120).fold(Value::Null, |value, _| json!([value]));
    let fixed = vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(0.5),
        json!(1e308),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(""),
        json!(" "),
        json!("\u{0}\u{1b}[2J\r\n\u{202e}"),
        json!("é".repeat(300)),
        json!("*".repeat(64)),
        json!("*?".repeat(32)),
        json!("a".repeat(70_000)),
        json!("arn:aws:lambda:eu-west-1:111122223333:function:orders"),
        json!("arn:aws:::::"),
        json!("%7B%22Version%22%3A%222012-10-17%22"),
        json!("2026-11-15T06:00:00.000Z"),
        json!("-009999-01-01T00:00:00Z"),
        json!([]),
        json!({}),
        json!([null, {"a": [1]}]),
        json!({"": {"": ""}}),
        deep,
    ];
    prop_oneof![4 => proptest::sample::select(fixed), 1 => ".{0,20}".prop_map(Value::String)]
}

/// The input with all edits made, one after the other.
#[must_use]
pub fn edited(input: &[u8], edits: &[Edit], others: &[Vec<u8>]) -> Vec<u8> {
    edits.iter().fold(input.to_vec(), |input, edit| after(input, edit, others))
}

fn after(mut input: Vec<u8>, edit: &Edit, others: &[Vec<u8>]) -> Vec<u8> {
    let at = |index: &Index| index.index(input.len() + 1);
    match edit {
        Edit::Byte(index, byte) => {
            let at = at(index);
            if let Some(old) = input.get_mut(at) {
                *old = *byte;
            }
        }
        Edit::Cut(index, length) => {
            let start = at(index);
            let end = input.len().min(start + length);
            input.drain(start..end);
        }
        Edit::End(index) => input.truncate(at(index)),
        Edit::Insert(index, word) => {
            let at = at(index);
            input.splice(at..at, word.iter().copied());
        }
        Edit::Repeat(index) => {
            let repeated = input.get(at(index)..).unwrap_or_default().to_vec();
            input.extend(repeated);
        }
        Edit::Splice(index, other) => {
            let start = at(index);
            let other = if others.is_empty() { &input.clone() } else { other.get(others) };
            input.truncate(start);
            input.extend(other.get(start.min(other.len())..).unwrap_or_default());
        }
        Edit::Value(..) | Edit::Remove(_) | Edit::Copy(..) | Edit::AsText(_) => {
            let Ok(mut value) = serde_json::from_slice::<Value>(&input) else { return input };
            edit_value(&mut value, edit);
            return value.to_string().into_bytes();
        }
    }
    input
}

fn edit_value(root: &mut Value, edit: &Edit) {
    let count = count(root);
    let mut change = |index: &Index, change: &mut dyn FnMut(&mut Value)| {
        if let Some(value) = nth(root, &mut index.index(count)) {
            change(value);
        }
    };
    match edit {
        Edit::Value(index, value) => change(index, &mut |old| old.clone_from(value)),
        Edit::AsText(index) => change(index, &mut |old| *old = Value::String(old.to_string())),
        Edit::Remove(index) => change(index, &mut |parent| match parent {
            Value::Object(members) => {
                let key = members.keys().nth(index.index(members.len().max(1))).cloned();
                key.and_then(|key| members.remove(&key));
            }
            Value::Array(elements) => {
                elements.pop();
            }
            scalar => *scalar = Value::Null,
        }),
        Edit::Copy(index, from) => {
            let mut copied = Value::Null;
            change(from, &mut |value| copied = value.clone());
            change(index, &mut |old| *old = copied.clone());
        }
        _ => {}
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Object(members) => members.values().map(count).sum(),
        Value::Array(elements) => elements.iter().map(count).sum(),
        _ => 0_usize,
    }
}

/// The `remaining`-th value below and including `value`.
fn nth<'a>(value: &'a mut Value, remaining: &mut usize) -> Option<&'a mut Value> {
    if *remaining == 0 {
        return Some(value);
    }
    *remaining -= 1;
    match value {
        Value::Object(members) => members.values_mut().find_map(|value| nth(value, remaining)),
        Value::Array(elements) => elements.iter_mut().find_map(|value| nth(value, remaining)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_can_be_reached_and_nothing_else() {
        let mut value = json!({"a": [1, {"b": 2}], "c": 3});
        assert_eq!(count(&value), 6);
        let found: Vec<_> = (0..7).map(|index| nth(&mut value, &mut index.clone()).cloned()).collect();
        let expected = [json!([1, {"b": 2}]), json!(1), json!({"b": 2}), json!(2), json!(3)].map(Some);
        assert_eq!(found[1..6], expected);
        assert_eq!(found[6], None);
    }
}
