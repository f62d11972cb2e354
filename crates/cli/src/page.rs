//! Where text goes, and how tables look there.

use std::env;
use std::io::{self, BufWriter, IsTerminal, Write};

use comfy_table::{Cell, Color, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle};

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

    /// A cell in a colour, where the page has colours.
    pub(crate) fn cell(self, text: &str, colour: Option<Color>) -> Cell {
        let cell = Cell::new(without_controls(text));
        match colour {
            Some(colour) if self.has_colour => cell.fg(colour),
            _ => cell,
        }
    }
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
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}
