//! From bytes as people paste them to one line of text whose every position knows the line it came from.
//!
//! Messages are wrapped, prefixed, coloured, boxed and squashed on their way into an issue, and every one of these
//! changes white space or the beginning of lines. So they are matched on text in which each line lost its prefix and
//! every run of white space is one blank.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::pattern::ascii;

/// Prefixes that CI systems, containers, debuggers, mail and test runners put before a line. Each costs one pass.
static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    ascii(concat!(
        r"^(?:",
        r"(?:[^\t]{1,80}\t[^\t]{1,80}\t)?",
        r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?[ :|-]*(?:\d\d[EO]\+?(?: |$))?",
        r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,60} ",
        r"|std(?:err|out) [FP](?: |$)",
        r"|[A-Za-z0-9_./-]{1,40}\[[\w.-]{1,20}\]: ?",
        r"|##\[\w{1,20}\]",
        r"|\d{1,6}(?: {2,}|\t)",
        r"|\d\d:\d\d:\d\d(?:[.,]\d+)? ",
        r"|#\d+ \d+\.\d+ ",
        r"|\[[A-Za-z0-9_ .,/:+-]{1,60}\](?: ?: ?| |$)",
        r"|(?:INFO|WARNING|WARN|ERROR|DEBUG|stderr|stdout)[:|] ?",
        r"|(?:Step #\d+: )+",
        r"|[A-Za-z0-9_./-]{1,40} \[\d+\]: ?",
        r"|[A-Za-z0-9_.-]{1,40} +\| ",
        r"|E {2,}|> ?|[│┃|]+ ?|❱ ",
        r")"
    ))
});

/// Colour codes that lost their escape character, or were written out as `\u001b[31m` in a notebook file.
static SPELT_COLOUR: LazyLock<Regex> = LazyLock::new(|| ascii(r"\\(?:u001b|x1b|033|e)\[[0-9;]*m|\u{241b}\[[0-9;]*m"));

/// How many stacked prefixes a line can lose.
const STACKED: usize = 4;

/// A text on one line, with the line that each position came from.
#[derive(Clone, Debug, Default)]
pub(super) struct Flat {
    /// The text: no line breaks, single blanks.
    pub(super) text: String,
    /// Where in `text` each line of the input begins, ascending; the index is the line's number less one.
    starts: Vec<usize>,
}

impl Flat {
    /// The number, from 1, of the input's line that `position` came from.
    pub(super) fn line_of(&self, position: usize) -> usize {
        self.starts.partition_point(|start| *start <= position).max(1)
    }

    /// How many lines the input had.
    pub(super) fn lines(&self) -> usize {
        self.starts.len()
    }

    /// The flattened lines with their numbers from 1.
    pub(super) fn each_line(&self) -> impl Iterator<Item = (usize, &str)> {
        (0..self.starts.len()).map(|index| (index.saturating_add(1), self.line(index)))
    }

    /// The flattened line with this index, from 0; empty beyond the end.
    pub(super) fn line(&self, index: usize) -> &str {
        let start = self.starts.get(index).copied().unwrap_or(0);
        let end = self.starts.get(index.saturating_add(1)).copied().unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or_default().trim()
    }

    /// The text from `position` on, at most `length` bytes, cut at a character.
    pub(super) fn after(&self, position: usize, length: usize) -> &str {
        let start = ceil_boundary(&self.text, position);
        let end = ceil_boundary(&self.text, position.saturating_add(length));
        self.text.get(start..end).unwrap_or_default()
    }

    /// The text up to `position`, at most `length` bytes, cut at a character.
    pub(super) fn before(&self, position: usize, length: usize) -> &str {
        let start = ceil_boundary(&self.text, position.saturating_sub(length));
        let end = ceil_boundary(&self.text, position);
        self.text.get(start..end).unwrap_or_default()
    }
}

