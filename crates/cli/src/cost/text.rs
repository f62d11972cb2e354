//! The estimate for people.

use std::fmt::Write;

use comfy_table::CellAlignment;

use crate::cost::NOT_INCLUDED;
use crate::cost::estimate::{Estimate, Line};
use crate::cost::prices;
use crate::page::Page;

pub(super) fn text(estimate: &Estimate, page: Page) -> String {
    let mut text = "Per month, for the nine rules\n".to_owned();
    text += &lines(&estimate.of_the_rules, estimate.usd_of_the_rules(), page);
    text += "\nPer month, for recording: AWS Config asks this with or without the rules\n";
    text += &lines(&estimate.of_recording, estimate.usd_of_recording(), page);

    text += "\nEvaluations per month, by rule\n";
    let mut table = page.table(&["rule", "on change", "on schedule"], 1);
    for rule in &estimate.rules {
        table.add_row([rule.name.to_owned(), whole(rule.on_change), whole(rule.on_schedule)]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{}", table.trim_fmt());

    text += "\nAssumed\n";
    for assumption in &estimate.assumptions {
        let _ = writeln!(text, "  {assumption}");
    }
    text += "\nNot included\n";
    for missing in NOT_INCLUDED {
        let _ = writeln!(text, "  {missing}");
    }
    let (date, region, source) = (prices::DATE, prices::REGION, prices::SOURCE);
    let _ = writeln!(text, "\nPrices of {region}, looked up in {date}: {source}");
    text
}

fn lines(lines: &[Line], total: f64, page: Page) -> String {
    let mut table = page.table(&["what", "quantity", "unit", "USD"], 1);
    for line in lines {
        table.add_row([line.what.to_owned(), whole(line.quantity), line.unit.to_owned(), dollars(line.usd)]);
    }
    table.add_row(["together".to_owned(), String::new(), String::new(), dollars(total)]);
    for index in [1, 3] {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("{}\n", table.trim_fmt())
}

/// With a comma after each thousand. A little is not nothing.
fn whole(number: f64) -> String {
    if 0.0 < number && number < 0.5 {
        return "< 1".to_owned();
    }
    grouped(&format!("{number:.0}"))
}

fn dollars(usd: f64) -> String {
    if 0.0 < usd && usd < 0.005 {
        return "< 0.01".to_owned();
    }
    let text = format!("{usd:.2}");
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    format!("{}.{cents}", grouped(whole))
}

fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if 0 < index && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_off_and_a_little_is_not_nothing() {
        assert_eq!(whole(0.0), "0");
        assert_eq!(whole(0.4), "< 1");
        assert_eq!(whole(999.6), "1,000");
        assert_eq!(whole(1_234_567.0), "1,234,567");
        assert_eq!(dollars(0.0), "0.00");
        assert_eq!(dollars(0.004), "< 0.01");
        assert_eq!(dollars(1234.5), "1,234.50");
        assert_eq!(dollars(999.999), "1,000.00");
    }
}
