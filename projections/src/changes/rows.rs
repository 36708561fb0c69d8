//! A table's rows while changes are applied: folded into what is known of them, in memory, and
//! stored together.
//!
//! One writer alone writes the table, so what is known stays true. A table that began empty is
//! known whole until something is dropped from memory: until then nothing is looked up.

use std::collections::{HashMap, HashSet};
use std::mem;

use sqlx::postgres::PgConnection;

use super::known::{Known, Size};
use super::{Change, Changes, WriteError, tables};
use crate::table::Row;

/// What may be taken for granted of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing: members read it, and rows that are not known may be there or not.
    Live,
    /// Nobody reads it yet: it has those indexes alone that were needed so far, and changed rows
    /// may be taken out and copied in anew.
    Building,
    /// Nobody reads it yet, and it is empty.
    Empty,
}

pub(crate) struct Rows<R: Row> {
    known: Known<R>,
    mode: Mode,
    /// Rows are put in others' places: one that is put and not known may be there, too. If it is
    /// against all appearances, that fails as a unique violation, at the latest when the table
    /// gets its key.
    replaces: bool,
    has_key: bool,
    indexed: HashSet<&'static str>,
}

impl<R: Row> Rows<R> {
    pub fn begin(mode: Mode) -> Rows<R> {
        Rows {
            known: Known::default(),
            mode,
            replaces: mode != Mode::Empty,
            has_key: mode == Mode::Live,
            indexed: HashSet::new(),
        }
    }

    pub fn size(&self) -> Size {
        self.known.size()
    }

    /// Takes changes, in their order; reads the rows from which they start where these are not
    /// known. What they change is stored later, but for rows that are told by a column and are
    /// not known.
    pub async fn fold(
        &mut self,
        connection: &mut PgConnection,
        changes: Changes<R>,
    ) -> Result<(), WriteError> {
        if self.mode == Mode::Empty {
            return self.fold_known(changes);
        }
        let mut segment = Vec::new();
        for change in changes.list {
            let Change::PatchWhere(column, value, patch) = change else {
                segment.push(change);
                continue;
            };
            self.fold_segment(connection, mem::take(&mut segment))
                .await?;
            // there may be more such rows than fit in memory
            self.store(connection).await?;
            self.make_findable_by(connection, column).await?;
            tables::patch_rows(connection, (column, value), &patch).await?;
            for key in self.known.of_column(column, value) {
                self.known.forget(&key);
            }
        }
        self.fold_segment(connection, segment).await
    }

    /// For a table that is known whole.
    pub fn fold_known(&mut self, changes: Changes<R>) -> Result<(), WriteError> {
        let mut changes = changes.list.into_iter();
        changes.try_for_each(|change| self.take(change))
    }

    async fn fold_segment(
        &mut self,
        connection: &mut PgConnection,
        segment: Vec<Change<R>>,
    ) -> Result<(), WriteError> {
        self.learn(connection, &segment).await?;
        for change in segment {
            if let Change::RemoveWhere(column, value) = change {
                self.make_findable_by(connection, column).await?;
                tables::remove_where::<R>(connection, column, value).await?;
            }
            self.take(change)?;
        }
        Ok(())
    }