fn ceil_boundary(text: &str, position: usize) -> usize {
    (position..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// Bytes to text: byte order marks and UTF-16 (what Windows shells redirect) are honoured, anything that is not text
/// becomes a replacement character, NULs go.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let encoding = encoding_rs::Encoding::for_bom(bytes).map(|(encoding, _)| encoding).or_else(|| guess_utf16(bytes));
    let text = match encoding {
        Some(encoding) => encoding.decode(bytes).0,
        None => String::from_utf8_lossy(bytes),
    };
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { text }
}

/// UTF-16 without a byte order mark: nearly every second byte of Latin text is NUL.
fn guess_utf16(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head = bytes.get(..bytes.len().min(512))?;
    let zeros = |offset: usize| head.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let enough = (head.len() / 2).saturating_mul(3) / 4;
    match (zeros(0), zeros(1)) {
        (even, odd) if enough > 4 && odd >= enough && even < enough / 2 => Some(encoding_rs::UTF_16LE),
        (even, odd) if enough > 4 && even >= enough && odd < enough / 2 => Some(encoding_rs::UTF_16BE),
        _ => None,
    }
}

/// Flattens a text.
pub(super) fn flatten(text: &str) -> Flat {
    flatten_at(&without_colours(text), None)
}

/// A text as it was before a terminal or a form tore its lines apart at a fixed width, in the middle of words.
pub(super) struct Mended {
    /// The text with the torn words whole.
    pub(super) flat: Flat,
    /// Whether more than one line is full: one that is as wide as any may be so by chance.
    pub(super) often: bool,
}

/// Widths at which terminals and forms tear lines apart.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=400;

/// Reads a text as torn at the width of its widest lines, where anything speaks for it.
pub(super) fn mend(text: &str) -> Option<Mended> {
    let text = without_colours(text);
    let width = text.lines().map(width_of).max().filter(|width| WIDTHS.contains(width))?;
    let torn = text.lines().zip(text.lines().skip(1)).any(|(line, next)| is_seam(line, next, width));
    let often = || text.lines().filter(|line| width_of(line) == width).nth(1).is_some();
    torn.then(|| Mended { flat: flatten_at(&text, Some(width)), often: often() })
}

/// What lines end with that are drawn over the whole width and hold no words.
const RULERS: &[&str] = &["===", "---", "___", "***", "###", "~~~", "───", "━━━"];

fn width_of(line: &str) -> usize {
    line.trim_end_matches('\r').chars().count()
}

/// Whether a line was torn from the next one: it is full, and neither has a blank where they meet.
fn is_seam(line: &str, next: &str, width: usize) -> bool {
    let line = line.trim_end_matches('\r');
    width_of(line) == width
        && !line.ends_with(char::is_whitespace)
        && !RULERS.iter().any(|ruler| line.ends_with(ruler))
        && next.starts_with(|letter: char| !letter.is_whitespace())
        && without_prefix(next.trim()).len() == next.trim_end().trim_end_matches(BORDERS).len()
}

fn flatten_at(text: &str, width: Option<usize>) -> Flat {
    let mut flat = Flat { text: String::with_capacity(text.len()), starts: Vec::new() };
    let mut last = "";
    for line in text.split('\n') {
        let torn = width.is_some_and(|width| is_seam(last, line, width));
        if torn || (ends_in_hyphen(&flat.text) && without_prefix(line.trim()).starts_with(char::is_alphanumeric)) {
            flat.text.pop();
        }
        flat.starts.push(flat.text.len());
        push_line(&mut flat.text, line);
        last = line;
    }
    if text.ends_with('\n') {
        flat.starts.pop();
    }
    flat
}

/// Whether a line was broken behind the hyphen of a word, as text is set: `site-` and `packages/numpy`.
fn ends_in_hyphen(flat: &str) -> bool {
    flat.strip_suffix("- ").is_some_and(|rest| rest.ends_with(|letter: char| letter.is_ascii_alphanumeric()))
}

fn without_colours(text: &str) -> Cow<'_, str> {
    let plain = if memchr::memchr(0x1b, text.as_bytes()).is_some() {
        Cow::Owned(strip_ansi_escapes::strip_str(text))
    } else {
        Cow::Borrowed(text)
    };
    if !SPELT_COLOUR.is_match(&plain) {
        return plain;
    }
    Cow::Owned(SPELT_COLOUR.replace_all(&plain, "").into_owned())
}

/// Adds a line's words, each with a blank after it.
fn push_line(out: &mut String, line: &str) {
    let line = out_of_record(line);
    // A bare carriage return is a progress bar: only what it left standing counts, but pip prints useful text before.
    for word in without_prefix(line.trim()).split_whitespace() {
        if word.is_ascii() {
            out.push_str(word);
        } else {
            out.extend(word.chars().map(straight));
        }
        out.push(' ');
    }
}

/// A quotation mark as a program prints it: forms and word processors bend them, and a path would not end there.
fn straight(letter: char) -> char {
    match letter {
        '“' | '”' | '„' | '«' | '»' => '"',
        '‘' | '’' | '‚' => '\'',
        other => other,
    }
}

/// A line of a container's log file, which holds each line of the program as a JSON string.
static RECORD: LazyLock<Regex> =
    LazyLock::new(|| ascii(r#"^\s*\{"log":"((?:[^"\\]|\\.)*)","stream":"std(?:out|err)"[^{}]*\}\s*$"#));

/// The line that a record of a container's log holds; any other line as it is.
fn out_of_record(line: &str) -> Cow<'_, str> {
    if !line.contains(r#"{"log":""#) {
        return Cow::Borrowed(line);
    }
    let Some(held) = RECORD.captures(line).and_then(|found| found.get(1)) else { return Cow::Borrowed(line) };
    let mut out = String::with_capacity(held.len());
    let mut letters = held.as_str().chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, true) => out.push(unescaped(&mut letters)),
            (letter, false) => out.push(letter),
        }
    }
    Cow::Owned(out)
}

