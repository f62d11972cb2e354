//! One input file: unpacked if need be, and no larger than it may be.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

/// The most that is read of one file, after unpacking: 4 GiB. Snapshots of the largest accounts stay below it; a
/// small file that unpacks to more was made to fill the memory.
pub const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// How many times longer the text of a packed file may be than the file: 250 times. Configuration items pack 10 to 60 to 1;
/// a file that packs better was made to fill a disk or a memory. It is read if it is unpacked first.
pub const MAX_PACKING_RATIO: u64 = 250;

/// Up to this length, any ratio is harmless: 64 MiB.
const ANY_RATIO_BYTES: u64 = 64 * 1024 * 1024;

const GZIP: &[u8] = &[0x1f, 0x8b];
/// What is read ahead: 128 KiB.
const BUFFER_BYTES: usize = 128 * 1024;

const UTF_8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// The text of the file, whether it is packed or not.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let packed_bytes = Rc::new(Cell::new(0));
    let counted = Counted { file: File::open(path)?, bytes: Rc::clone(&packed_bytes) };
    let mut file = BufReader::with_capacity(BUFFER_BYTES, counted);
    let is_packed = file.fill_buf()?.starts_with(GZIP);
    let text: Box<dyn Read> = if is_packed {
        Box::new(Proportionate { text: MultiGzDecoder::new(file), packed_bytes, bytes: 0 })
    } else {
        Box::new(file)
    };
    Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, Capped { text, remaining: MAX_FILE_BYTES })))
}

/// Skips the mark that some editors and shells put in front of UTF-8.
pub(super) fn skip_mark(text: &mut dyn BufRead) -> io::Result<()> {
    if text.fill_buf()?.starts_with(UTF_8_MARK) {
        text.consume(UTF_8_MARK.len());
    }
    Ok(())
}

/// Tells how much of a file was read.
struct Counted<R> {
    file: R,
    bytes: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.bytes.set(self.bytes.get() + count as u64);
        Ok(count)
    }
}

/// Ends in an error where a text is too long for what it was packed into.
struct Proportionate<R> {
    text: R,
    packed_bytes: Rc<Cell<u64>>,
    bytes: u64,
}

impl<R: Read> Read for Proportionate<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.text.read(buffer)?;
        self.bytes += count as u64;
        let packed = self.packed_bytes.get();
        if self.bytes.max(ANY_RATIO_BYTES) <= packed.saturating_mul(MAX_PACKING_RATIO).max(ANY_RATIO_BYTES) {
            return Ok(count);
        }
        Err(io::Error::other(format!(
            "expected a text of at most {MAX_PACKING_RATIO} times the packed file, found {} bytes in the first {packed}; \
             unpack the file to have it read nevertheless",
            self.bytes
        )))
    }
}

/// Ends in an error where [`io::Take`] would pretend that the text ends.
struct Capped<R> {
    text: R,
    remaining: u64,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.text.read(buffer)?;
        self.remaining = self.remaining.checked_sub(count as u64).ok_or_else(|| {
            io::Error::other(format!("expected at most {MAX_FILE_BYTES} bytes of text, found more"))
        })?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_limit_is_read() -> io::Result<()> {
        let mut text = String::new();
        Capped { text: "12345".as_bytes(), remaining: 5 }.read_to_string(&mut text)?;
        assert_eq!(text, "12345");
        Ok(())
    }

    #[test]
    fn one_byte_more_is_an_error_and_not_the_end() {
        let read = Capped { text: "123456".as_bytes(), remaining: 5 }.read_to_string(&mut String::new());
        assert!(read.is_err());
    }
}
