//! Changes of rows: what a model's `apply` says, folded by key and written with
//! one statement for each table.

mod tables;

use std::collections::HashMap;
use std::num::NonZeroUsize;

use lru::LruCache;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::table::Row;

/// Rows of each table that the projector keeps in memory, since it alone writes
/// them; beyond it the longest unused is dropped and read again when needed.
const CACHED_ROWS: NonZeroUsize = NonZeroUsize::new(20_000).expect("not zero");

/// What may be taken for granted of rows that are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing: they may be there or not.
    Careful,
    /// Nobody else writes the table, and it began empty: what is not known is not
    /// there. A key that says otherwise fails as a unique violation.
    Fresh,
}

type Patch<R> = Box<dyn FnOnce(&mut R) + Send + Sync>;
type PatchAll<R> = Box<dyn Fn(&mut R) + Send + Sync>;

enum Change<R: Row> {
    Put(R),
    Patch(R::Key, Patch<R>),
    PatchIfThere(R::Key, Patch<R>),
    PutOrPatch(R, Patch<R>),
    Remove(R::Key),
    RemoveWhere(&'static str, Uuid),
    PatchWhere(&'static str, Uuid, PatchAll<R>),
}

/// The changes that a batch of events makes to one table, in their order.
pub struct Changes<R: Row> {
    list: Vec<Change<R>>,
}

impl<R: Row> Default for Changes<R> {
    fn default() -> Self {
        Changes { list: Vec::new() }
    }
}

impl<R: Row> Changes<R> {
    /// A new row, or another one in its place.
    pub fn put(&mut self, row: R) {
        self.list.push(Change::Put(row));
    }

    /// Changes a row that is there; it is an error if it is not.
    pub fn patch(&mut self, key: R::Key, patch: impl FnOnce(&mut R) + Send + Sync + 'static) {
        self.list.push(Change::Patch(key, Box::new(patch)));
    }

    /// Changes a row, if it is there.
    pub fn patch_if_there(
        &mut self,
        key: R::Key,
        patch: impl FnOnce(&mut R) + Send + Sync + 'static,
    ) {
        self.list.push(Change::PatchIfThere(key, Box::new(patch)));
    }

    /// Changes a row, which begins as `first` if it is not there.
    pub fn put_or_patch(&mut self, first: R, patch: impl FnOnce(&mut R) + Send + Sync + 'static) {
        self.list.push(Change::PutOrPatch(first, Box::new(patch)));
    }

    /// Removes a row, if it is there.
    pub fn remove(&mut self, key: R::Key) {
        self.list.push(Change::Remove(key));
    }

    /// Removes all rows with this value in a column. A barrier: what came before
    /// is written first, so it costs a statement of its own.
    pub fn remove_where(&mut self, column: &'static str, value: Uuid) {
        self.list.push(Change::RemoveWhere(column, value));
    }

    /// Changes all rows with this value in a column. A barrier, like `remove_where`.
    pub fn patch_where(
        &mut self,
        column: &'static str,
        value: Uuid,
        patch: impl Fn(&mut R) + Send + Sync + 'static,
    ) {
        let patch = Box::new(patch);
        self.list.push(Change::PatchWhere(column, value, patch));
    }

    /// Which rows these changes are about.
    pub(crate) fn touched(self) -> Vec<Touched> {
        let changes = self.list.into_iter();
        let touched = changes.map(|change| match change {
            Change::Put(row) | Change::PutOrPatch(row, _) => Touched::key(&row.key()),
            Change::Patch(key, _) | Change::PatchIfThere(key, _) | Change::Remove(key) => {
                Touched::key(&key)
            }
            Change::RemoveWhere(column, value) | Change::PatchWhere(column, value, _) => {
                Touched::Where(column, value)
            }
        });
        touched.collect()
    }

    pub(crate) fn take(&mut self) -> Changes<R> {
        std::mem::take(self)
    }

    /// Writes all changes, in order, in the connection's transaction.
    pub(crate) async fn write(
        self,
        connection: &mut PgConnection,
        cache: &mut Cache<R>,
        mode: Mode,
    ) -> Result<(), WriteError> {
        let mut segment = Vec::new();
        for change in self.list {
            match change {
                Change::RemoveWhere(column, value) => {
                    write_segment(connection, cache, std::mem::take(&mut segment), mode).await?;
                    tables::remove_where::<R>(connection, column, value).await?;
                    cache.forget_where(column, value);
                }
                Change::PatchWhere(column, value, patch) => {
                    write_segment(connection, cache, std::mem::take(&mut segment), mode).await?;
                    cache.forget_where(column, value);
                    tables::patch_rows(connection, (column, value), &patch).await?;
                }
                change => segment.push(change),
            }
        }
        write_segment(connection, cache, segment, mode).await
    }
}

/// A row that a change is about, or all rows with this value in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Touched {
    /// The key's values, one after the other, as [`Touched::values`] writes them.
    Key(String),
    Where(&'static str, Uuid),
}

impl Touched {
    fn key(key: &impl std::fmt::Debug) -> Touched {
        Touched::Key(Touched::values(&format!("{key:?}")))
    }

    /// A key's values as text, sorted, whether they come from a tuple or from JSON.
    pub fn values(text: &str) -> String {
        let bare = text.trim_matches(['(', ')', ',']).replace('"', "");
        let mut values: Vec<&str> = bare.split(',').map(str::trim).collect();
        values.sort_unstable();
        values.join(",")
    }
}

#[cfg(test)]
impl<R: Row> Changes<R> {
    /// What `write` does, to a table in memory.
    pub(crate) fn write_to(self, table: &mut HashMap<R::Key, R>) -> Result<(), WriteError> {
        let mut rows: HashMap<R::Key, Option<R>> =
            table.drain().map(|(key, row)| (key, Some(row))).collect();
        for change in self.list {
            match change {
                Change::RemoveWhere(column, value) => {
                    rows.retain(|_, row| !row.as_ref().is_some_and(|row| row.holds(column, value)));
                }
                Change::PatchWhere(column, value, patch) => {
                    let all = rows.values_mut().flatten();
                    all.filter(|row| row.holds(column, value)).for_each(patch);
                }
                change => fold(&mut rows, vec![change])?,
            }
        }
        table.extend(rows.into_iter().filter_map(|(key, row)| Some((key, row?))));
        Ok(())
    }
}

/// Why changes could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A model's `apply` and its rows contradict each other: a bug.
    #[error("{table} has no row {key} to patch")]
    NoSuchRow { table: &'static str, key: String },
    /// A bug.
    #[error("the code of {table} panicked: {message}")]
    Panicked {
        table: &'static str,
        message: String,
    },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl WriteError {
    /// Whether the model is at fault, or what it was given: it fails again however
    /// often it is asked. Otherwise the database is away or busy.
    pub fn is_the_models(&self) -> bool {
        let WriteError::Database(error) = self else {
            return true;
        };
        let Some(database) = error.as_database_error() else {
            return matches!(
                error,
                sqlx::Error::Encode(_)
                    | sqlx::Error::Decode(_)
                    | sqlx::Error::ColumnDecode { .. }
                    | sqlx::Error::ColumnNotFound(_)
                    | sqlx::Error::TypeNotFound { .. }
            );
        };
        let code = database.code().unwrap_or_default();
        // data, constraints, tables that are not as the code thinks (but not rights),
        // too large for the server, raised by a trigger
        let classes = ["22", "23", "42", "54", "P0"];
        classes.iter().any(|class| code.starts_with(class)) && code != "42501"
    }
}

/// What the projector knows of a table's rows; `None`: there is no such row.
pub(crate) struct Cache<R: Row> {
    rows: LruCache<R::Key, Option<R>>,
}

impl<R: Row> Default for Cache<R> {
    fn default() -> Self {
        Cache {
            rows: LruCache::new(CACHED_ROWS),
        }
    }
}

impl<R: Row> Cache<R> {
    pub fn clear(&mut self) {
        self.rows.clear();
    }

    fn forget_where(&mut self, column: &str, value: Uuid) {
        let holds = |row: &Option<R>| row.as_ref().is_some_and(|row| row.holds(column, value));
        let keys = self
            .rows
            .iter()
            .filter(|(_, row)| holds(row))
            .map(|(key, _)| key.clone());
        for key in keys.collect::<Vec<_>>() {
            self.rows.pop(&key);
        }
    }
}

async fn write_segment<R: Row>(
    connection: &mut PgConnection,
    cache: &mut Cache<R>,
    segment: Vec<Change<R>>,
    mode: Mode,
) -> Result<(), WriteError> {
    if segment.is_empty() {
        return Ok(());
    }
    let mut rows = present(connection, cache, &segment).await?;
    fold(&mut rows, segment)?;
    let (mut put, mut new, mut removed): (Vec<&R>, Vec<&R>, Vec<&R::Key>) = Default::default();
    for (key, row) in &rows {
        let before = cache.rows.peek(key);
        let known = before.map(Option::is_some);
        match row {
            // a person of ten films is the same in each
            Some(_) if before == Some(row) => {}
            Some(row) if mode == Mode::Fresh && known != Some(true) => new.push(row),
            Some(row) => put.push(row),
            None if known == Some(false) => {}
            None => removed.push(key),
        }
    }
    tables::copy(connection, &new).await?;
    tables::put_rows(connection, &put).await?;
    tables::remove::<R>(connection, &removed).await?;
    for (key, row) in rows {
        cache.rows.put(key, row);
    }
    Ok(())
}

/// The rows that patches start from, from memory or from the table.
async fn present<R: Row>(
    connection: &mut PgConnection,
    cache: &mut Cache<R>,
    segment: &[Change<R>],
) -> sqlx::Result<HashMap<R::Key, Option<R>>> {
    let mut rows = HashMap::new();
    let mut missing = Vec::new();
    for change in segment {
        let key = match change {
            Change::Patch(key, _) | Change::PatchIfThere(key, _) => key.clone(),
            Change::PutOrPatch(first, _) => first.key(),
            Change::Put(_)
            | Change::Remove(_)
            | Change::RemoveWhere(..)
            | Change::PatchWhere(..) => continue,
        };
        if rows.contains_key(&key) {
            continue;
        }
        if let Some(row) = cache.rows.get(&key) {
            rows.insert(key, row.clone());
        } else {
            missing.push(key.clone());
            rows.insert(key, None);
        }
    }
    if missing.is_empty() {
        return Ok(rows);
    }
    let found = tables::rows_of::<R>(connection, &missing).await?;
    for key in missing {
        cache.rows.put(key, None);
    }
    for row in found {
        cache.rows.put(row.key(), Some(row.clone()));
        rows.insert(row.key(), Some(row));
    }
    Ok(rows)
}

fn fold<R: Row>(
    rows: &mut HashMap<R::Key, Option<R>>,
    segment: Vec<Change<R>>,
) -> Result<(), WriteError> {
    for change in segment {
        match change {
            Change::Put(row) => {
                rows.insert(row.key(), Some(row));
            }
            Change::Patch(key, patch) => match rows.get_mut(&key).and_then(Option::as_mut) {
                Some(row) => patch(row),
                None => {
                    return Err(WriteError::NoSuchRow {
                        table: R::TABLE,
                        key: format!("{key:?}"),
                    });
                }
            },
            Change::PatchIfThere(key, patch) => {
                if let Some(row) = rows.get_mut(&key).and_then(Option::as_mut) {
                    patch(row);
                }
            }
            Change::PutOrPatch(first, patch) => {
                let row = rows.entry(first.key()).or_insert(None);
                patch(row.get_or_insert(first));
            }
            Change::Remove(key) => {
                rows.insert(key, None);
            }
            Change::RemoveWhere(..) | Change::PatchWhere(..) => {
                unreachable!("a barrier is not in a segment")
            }
        }
    }
    Ok(())
}
