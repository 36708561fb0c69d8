//! Checkpoints outside the database: appended to a file, or in a directory to a
//! file for each day. Whoever can rewrite the log can't rewrite these, when they
//! are kept where the database's machine may only append.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Checkpoint, Note};

const EXTENSION: &str = "notes";
/// Some hundred notes.
const END_BYTES: u64 = 64 * 1024;

/// A file or a directory that the operator named.
#[derive(Clone, Debug)]
pub struct Outside {
    path: PathBuf,
}

/// Something found there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub file: Arc<str>,
    /// Where in it the note begins.
    pub line: usize,
    /// A note.
    pub text: String,
}

impl Outside {
    pub fn at(path: PathBuf) -> Outside {
        Outside { path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes notes behind what is there, to the disk.
    pub(super) fn append(&self, notes: &[String], at: DateTime<Utc>) -> io::Result<()> {
        let path = if self.path.is_dir() {
            self.path.join(format!("{}.{EXTENSION}", at.format("%F")))
        } else {
            self.path.clone()
        };
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        let mut text = completion(&mut file)?.to_owned();
        for note in notes {
            text.push_str(note);
            text.push('\n');
        }
        file.write_all(text.as_bytes())?;
        file.sync_data()
    }

    /// Everything that is kept there; none when it does not exist yet.
    pub fn read(&self) -> io::Result<Vec<Found>> {
        let mut found = Vec::new();
        self.each(|one| found.push(one))?;
        Ok(found)
    }

    /// The same, one after the other: what was kept for years is not in memory at once.
    pub fn each(&self, mut take: impl FnMut(Found)) -> io::Result<()> {
        for file in self.files()? {
            let lines = BufReader::new(File::open(&file)?);
            each_note(&file, lines, &mut take)?;
        }
        Ok(())
    }

    /// The largest of the checkpoints that were written last (a node that was stopped for a while may
    /// have written a smaller one behind it). Whoever signed it: what can't be continued is not
    /// signed over, and an operator has to look.
    pub(super) fn last(&self) -> io::Result<Option<Checkpoint>> {
        let read = |found: Found| Checkpoint::read(&Note::parse(&found.text).ok()?).ok();
        for path in self.files()?.into_iter().rev() {
            let (end, mut found) = (end_of(&path)?, Vec::new());
            each_note(&path, end.as_bytes(), |one| found.extend(read(one)))?;
            let found = found.into_iter().max_by_key(|checkpoint| checkpoint.size);
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    fn files(&self) -> io::Result<Vec<PathBuf>> {
        if !self.path.is_dir() {
            let there = self.path.try_exists()?;
            return Ok(there.then(|| self.path.clone()).into_iter().collect());
        }
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == EXTENSION)
            {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

/// The last notes of a file, the first of them perhaps cut off: what was kept for years is not read
/// to go on where it ends.
fn end_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(END_BYTES)))?;
    let mut end = Vec::new();
    file.take(END_BYTES).read_to_end(&mut end)?;
    Ok(String::from_utf8_lossy(&end).into_owned())
}

/// What makes an end of what a crash cut off: an empty line, behind a sign that is in no signature,
/// so that half of one never reads as a whole.
fn completion(file: &mut File) -> io::Result<&'static str> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(2)))?;
    let mut last = Vec::new();
    file.read_to_end(&mut last)?;
    Ok(match last.as_slice() {
        [] | [b'\n', b'\n'] => "",
        [.., b'\n'] => "\n",
        _ => "~\n\n",
    })
}

/// Whole notes: a text, an empty line, signatures, an empty line. What a crash tore is no note, and
/// hides none behind it. One is in memory at a time.
fn each_note(file: &Path, mut lines: impl BufRead, mut take: impl FnMut(Found)) -> io::Result<()> {
    let file: Arc<str> = file.display().to_string().into();
    let (mut block, mut begun, mut before) = (String::new(), 0, None);
    for line in 1.. {
        let mut bytes = Vec::new();
        let is_end = lines.read_until(b'\n', &mut bytes)? == 0;
        if !is_end && bytes != b"\n" {
            if block.is_empty() {
                begun = line;
            }
            block.push_str(&String::from_utf8_lossy(&bytes));
            continue;
        }
        let whole = std::mem::take(&mut block);
        let whole = whole.trim_end_matches('\n');
        if whole.starts_with('—') {
            if let Some((line, text)) = before.take() {
                let text = format!("{text}\n\n{}\n", whole.trim_end());
                if Note::parse(&text).is_ok() {
                    let file = file.clone();
                    take(Found { file, line, text });
                }
            }
        } else if !whole.is_empty() {
            before = Some((begun, whole.to_owned()));
        }
        if is_end {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(size: i64) -> String {
        let key = super::super::SigningKey::from_seed("log", [7; 32]).unwrap();
        let (origin, root) = ("log".to_owned(), [1; 32]);
        Checkpoint { origin, size, root }.sign(&key)
    }

    #[test]
    fn a_note_that_was_torn_anywhere_is_none_and_hides_none_behind_it() {
        let (one, two, three) = (note(1), note(2), note(3));
        for torn in (0..two.len()).filter(|at| two.is_char_boundary(*at)) {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("kept");
            std::fs::write(&path, format!("{one}\n{}", &two[..torn])).unwrap();
            let outside = Outside::at(path.clone());
            outside
                .append(std::slice::from_ref(&three), DateTime::UNIX_EPOCH)
                .unwrap();
            let found = outside.read().unwrap();
            let texts: Vec<&str> = found.iter().map(|found| found.text.as_str()).collect();
            assert_eq!(texts, [&one, &three], "torn at {torn}");
            let kept = std::fs::read_to_string(&path).unwrap();
            for found in &found {
                let begins = kept.lines().nth(found.line - 1);
                assert_eq!(begins, Some("log"), "torn at {torn}");
            }
        }
    }

    #[test]
    fn the_last_whole_note_is_found_without_reading_what_was_kept_before() {
        let directory = tempfile::tempdir().unwrap();
        let outside = Outside::at(directory.path().to_owned());
        assert_eq!(outside.last().unwrap(), None);
        let day = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let many: Vec<String> = (1..=2_000).map(note).collect();
        outside.append(&many, day("2026-11-27T00:00:00Z")).unwrap();
        let size = || outside.last().unwrap().map(|checkpoint| checkpoint.size);
        assert_eq!(size(), Some(2_000));
        // a crash tore the first of the next day
        let torn = directory.path().join("2026-11-28.notes");
        std::fs::write(&torn, &note(2_001)[..40]).unwrap();
        assert_eq!(size(), Some(2_000));
        outside
            .append(&[note(2_002)], day("2026-11-28T00:00:00Z"))
            .unwrap();
        assert_eq!(size(), Some(2_002));
    }
}
