//! Checkpoints outside the database: appended to a file, or in a directory to a
//! file for each day. Whoever can rewrite the log can't rewrite these, when they
//! are kept where the database's machine may only append.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

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
    /// File and line.
    pub place: String,
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
        for file in self.files()? {
            let text = std::fs::read_to_string(&file)?;
            found.extend(notes(&file, &text));
        }
        Ok(found)
    }

    /// The largest of the checkpoints that were written last (a node that was stopped for a while may
    /// have written a smaller one behind it). Whoever signed it: what can't be continued is not
    /// signed over, and an operator has to look.
    pub(super) fn last(&self) -> io::Result<Option<Checkpoint>> {
        let read = |found: Found| Checkpoint::read(&Note::parse(&found.text).ok()?).ok();
        for path in self.files()?.into_iter().rev() {
            let text = end_of(&path)?;
            let found = notes(&path, &text).into_iter().filter_map(read);
            let found = found.max_by_key(|checkpoint| checkpoint.size);
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
/// hides none behind it.
fn notes(file: &Path, text: &str) -> Vec<Found> {
    let (mut found, mut before, mut begun, mut line) = (Vec::new(), None, 1, 1);
    for block in text.split("\n\n") {
        if block.starts_with('—') {
            let text = before.take().unwrap_or_default();
            let note = format!("{text}\n\n{}\n", block.trim_end());
            if Note::parse(&note).is_ok() {
                let place = format!("{}:{begun}", file.display());
                found.push(Found { place, text: note });
            }
        } else {
            let text = block.trim_start_matches('\n');
            begun = line + block.len() - text.len();
            before = Some(text);
        }
        line += block.matches('\n').count() + 2;
    }
    found
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
                let line = found
                    .place
                    .rsplit(':')
                    .next()
                    .unwrap()
                    .parse::<usize>()
                    .unwrap();
                assert_eq!(kept.lines().nth(line - 1), Some("log"), "torn at {torn}");
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
