//! Checkpoints outside the database: appended to a file, or in a directory to a
//! file for each day. Whoever can rewrite the log can't rewrite these, when they
//! are kept where the database's machine may only append.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{Checkpoint, Note};

const EXTENSION: &str = "notes";

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
    /// Meant to be a note.
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
        let mut text = String::new();
        if !ends_well(&mut file)? {
            text.push_str("\n\n"); // the last one was cut off by a crash
        }
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

    /// The checkpoint of the most events.
    pub(super) fn largest(&self) -> io::Result<Option<Checkpoint>> {
        let read = |found: Found| Checkpoint::read(&Note::parse(&found.text).ok()?).ok();
        let found = self.read()?.into_iter().filter_map(read);
        Ok(found.max_by_key(|checkpoint| checkpoint.size))
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

/// Whether it is empty or ends with an empty line.
fn ends_well(file: &mut File) -> io::Result<bool> {
    let length = file.seek(SeekFrom::End(0))?;
    if length == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::Start(length.saturating_sub(2)))?;
    let mut last = Vec::new();
    file.read_to_end(&mut last)?;
    Ok(last == *b"\n\n")
}

/// A note ends with the empty line behind its signatures.
fn notes(file: &Path, text: &str) -> Vec<Found> {
    let (mut found, mut note, mut begun, mut signed) = (Vec::new(), String::new(), 1, false);
    let mut end = |note: &mut String, begun: usize| {
        if !note.trim().is_empty() {
            let place = format!("{}:{begun}", file.display());
            let text = std::mem::take(note);
            found.push(Found { place, text });
        }
        note.clear();
    };
    for (number, line) in (1..).zip(text.lines()) {
        if signed && line.is_empty() {
            end(&mut note, begun);
            (begun, signed) = (number + 1, false);
            continue;
        }
        signed = line.starts_with('—');
        note.push_str(line);
        note.push('\n');
    }
    end(&mut note, begun);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_found_where_they_begin_also_behind_a_torn_one() {
        let text = "a\n1\nx\n\n— a b\n\na\n2\nx\n\n— a b\n— c d\n\na\n3\n\n\na\n4\nx\n\n— a b\n\n";
        let found = notes(Path::new("kept"), text);
        let places: Vec<&str> = found.iter().map(|found| found.place.as_str()).collect();
        assert_eq!(places, ["kept:1", "kept:7", "kept:14"]);
        assert_eq!(found[0].text, "a\n1\nx\n\n— a b\n");
        assert_eq!(found[1].text, "a\n2\nx\n\n— a b\n— c d\n");
    }
}
