//! Changes of rows: what a model's `apply` says, folded by key and written with few statements for
//! each table.

mod known;
mod rows;
mod tables;

use uuid::Uuid;

use crate::table::Row;

pub(crate) use known::Size;
pub(crate) use rows::{Mode, Rows};
pub(crate) use tables::make_key;

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