    /// Reads the rows from which patches start, unless they are known or told before.
    async fn learn(
        &mut self,
        connection: &mut PgConnection,
        segment: &[Change<R>],
    ) -> Result<(), WriteError> {
        let (mut seen, mut wanted) = (HashSet::new(), Vec::new());
        for change in segment {
            let (key, starts_from_it) = match change {
                Change::Put(row) => (row.key(), false),
                Change::Remove(key) => (key.clone(), false),
                Change::PutOrPatch(first, _) => (first.key(), true),
                Change::Patch(key, _) | Change::PatchIfThere(key, _) => (key.clone(), true),
                Change::RemoveWhere(..) | Change::PatchWhere(..) => continue,
            };
            if self.known.get(&key).is_none() && seen.insert(key.clone()) && starts_from_it {
                wanted.push(key);
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        self.make_findable(connection).await?;
        let found = tables::rows_of::<R>(connection, &wanted).await?;
        let mut found: HashMap<R::Key, R> = found.into_iter().map(|row| (row.key(), row)).collect();
        for key in wanted {
            let row = found.remove(&key);
            self.known.learn(key, row);
        }
        Ok(())
    }

    fn take(&mut self, change: Change<R>) -> Result<(), WriteError> {
        match change {
            Change::Put(row) => {
                let (key, stored) = (row.key(), self.replaces);
                let mut replaced = None;
                let put = |place: &mut Option<R>| replaced = place.replace(row);
                self.known.change(key, stored, put);
                self.replaces |= replaced.is_some();
            }
            Change::Patch(key, patch) => {
                if !self.is_there(&key) {
                    let (table, key) = (R::TABLE, format!("{key:?}"));
                    return Err(WriteError::NoSuchRow { table, key });
                }
                self.patch(key, patch);
            }
            Change::PatchIfThere(key, patch) => {
                if self.is_there(&key) {
                    self.patch(key, patch);
                }
            }
            Change::PutOrPatch(first, patch) => {
                // a key that is not known was looked up
                let (key, stored) = (first.key(), false);
                let change = |place: &mut Option<R>| patch(place.get_or_insert(first));
                self.known.change(key, stored, change);
            }
            Change::Remove(key) => {
                let stored = self.mode != Mode::Empty;
                self.known.change(key, stored, |place| *place = None);
            }
            Change::RemoveWhere(column, value) => {
                for key in self.known.of_column(column, value) {
                    self.known.change(key, true, |place| *place = None);
                }
            }
            Change::PatchWhere(column, value, patch) => {
                for key in self.known.of_column(column, value) {
                    self.patch(key, &patch);
                }
            }
        }
        Ok(())
    }

    fn is_there(&self, key: &R::Key) -> bool {
        self.known.get(key).is_some_and(|place| place.row.is_some())
    }

    fn patch(&mut self, key: R::Key, patch: impl FnOnce(&mut R)) {
        let change = |place: &mut Option<R>| {
            if let Some(row) = place {
                patch(row);
            }
        };
        self.known.change(key, true, change);
    }

    /// Writes what was changed since the last time.
    pub async fn store(&mut self, connection: &mut PgConnection) -> Result<(), WriteError> {
        let places = || {
            let keys = self.known.changed().iter();
            keys.filter_map(|key| Some((key, self.known.get(key)?)))
        };
        let rows: Vec<&R> = places()
            .filter_map(|(_, place)| place.row.as_ref())
            .collect();
        let stored = places().filter(|(_, place)| place.stored);
        if self.mode == Mode::Live {
            let gone = stored.filter(|(_, place)| place.row.is_none());
            let gone: Vec<&R::Key> = gone.map(|(key, _)| key).collect();
            tables::put_rows(connection, &rows).await?;
            tables::remove::<R>(connection, &gone).await?;
        } else {
            let gone: Vec<&R::Key> = stored.map(|(key, _)| key).collect();
            if !gone.is_empty() && !self.has_key {
                tables::make_key(connection, R::TABLE).await?;
                self.has_key = true;
            }
            tables::remove::<R>(connection, &gone).await?;
            tables::copy(connection, &rows).await?;
        }
        self.known.settle();
        Ok(())
    }

    /// Forgets what was longest unused, until the rest takes so many bytes. Everything must
    /// have been stored.
    pub fn shrink(&mut self, bytes: usize) {
        if self.known.shrink(bytes) && self.mode == Mode::Empty {
            self.mode = Mode::Building;
        }
    }

    /// Rows are about to be looked up.
    async fn make_findable(&mut self, connection: &mut PgConnection) -> Result<(), WriteError> {
        if !self.has_key {
            tables::make_key(connection, R::TABLE).await?;
            self.has_key = true;
        }
        Ok(())
    }

    /// Rows are about to be looked up by a column.
    async fn make_findable_by(
        &mut self,
        connection: &mut PgConnection,
        column: &'static str,
    ) -> Result<(), WriteError> {
        if self.mode != Mode::Live && self.indexed.insert(column) {
            self.make_findable(connection).await?;
            tables::make_index(connection, R::TABLE, column).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
impl<R: Row> Rows<R> {
    pub fn known(self) -> impl Iterator<Item = R> {
        self.known.into_rows()
    }
}
