//! The matrix for people: a column for each minor line of NumPy, or for a part of one where its releases differ.

use contract::judge::{Cell, Matrix, MatrixRow};
use contract::{Fails, Verdict, Version};

use super::Sheet;
use crate::{Colour, Detail, words};

/// What the words in the cells mean.
const LEGEND: &str = "\
ok works, import fails at import, use fails when what needs NumPy is first used, risk imports and may go wrong, ? could not
be told, - does not use NumPy's C API, (...) the metadata forbids it, * the NumPy at hand";

/// So many distributions are all shown: whoever asks about one or two wants to see them.
const FEW: usize = 10;

/// Releases side by side that fare the same.
struct Column {
    first: usize,
    head: String,
}

/// The sheets, one below the other; of many distributions, those that nothing can happen to with [`Detail::Everything`]
/// alone; with [`Detail::Counts`] a line each and no table. Ends with a line break.
pub fn to_text(sheets: &[Sheet], detail: Detail, colour: Colour) -> String {
    if detail == Detail::Counts {
        return sheets.iter().map(|sheet| format!("{}: {}\n", sheet.path, suiting(&sheet.matrix))).collect();
    }
    let every = detail == Detail::Everything;
    let blocks: Vec<String> = sheets.iter().map(|sheet| block(sheet, every, colour)).collect();
    format!("{}\n{}\n", blocks.join("\n"), colour.faint(LEGEND))
}

fn block(sheet: &Sheet, every: bool, colour: Colour) -> String {
    let all = every || sheet.matrix.rows.len() <= FEW;
    let (rows, left_out): (Vec<&MatrixRow>, Vec<&MatrixRow>) =
        sheet.matrix.rows.iter().partition(|row| all || matters(row));
    let columns = columns(sheet, &rows);
    let mut out = head(sheet, colour);
    out.push_str(&table(&rows, &columns, colour));
    if !left_out.is_empty() {
        let count = words::count(left_out.len(), "more distribution");
        out.push_str(&format!("{count} that no NumPy release breaks or forbids; `-v` lists them\n"));
    }
    out.push_str(&format!("\n{}\n", suiting(&sheet.matrix)));
    sheet.problems.iter().for_each(|problem| out.push_str(&format!("note: {problem}\n")));
    sheet.left_out.iter().for_each(|told| out.push_str(&format!("not looked at: {told}\n")));
    out
}

/// Whether a release makes a difference to it, or it could not be told.
fn matters(row: &MatrixRow) -> bool {
    row.cells.iter().any(|cell| !cell.suits())
}

fn head(sheet: &Sheet, colour: Colour) -> String {
    let python = sheet.python.as_ref().map(|python| format!("Python {} on {}", python.version, python.platform));
    let numpy = sheet.numpy.as_ref().map(|numpy| format!("NumPy {numpy}"));
    let parts: Vec<String> = [Some(colour.bold(&sheet.path)), python, numpy].into_iter().flatten().collect();
    format!("{}\n\n", parts.join(", "))
}

/// A column for each line, split where the releases of a line do not fare alike.
fn columns(sheet: &Sheet, rows: &[&MatrixRow]) -> Vec<Column> {
    let releases = &sheet.matrix.releases;
    let alike = |a: usize, b: usize| rows.iter().all(|row| looks(row.cells.get(a)) == looks(row.cells.get(b)));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, release) in releases.iter().enumerate() {
        let goes_on = |group: &&mut Vec<usize>| {
            let last = group.last().copied();
            last.is_some_and(|last| {
                releases.get(last).is_some_and(|r| r.line() == release.line()) && alike(last, index)
            })
        };
        match groups.last_mut().filter(goes_on) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    groups.iter().filter_map(|group| column(group, releases, sheet.numpy.as_ref())).collect()
}

fn looks(cell: Option<&Cell>) -> Option<(Verdict, Option<Fails>, bool)> {
    cell.map(|cell| (cell.verdict, cell.fails, cell.allowed))
}

