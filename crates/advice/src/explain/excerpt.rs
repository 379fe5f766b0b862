//! The beginning and the end of a stream of any length, in bounded memory.

use std::collections::VecDeque;

use super::binary::is_text;
use super::clean::decode;

/// Collects bytes: the first and the last of them, and how many were left out between.
#[derive(Clone, Debug)]
pub struct Excerpt {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    head_limit: usize,
    tail_limit: usize,
    skipped: u64,
    skipped_lines: u64,
}

impl Excerpt {
    /// One that keeps at most `head_limit` bytes of the beginning and `tail_limit` of the end.
    pub fn new(head_limit: usize, tail_limit: usize) -> Self {
        Self { head: Vec::new(), tail: VecDeque::new(), head_limit, tail_limit, skipped: 0, skipped_lines: 0 }
    }

    /// Takes more bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        let room = self.head_limit.saturating_sub(self.head.len()).min(bytes.len());
        let (first, rest) = bytes.split_at(room);
        self.head.extend_from_slice(first);
        // What would be pushed out at once need not go in.
        let fresh = rest.len().min(self.tail_limit);
        let (past, rest) = rest.split_at(rest.len().saturating_sub(fresh));
        let surplus = self.tail.len().saturating_add(fresh).saturating_sub(self.tail_limit);
        let pushed_out = self.tail.drain(..surplus.min(self.tail.len())).filter(|byte| *byte == b'\n').count();
        self.tail.extend(rest);
        let lines = pushed_out.saturating_add(memchr::memchr_iter(b'\n', past).count());
        self.skipped_lines = self.skipped_lines.saturating_add(lines as u64);
        self.skipped = self.skipped.saturating_add(past.len() as u64).saturating_add(surplus as u64);
    }

    /// What was kept as text, with a line break where something was left out. The two ends are decoded apart: what was
    /// left out may begin in the middle of a character.
    pub fn text(&self) -> String {
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        if self.skipped > 0 {
            return format!("{}\n{}", decode(&self.head), decode(&tail));
        }
        decode(&[self.head.as_slice(), tail.as_slice()].concat()).into_owned()
    }

    /// Whether what was kept is text, and not a compiled file or an archive: these hold the messages of many failures,
    /// none of which happened.
    pub fn is_text(&self) -> bool {
        let head_is = is_text(&self.head);
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        head_is && (self.skipped == 0 || tail.is_empty() || is_text(&tail))
    }

    /// Whether nothing came.
    pub fn is_empty(&self) -> bool {
        self.head.is_empty() && self.tail.is_empty()
    }

    /// What was left out.
    pub fn skipped(&self) -> Skipped {
        // The beginning and the end are two lines in the text; in the input they are as many lines apart as were skipped.
        let apart = usize::try_from(self.skipped_lines).unwrap_or(usize::MAX);
        let after = if self.skipped == 0 { 0 } else { decode(&self.head).split('\n').count() };
        Skipped { bytes: self.skipped, after, lines: apart }
    }
}

/// What was left out of the middle of an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// How many bytes.
    pub bytes: u64,
    /// The line behind which they stood, from 1; 0 where nothing was left out.
    after: usize,
    /// How many ends of lines were among them.
    lines: usize,
}

impl Skipped {
    /// The number that a line of the kept text has in the whole input.
    pub(super) fn line_of(&self, line: usize) -> usize {
        if self.bytes == 0 || line <= self.after {
            return line;
        }
        // The line break that stands for what was left out was not in the input.
        line.saturating_sub(1).saturating_add(self.lines)
    }
}

#[cfg(test)]
mod tests {
    use super::Excerpt;

    #[test]
    fn lines_are_counted_as_the_input_has_them() {
        let all: String = (1..=1000).map(|number| format!("line {number}\n")).collect();
        for piece in [1, 7, 4096] {
            let mut excerpt = Excerpt::new(100, 150);
            all.as_bytes().chunks(piece).for_each(|bytes| excerpt.push(bytes));
            let (text, skipped) = (excerpt.text(), excerpt.skipped());
            for (line, words) in (1..).zip(text.lines()).filter(|(_, words)| words.starts_with("line ")) {
                let number = words.trim_start_matches("line ");
                // The line at which the first end breaks off has only a part of its number.
                if line != skipped.after {
                    assert_eq!(skipped.line_of(line).to_string(), number, "pieces of {piece}");
                }
            }
        }
    }

    #[test]
    fn keeps_both_ends_and_counts_the_rest() {
        let mut excerpt = Excerpt::new(2, 3);
        for piece in ["a", "bcd", "", "efghijk", "l"] {
            excerpt.push(piece.as_bytes());
        }
        assert_eq!((excerpt.text().as_str(), excerpt.skipped().bytes), ("ab\njkl", 7));
        let mut short = Excerpt::new(2, 3);
        short.push(b"abcd");
        assert_eq!((short.text().as_str(), short.skipped().bytes), ("abcd", 0));
    }

    #[test]
    fn an_end_that_begins_in_the_middle_of_a_character_is_read() {
        let long: Vec<u8> = "numpy says no\n".repeat(100).encode_utf16().flat_map(u16::to_le_bytes).collect();
        for tail in [600, 601] {
            let mut excerpt = Excerpt::new(600, tail);
            excerpt.push(&long);
            let text = excerpt.text();
            assert!(text.matches("numpy says no").count() >= 40, "{text}");
        }
    }
}
