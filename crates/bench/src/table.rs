//! Tables in Markdown.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, ContentArrangement, Table};

/// A table whose first column holds names and whose others hold numbers.
pub(crate) fn empty(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().copied());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

pub(crate) fn number(value: f64, decimals: usize) -> String {
    if value.is_nan() { "–".to_owned() } else { format!("{value:.decimals$}") }
}

/// Millions of bytes.
#[expect(clippy::cast_precision_loss, reason = "sizes are shown with one decimal")]
pub(crate) fn megabytes(bytes: u64) -> String {
    number(bytes as f64 / 1e6, 1)
}
