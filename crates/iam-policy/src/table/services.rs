use std::ops::Range;

const TEXT: &str = include_str!("../../data/services.txt");

/// One line for each service: `prefix TAB offset TAB length of types TAB of keys TAB of actions`, in bytes.
pub(super) static SERVICES: [Section; COUNT] = sections();

/// Where the texts of a service stand: numbers only, so that a program can be loaded without adjusting any of them.
#[derive(Clone, Copy)]
pub(super) struct Section {
    /// Its place among the services.
    place: usize,
    /// Where the prefix begins and ends in [`TEXT`].
    prefix: [usize; 2],
    /// Where the types, the keys and the actions begin in the table, and where the actions end.
    bounds: [usize; 4],
}

impl Section {
    pub(super) fn prefix(&self) -> &'static str {
        let [start, end] = self.prefix;
        TEXT.get(start..end).unwrap_or_default()
    }

    pub(super) const fn place(&self) -> usize {
        self.place
    }

    pub(super) const fn types(&self) -> Range<usize> {
        let [start, end, ..] = self.bounds;
        start..end
    }

    pub(super) const fn keys(&self) -> Range<usize> {
        let [_, start, end, _] = self.bounds;
        start..end
    }

    pub(super) const fn actions(&self) -> Range<usize> {
        let [.., start, end] = self.bounds;
        start..end
    }
}

/// How many services there are.
pub(super) const COUNT: usize = {
    let (text, mut at, mut count) = (TEXT.as_bytes(), 0, 0);
    while at < text.len() {
        if text[at] == b'\n' {
            count += 1;
        }
        at += 1;
    }
    count
};

/// A text that is no such lines does not compile.
#[expect(clippy::large_stack_arrays, reason = "the compiler runs this, no program does")]
const fn sections() -> [Section; COUNT] {
    let text = TEXT.as_bytes();
    let mut sections = [Section { place: 0, prefix: [0; 2], bounds: [0; 4] }; COUNT];
    let (mut at, mut line) = (0, 0);
    while line < COUNT {
        let start = at;
        while text[at] != b'\t' {
            at += 1;
        }
        sections[line].place = line;
        sections[line].prefix = [start, at];
        let (mut field, mut end) = (0, 0);
        while field < 4 {
            // Behind the offset stand lengths.
            let (number, after) = number(text, at + 1);
            end += number;
            sections[line].bounds[field] = end;
            (at, field) = (after, field + 1);
        }
        assert!(text[at] == b'\n', "expected four numbers in each line of services.txt");
        (at, line) = (at + 1, line + 1);
    }
    sections
}

/// The number at a place, and the place behind it.
const fn number(text: &[u8], mut at: usize) -> (usize, usize) {
    let mut number = 0;
    while text[at].is_ascii_digit() {
        number = number * 10 + (text[at] - b'0') as usize;
        at += 1;
    }
    (number, at)
}
