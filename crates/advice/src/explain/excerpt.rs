//! The beginning and the end of a stream of any length, in bounded memory.

use std::collections::VecDeque;

use super::clean::{decode, is_text};

/// Collects bytes: the first and the last of them, and how many were left out between.
#[derive(Clone, Debug)]
pub struct Excerpt {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    head_limit: usize,
    tail_limit: usize,
    skipped: u64,
}

impl Excerpt {
    /// One that keeps at most `head_limit` bytes of the beginning and `tail_limit` of the end.
    pub fn new(head_limit: usize, tail_limit: usize) -> Self {
        Self { head: Vec::new(), tail: VecDeque::new(), head_limit, tail_limit, skipped: 0 }
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
        self.tail.drain(..surplus.min(self.tail.len()));
        self.tail.extend(rest);
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

    /// How many bytes were left out.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }
}

#[cfg(test)]
mod tests {
    use super::Excerpt;

    #[test]
    fn keeps_both_ends_and_counts_the_rest() {
        let mut excerpt = Excerpt::new(2, 3);
        for piece in ["a", "bcd", "", "efghijk", "l"] {
            excerpt.push(piece.as_bytes());
        }
        assert_eq!((excerpt.text().as_str(), excerpt.skipped()), ("ab\njkl", 7));
        let mut short = Excerpt::new(2, 3);
        short.push(b"abcd");
        assert_eq!((short.text().as_str(), short.skipped()), ("abcd", 0));
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