/// The letter behind a backslash of a JSON string.
fn unescaped(letters: &mut std::str::Chars<'_>) -> char {
    match letters.next() {
        Some('n' | 'r' | 't') | None => ' ',
        Some('u') => {
            let digits: String = letters.by_ref().take(4).collect();
            u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        Some(other) => other,
    }
}

fn without_prefix(line: &str) -> &str {
    let mut rest = line;
    for _ in 0..STACKED {
        match PREFIX.find(rest) {
            // A specifier that was broken off its requirement is no mark of a quotation.
            Some(found) if found.end() > 0 && !rest.starts_with(">=") => {
                rest = rest.get(found.end()..).unwrap_or_default().trim_start()
            }
            _ => break,
        }
    }
    rest.trim_end_matches(BORDERS)
}

/// What frames of text have on their right side.
const BORDERS: [char; 3] = ['│', '┃', ' '];

#[cfg(test)]
mod tests {
    use super::{decode, flatten, mend};

    #[test]
    fn keeps_line_numbers_through_prefixes_colours_and_boxes() {
        let flat = flatten(
            "2024-06-19T10:11:12.123Z \u{1b}[31mone\u{1b}[0m\r\n09:28:01.965 [Warning] [UI-0/STDERR]   two\n\
             │ three   four │\n#12 0.5 five",
        );
        assert_eq!(flat.text, "one two three four five ");
        let at = |word: &str| flat.line_of(flat.text.find(word).expect("the word is in the text"));
        assert_eq!((at("one"), at("two"), at("four"), at("five")), (1, 2, 3, 4));
        assert_eq!(flat.lines(), 4);
    }

    #[test]
    fn every_logs_own_beginning_of_a_line_goes() {
        for before in [
            "[2025-03-04 11:22:33,123: ERROR/MainProcess] ",
            "build (3.11)\tRun tests\t2025-03-04T11:22:33.1234567Z ",
            "2025-03-04T11:22:33.123456Z 01E ",
            "2025-03-04T11:22:33.123456+00:00 app[web.1]: ",
            "Mar 04 11:22:33 host python3[1234]: ",
            "Mar  4 11:22:33 host python3[1234]: ",
            "2025-03-04T11:22:33.123456789Z stderr F ",
            "##[error]",
            "  12  ",
        ] {
            assert_eq!(
                flatten(&format!("{before}cannot be run in\n{before}NumPy 2")).text,
                "cannot be run in NumPy 2 "
            );
        }
        let record = r#"{"log":"File \"a\\b.py\", line 1 \u003cmodule\u003e\n","stream":"stderr","time":"2025"}"#;
        assert_eq!(flatten(record).text, "File \"a\\b.py\", line 1 <module> ");
        assert_eq!(
            flatten("A NumPy version\n>=1.21 and\n> quoted\n>> twice").text,
            "A NumPy version >=1.21 and quoted twice "
        );
        assert_eq!(flatten("File “a.py“ it’s").text, "File \"a.py\" it's ");
    }

    #[test]
    fn a_word_torn_at_the_edge_is_whole_again_and_a_ruler_is_no_word() {
        let mended = |text: &str| mend(text).map(|mended| mended.flat.text);
        let (left, right) = ("a ".repeat(20) + "num", "py is not here");
        let whole = format!("{}numpy is not here ", "a ".repeat(20));
        assert_eq!(mended(&format!("{left}\n{right}\n")), Some(whole));
        assert_eq!(mended(&format!("{}\n{right}\n", "=".repeat(80))), None);
        assert_eq!(mended(&format!("{left}\n  {right}\n")), None, "the next line begins with a blank");
        assert_eq!(mended("short\nlines\n"), None);
    }

    #[test]
    fn reads_what_windows_shells_write() {
        let utf16: Vec<u8> = "ImportError: numpy".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&utf16), "ImportError: numpy");
        assert_eq!(decode(b"\xef\xbb\xbfnumpy\0"), "numpy");
        assert_eq!(decode(b"\xff\xfen\0u\0"), "nu");
        assert!(decode(b"bad \xc3\x28 bytes").contains("bytes"));
    }

    #[test]
    fn a_notebook_file_loses_its_spelt_out_colours() {
        assert_eq!(flatten(r#""\u001b[0;31mImportError\u001b[0m: x""#).text, "\"ImportError: x\" ");
    }

    #[test]
    fn an_empty_text_has_no_lines() {
        let flat = flatten("");
        assert_eq!((flat.text.as_str(), flat.line_of(0)), ("", 1));
    }
}