fn column(group: &[usize], releases: &[Version], at_hand: Option<&Version>) -> Option<Column> {
    let (first, last) = (*group.first()?, *group.last()?);
    let (from, to) = (releases.get(first)?, releases.get(last)?);
    let line = from.line();
    let whole = releases.iter().filter(|release| release.line() == line).count() == group.len();
    let name = match (whole, from == to) {
        (true, _) => line.to_string(),
        (false, true) => from.to_string(),
        (false, false) => format!("{from}-{to}"),
    };
    // A release that is not listed (a vendor's, a pre-release) stands with its line.
    let here = |version: &Version| if whole { version.line() == line } else { from <= version && version <= to };
    let star = if at_hand.is_some_and(here) { "*" } else { "" };
    Some(Column { first, head: format!("{name}{star}") })
}

fn table(rows: &[&MatrixRow], columns: &[Column], colour: Colour) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let names: Vec<String> =
        rows.iter().map(|row| format!("{} {}", row.name, row.version).trim_end().to_owned()).collect();
    let first = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let width = |column: &Column| {
        let cells = rows.iter().filter_map(|row| row.cells.get(column.first)).map(|cell| word(cell).len());
        cells.chain([column.head.len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = columns.iter().map(width).collect();
    let heads = columns.iter().zip(&widths).map(|(column, width)| format!("{:<width$}", column.head));
    let mut out = line(&format!("{:<first$}", "NumPy"), heads);
    for (row, name) in rows.iter().zip(&names) {
        let cells = columns.iter().zip(&widths).filter_map(|(column, width)| {
            let cell = row.cells.get(column.first)?;
            let padding = " ".repeat(width.saturating_sub(word(cell).len()));
            Some(colour.verdict(shade(cell), &word(cell)) + &padding)
        });
        out.push_str(&line(&format!("{name:<first$}"), cells));
    }
    out
}

fn line(name: &str, cells: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = std::iter::once(name.to_owned()).chain(cells).collect();
    format!("{}\n", all.join("  ").trim_end())
}

fn shade(cell: &Cell) -> Verdict {
    if cell.verdict == Verdict::Compatible && !cell.allowed { Verdict::NotApplicable } else { cell.verdict }
}

fn word(cell: &Cell) -> String {
    let word = match (cell.verdict, cell.fails) {
        (Verdict::Compatible, _) => "ok",
        (Verdict::Incompatible, Some(Fails::Import)) => "import",
        (Verdict::Incompatible, _) => "use",
        (Verdict::AtRisk, _) => "risk",
        (Verdict::Undetermined, _) => "?",
        (Verdict::NotApplicable, _) => "-",
    };
    if cell.allowed { word.to_owned() } else { format!("({word})") }
}

fn suiting(matrix: &Matrix) -> String {
    match (matrix.suiting().as_slice(), matrix.rows.len()) {
        (_, 0) => "Nothing compiled was found".to_owned(),
        ([], _) => "No NumPy release here suits every distribution, by its bytes and by its metadata".to_owned(),
        (suiting, _) if suiting.len() == matrix.releases.len() => {
            "Every NumPy release here suits every distribution, by its bytes and by its metadata".to_owned()
        }
        (suiting, _) => {
            format!("Suits every distribution, by its bytes and by its metadata: NumPy {}", spans(suiting, matrix))
        }
    }
}

/// `1.25.2 to 1.26.4, 2.1.0`: runs of neighbours by their ends.
fn spans(suiting: &[&Version], matrix: &Matrix) -> String {
    let runs = matrix.releases.chunk_by(|a, b| suiting.contains(&a) == suiting.contains(&b));
    let runs = runs.filter(|run| run.first().is_some_and(|first| suiting.contains(&first)));
    let spelled = runs.map(|run| match run {
        [first, .., last] => format!("{first} to {last}"),
        other => other.iter().map(ToString::to_string).collect(),
    });
    spelled.collect::<Vec<_>>().join(", ")
}
