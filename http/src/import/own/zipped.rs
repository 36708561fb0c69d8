//! The zip that a member brings: no more is unpacked than such a file has.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::files::Unreadable;

/// The longest that one file of a zip may become; more is not read, and the zip is refused.
const UNZIPPED_BYTES: u64 = 32 * 1024 * 1024;
/// Files of a zip; one with more is refused. Letterboxd's has some twenty.
const MOST_FILES: u16 = 1_000;
/// In which a zip tells how many it has: with the longest comment.
const END_BYTES: usize = 22 + u16::MAX as usize;

pub struct Zip<'a>(ZipArchive<Cursor<&'a [u8]>>);

impl Zip<'_> {
    pub fn open(file: &[u8]) -> Result<Zip<'_>, Unreadable> {
        if files_in(file).ok_or(Unreadable::Broken)? > MOST_FILES {
            return Err(Unreadable::TooLong);
        }
        Ok(Zip(ZipArchive::new(Cursor::new(file))?))
    }

    /// A file at its top or in the one folder there that was packed again; `None`: there is none of
    /// that name.
    pub fn unpack(&mut self, name: &str) -> Result<Option<Vec<u8>>, Unreadable> {
        // what Letterboxd deleted lies in a folder of that name
        let is_it = |path: &Cow<str>| match path.split_once('/') {
            None => *path == name,
            Some((folder, rest)) => rest == name && !["deleted", "orphaned"].contains(&folder),
        };
        let found = self.0.file_names().flatten().filter(is_it);
        let Some(path) = found.min_by_key(|path| path.len()).map(Cow::into_owned) else {
            return Ok(None);
        };
        let file = self.0.by_name(&path)?;
        if file.size() > UNZIPPED_BYTES {
            return Err(Unreadable::TooLong);
        }
        // it may say less than it holds
        let mut bytes = Vec::new();
        let mut file = file.take(UNZIPPED_BYTES + 1);
        file.read_to_end(&mut bytes)
            .map_err(|_| Unreadable::Broken)?;
        if bytes.len() as u64 > UNZIPPED_BYTES {
            return Err(Unreadable::TooLong);
        }
        Ok(Some(bytes))
    }
}

/// How many files a zip says that it has, before a list of them is made; `None`: it is none, or one
/// of those that are larger than what we read.
fn files_in(zip: &[u8]) -> Option<u16> {
    const END: &[u8] = b"PK\x05\x06";
    const LARGE: &[u8] = b"PK\x06\x07";
    let tail = &zip[zip.len().saturating_sub(END_BYTES)..];
    let at = tail.windows(END.len()).rposition(|bytes| bytes == END)?;
    let is_large = tail[..at].windows(LARGE.len()).any(|bytes| bytes == LARGE);
    let count = tail.get(at + 10..at + 12).filter(|_| !is_large)?;
    Some(u16::from_le_bytes(count.try_into().ok()?))
}

impl From<ZipError> for Unreadable {
    fn from(_: ZipError) -> Unreadable {
        Unreadable::Broken
    }
}

#[cfg(test)]
pub mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    pub fn zip(files: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn unpacked(files: &[(&str, &str)], name: &str) -> Result<Option<Vec<u8>>, Unreadable> {
        Zip::open(&zip(files))?.unpack(name)
    }

    #[test]
    fn a_zip_that_was_packed_again_in_its_folder_is_read() {
        let files = [
            ("letterboxd-ann/deleted/ratings.csv", "x"),
            ("letterboxd-ann/ratings.csv", "these"),
        ];
        assert_eq!(unpacked(&files, "ratings.csv"), Ok(Some(b"these".to_vec())));
        assert_eq!(unpacked(&files, "diary.csv"), Ok(None));
    }

    #[test]
    fn a_zip_that_is_broken_or_becomes_too_much_is_refused() {
        let broken = Zip::open(b"PK\x03\x04 and no more");
        assert_eq!(broken.err(), Some(Unreadable::Broken));
        let names: Vec<String> = (0..=MOST_FILES).map(|n| n.to_string()).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
        assert_eq!(unpacked(&many, "0"), Err(Unreadable::TooLong));
        assert_eq!(unpacked(&many[1..], "1"), Ok(Some(Vec::new())));
        // one that says so of itself is not unpacked
        let mut honest = zip(&[("ratings.csv", "x")]);
        let entry = honest.windows(4).rposition(|bytes| bytes == b"PK\x01\x02");
        let size = entry.unwrap() + 24;
        let too_much = u32::try_from(UNZIPPED_BYTES + 1).unwrap();
        honest[size..size + 4].copy_from_slice(&too_much.to_le_bytes());
        let unpacked_honest = Zip::open(&honest).unwrap().unpack("ratings.csv");
        assert_eq!(unpacked_honest, Err(Unreadable::TooLong));
        // a small file that becomes a large one
        let large = "x".repeat(33 * 1024 * 1024);
        let files = [("ratings.csv", large.as_str())];
        assert_eq!(unpacked(&files, "ratings.csv"), Err(Unreadable::TooLong));
    }
}
