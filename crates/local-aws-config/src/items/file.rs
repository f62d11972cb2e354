//! One input file: unpacked if need be, and no larger than it may be.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

/// The most that is read of one file, after unpacking: 4 GiB. Snapshots of the largest accounts stay below it; a
/// small file that unpacks to more was made to fill the memory.
pub const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024 * 1024;

const GZIP: &[u8] = &[0x1f, 0x8b];
const UTF_8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// The text of the file, whether it is packed or not.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut file = BufReader::with_capacity(128 * 1024, File::open(path)?);
    let is_packed = file.fill_buf()?.starts_with(GZIP);
    let text: Box<dyn Read> = if is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    Ok(Box::new(BufReader::with_capacity(128 * 1024, Capped { text, remaining: MAX_FILE_BYTES })))
}

/// Skips the mark that some editors and shells put in front of UTF-8.
pub(super) fn skip_mark(text: &mut dyn BufRead) -> io::Result<()> {
    if text.fill_buf()?.starts_with(UTF_8_MARK) {
        text.consume(UTF_8_MARK.len());
    }
    Ok(())
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
