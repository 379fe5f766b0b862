//! What is asked of a compiled file of any format.

use std::hint::black_box;

/// Asks the reader everything of a file with this magic number; the file's own beginning is replaced by it, so that no
/// mutation is lost on a file that is none.
pub(crate) fn read_all(magic: &[u8], bytes: &[u8]) {
    let mut file = bytes.to_vec();
    let Some(begin) = file.get_mut(..magic.len()) else { return };
    begin.copy_from_slice(magic);
    black_box(reader::read_numbers(&file));
    black_box(reader::read(&file));
    black_box(reader::provisions(&file));
}
