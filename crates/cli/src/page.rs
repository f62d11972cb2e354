//! Where text goes, and how tables look there.

use std::borrow::Cow;
use std::env;
use std::io::{self, BufWriter, IsTerminal, Write};

use comfy_table::{Cell, Color, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle};
use unicode_width::UnicodeWidthStr as _;

/// How much is written at a time: 64 KiB.
const BUFFER_BYTES: usize = 64 * 1024;

/// A terminal has a width and perhaps colours; a pipe or a file has neither, and gets one line for each row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    width: Option<u16>,
    has_colour: bool,
}

impl Page {
    /// Standard output, as it is.
    pub(crate) fn of_standard_output() -> Self {
        let width = io::stdout().is_terminal().then(|| Table::new().width()).flatten();
        // https://no-color.org: any value but the empty one.
        let wants_colour = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { width, has_colour: width.is_some() && wants_colour }
    }

    /// An empty table that fits the page. `fixed` leading columns are never broken.
    pub(crate) fn table(self, header: &[&str], fixed: usize) -> Table {
        let mut table = Table::new();
        table.set_header(header.iter().map(Cell::new));
        table.force_no_tty();
        table.load_style(TableStyle::new());
        table.set_content_arrangement(ContentArrangement::Disabled);
        if let Some(width) = self.width {
            table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')));
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        if self.has_colour {
            table.enforce_styling();
        }
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if index < fixed {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        table
    }

    /// Whether it has neither width nor colours.
    pub(crate) fn is_plain(self) -> bool {
        self.width.is_none() && !self.has_colour
    }

    /// A cell in a colour, where the page has colours.
    pub(crate) fn cell(self, text: &str, colour: Option<Color>) -> Cell {
        let cell = Cell::new(without_controls(text));
        match colour {
            Some(colour) if self.has_colour => cell.fg(colour),
            _ => cell,
        }
    }
}

/// What [`Page::table`] shows on a plain page, for tables with a hundred thousand rows: a table of that many cells takes more
/// memory than what they show.
pub(crate) fn aligned<'a, R: Iterator<Item = Vec<Cow<'a, str>>>>(
    header: &[&'a str],
    rows: impl Fn() -> R,
) -> String {
    let header: Vec<_> = header.iter().map(|cell| Cow::Borrowed(*cell)).collect();
    let mut widths = vec![0; header.len()];
    for row in std::iter::once(header.clone()).chain(rows()) {
        for (width, cell) in widths.iter_mut().zip(&row) {
            *width = width_of(cell).max(*width);
        }
    }
    let mut text = String::new();
    for row in std::iter::once(header).chain(rows()) {
        let start = text.len();
        for (width, cell) in widths.iter().zip(&row) {
            text.extend(cell.chars().map(on_one_line));
            text.extend(std::iter::repeat_n(' ', width.saturating_sub(width_of(cell)) + 2));
        }
        text.truncate(start + text.get(start..).unwrap_or_default().trim_end().len());
        text.push('\n');
    }
    text
}

fn width_of(cell: &str) -> usize {
    if cell.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return cell.len();
    }
    without_controls(cell).width()
}

/// Writes to standard output.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    write(|out| out.write_all(text.as_bytes()))
}

/// Writes piece by piece to standard output. That nobody reads on, as in `… | head`, is no error.
pub(crate) fn write(pieces: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock());
    match pieces(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

/// Writes lines to standard error, if somebody reads it.
pub(crate) fn note(text: &str) {
    for line in text.lines() {
        let _ = writeln!(io::stderr(), "{}", without_controls(line));
    }
}

/// Names come from the input; what they hold must not steer the terminal.
fn without_controls(text: &str) -> String {
    text.chars().map(on_one_line).collect()
}

fn on_one_line(character: char) -> char {
    if character.is_control() { ' ' } else { character }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_table_looks_like_any_other() {
        let page = Page::default();
        let header = ["verdict", "resource", "reason"];
        let rows = [
            ["COMPLIANT", "orders", ""],
            ["NON_COMPLIANT", "a\u{1b}[2J\nb", "slow…  "],
            ["", "", ""],
            ["x", "漢字 e\u{301}", "ü"],
        ];
        let mut table = page.table(&header, 1);
        for row in rows {
            table.add_row(row.map(|cell| page.cell(cell, None)));
        }
        let aligned = aligned(&header, || rows.iter().map(|row| row.map(Cow::Borrowed).to_vec()));
        assert_eq!(aligned, table.trim_fmt() + "\n");
    }
}
