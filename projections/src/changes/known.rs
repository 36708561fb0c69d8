//! Rows in memory: found by their key, or by an id in a column; what was longest unused is the
//! first to be dropped.

use std::collections::{HashMap, HashSet};
use std::mem;

use lru::LruCache;
use uuid::Uuid;

use crate::table::Row;

/// What a row takes beside itself and its key: links, and a place in a hash table.
const LINKS_BYTES: usize = 48;
/// What it takes for each column that was asked for.
const FOUND_BYTES: usize = 100;

pub(super) struct Known<R: Row> {
    places: LruCache<R::Key, Place<R>>,
    /// The rows by the id in a column, for each column that was asked for.
    by_column: Vec<ByColumn<R>>,
    /// In the order in which they were changed first.
    changed: Vec<R::Key>,
    size: Size,
}

struct ByColumn<R: Row> {
    column: &'static str,
    keys: HashMap<Uuid, HashSet<R::Key>>,
}

/// What is known under one key.
pub(super) struct Place<R> {
    /// `None`: there is no row.
    pub row: Option<R>,
    /// The table may have a row, as it was.
    pub stored: bool,
    changed: bool,
    /// As it was counted last.
    bytes: usize,
}

/// What rows take in memory, about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Size {
    pub bytes: usize,
    /// Of them, what is not written yet.
    pub changed: usize,
    /// A row was changed again after it had been written.
    pub changes_again: bool,
}

impl Size {
    fn shrinks(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

impl<R: Row> Place<R> {
    fn count(&mut self, columns: usize) {
        let own = mem::size_of::<(R::Key, Self)>() + LINKS_BYTES + columns * FOUND_BYTES;
        self.bytes = own + self.row.as_ref().map_or(0, Row::bytes);
    }

    fn id(&self, column: &str) -> Option<Uuid> {
        self.row.as_ref()?.id(column)
    }
}

impl<R: Row> Default for Known<R> {
    fn default() -> Self {
        Known {
            places: LruCache::unbounded(),
            by_column: Vec::new(),
            changed: Vec::new(),
            size: Size::default(),
        }
    }
}

impl<R: Row> Known<R> {
    pub fn size(&self) -> Size {
        self.size
    }

    pub fn get(&self, key: &R::Key) -> Option<&Place<R>> {
        self.places.peek(key)
    }

    /// What the table has under a key of which nothing was known.
    pub fn learn(&mut self, key: R::Key, row: Option<R>) {
        let mut place = Place {
            stored: row.is_some(),
            row,
            changed: false,
            bytes: 0,
        };
        place.count(self.by_column.len());
        self.size.bytes += place.bytes;
        for by in &mut self.by_column {
            by.add(place.id(by.column), &key);
        }
        self.places.put(key, place);
    }

    /// Changes what is under a key. If nothing was known of it, `stored` says whether the table may
    /// have a row there.
    pub fn change(&mut self, key: R::Key, stored: bool, change: impl FnOnce(&mut Option<R>)) {
        let is_known = self.places.contains(&key);
        if !is_known {
            self.learn(key.clone(), None);
        }
        let place = self.places.get_mut(&key);
        let place = place.expect("it is known by now");
        if !is_known {
            place.stored = stored;
        }
        let ids = self.by_column.iter().map(|by| place.id(by.column));
        let ids: Vec<Option<Uuid>> = ids.collect();
        let before = (!place.changed).then(|| place.row.clone()).flatten();
        change(&mut place.row);
        if before.is_some() {
            if place.row == before {
                return; // a person of ten films is the same in each
            }
            self.size.changes_again = true;
        }
        for (by, before) in self.by_column.iter_mut().zip(ids) {
            let after = place.id(by.column);
            if before != after {
                by.remove(before, &key);
                by.add(after, &key);
            }
        }
        // what further changes add is counted when all is settled
        if !place.changed {
            place.changed = true;
            self.size.shrinks(place.bytes);
            place.count(self.by_column.len());
            self.size.bytes += place.bytes;
            self.size.changed += place.bytes;
            self.changed.push(key);
        }
    }

    /// The keys of known rows with this id in a column.
    pub fn of_column(&mut self, column: &'static str, id: Uuid) -> Vec<R::Key> {
        let all = &self.by_column;
        let index = all.iter().position(|by| by.column == column);
        let index = index.unwrap_or_else(|| self.index(column));
        let keys = self.by_column[index].keys.get(&id);
        keys.into_iter().flatten().cloned().collect()
    }

    fn index(&mut self, column: &'static str) -> usize {
        let keys = HashMap::new();
        let mut by = ByColumn { column, keys };
        for (key, place) in &mut self.places {
            by.add(place.id(column), key);
            place.bytes += FOUND_BYTES;
        }
        self.size.bytes += self.places.len() * FOUND_BYTES;
        self.by_column.push(by);
        self.by_column.len() - 1
    }

    /// The keys of what is not written yet.
    pub fn changed(&self) -> &[R::Key] {
        &self.changed
    }

    /// All that was changed has been written.
    pub fn settle(&mut self) {
        for key in mem::take(&mut self.changed) {
            if let Some(place) = self.places.peek_mut(&key) {
                place.changed = false;
                place.stored = place.row.is_some();
                self.size.shrinks(place.bytes);
                place.count(self.by_column.len());
                self.size.bytes += place.bytes;
            }
        }
        self.size.changed = 0;
    }

    pub fn forget(&mut self, key: &R::Key) {
        if let Some(place) = self.places.pop(key) {
            self.forgotten(key, &place);
        }
    }

    /// Forgets what was longest unused, until the rest takes so many bytes; whether that was
    /// anything. Nothing may be unwritten.
    pub fn shrink(&mut self, bytes: usize) -> bool {
        debug_assert!(self.changed.is_empty(), "it would be lost");
        self.size.changes_again = false;
        let count = self.places.len();
        while self.size.bytes > bytes {
            let Some((key, place)) = self.places.pop_lru() else {
                break;
            };
            self.forgotten(&key, &place);
        }
        self.places.len() < count
    }

    fn forgotten(&mut self, key: &R::Key, place: &Place<R>) {
        self.size.shrinks(place.bytes);
        for by in &mut self.by_column {
            by.remove(place.id(by.column), key);
        }
    }
}

impl<R: Row> ByColumn<R> {
    fn add(&mut self, id: Option<Uuid>, key: &R::Key) {
        if let Some(id) = id {
            self.keys.entry(id).or_default().insert(key.clone());
        }
    }

    fn remove(&mut self, id: Option<Uuid>, key: &R::Key) {
        let Some(id) = id else { return };
        let Some(keys) = self.keys.get_mut(&id) else {
            return;
        };
        keys.remove(key);
        if keys.is_empty() {
            self.keys.remove(&id);
        }
    }
}

#[cfg(test)]
impl<R: Row> Known<R> {
    pub fn into_rows(self) -> impl Iterator<Item = R> {
        let places = self.places.into_iter();
        places.filter_map(|(_, place)| place.row)
    }
}
