//! Rows of read models: how a struct of Rust is a row of a table. A model names
//! its columns once, in [`table!`].

use std::fmt::Debug;
use std::hash::Hash;
use std::io::{self, Write};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgRow};
use sqlx::types::Json;
use sqlx::{Encode, Postgres};
use uuid::Uuid;

/// A value of a column.
pub trait Column {
    /// Its type in SQL.
    const SQL: &'static str;

    /// What it takes in memory elsewhere, about.
    fn bytes(&self) -> usize {
        0
    }
}

macro_rules! columns {
    ($($rust:ty => $sql:literal,)+) => {
        $(impl Column for $rust { const SQL: &'static str = $sql; })+
    };
}

columns! {
    Uuid => "uuid",
    bool => "boolean",
    i16 => "smallint",
    i32 => "integer",
    i64 => "bigint",
    f64 => "double precision",
    DateTime<Utc> => "timestamptz",
    NaiveDate => "date",
}

impl Column for String {
    const SQL: &'static str = "text";

    fn bytes(&self) -> usize {
        self.len()
    }
}

impl<T: Serialize> Column for Json<T> {
    const SQL: &'static str = "jsonb";

    fn bytes(&self) -> usize {
        let mut length = Length(0);
        // what can't be written is told when it is
        let _ = serde_json::to_writer(&mut length, &self.0);
        length.0 * IN_MEMORY
    }
}

impl<T: Column> Column for Option<T> {
    const SQL: &'static str = T::SQL;

    fn bytes(&self) -> usize {
        self.as_ref().map_or(0, Column::bytes)
    }
}

/// What is JSON takes about so many times as much in memory.
const IN_MEMORY: usize = 2;

/// Counts what is written to it.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A row of one read table. Written by [`table!`].
pub trait Row:
    Clone + Debug + PartialEq + Send + Sync + Unpin + for<'r> sqlx::FromRow<'r, PgRow> + 'static
{
    type Key: Clone + Debug + Eq + Hash + Send + Sync;

    const TABLE: &'static str;
    /// Name and SQL type; the key's columns first.
    const COLUMNS: &'static [(&'static str, &'static str)];
    const KEY_COLUMNS: usize;

    fn key(&self) -> Self::Key;
    /// The id that a column holds.
    fn id(&self, column: &str) -> Option<Uuid>;
    /// What its values take in memory beside the row itself, about.
    fn bytes(&self) -> usize;
    /// All columns as `COPY` takes them in its binary form.
    fn encode(&self, buffer: &mut PgArgumentBuffer) -> Result<(), BoxDynError>;
    /// One array for each column.
    fn row_arguments(rows: &[&Self]) -> Result<PgArguments, BoxDynError>;
    /// One array for each column of the key.
    fn key_arguments(keys: &[&Self::Key]) -> Result<PgArguments, BoxDynError>;
}

/// A value behind its length; null is a length of -1.
pub(crate) fn encode_field<'q>(
    value: &impl Encode<'q, Postgres>,
    buffer: &mut PgArgumentBuffer,
) -> Result<(), BoxDynError> {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; 4]);
    let length = match value.encode_by_ref(buffer)? {
        IsNull::Yes => -1,
        IsNull::No => i32::try_from(buffer.len() - start - 4)?,
    };
    buffer[start..start + 4].copy_from_slice(&length.to_be_bytes());
    Ok(())
}

/// Declares a read table's row: `struct Name in table { key { … } … }`.
macro_rules! table {
    (
        $(#[$doc:meta])*
        pub struct $name:ident in $table:ident {
            key { $($key:ident: $key_type:ty),+ $(,)? }
            $($(#[$column_doc:meta])* $column:ident: $type:ty,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
        pub struct $name {
            $(pub $key: $key_type,)+
            $($(#[$column_doc])* pub $column: $type,)*
        }

        impl $crate::table::Row for $name {
            type Key = ($($key_type,)+);

            const TABLE: &'static str = stringify!($table);
            const COLUMNS: &'static [(&'static str, &'static str)] = &[
                $((stringify!($key), <$key_type as $crate::table::Column>::SQL),)+
                $((stringify!($column), <$type as $crate::table::Column>::SQL),)*
            ];
            const KEY_COLUMNS: usize = [$(stringify!($key)),+].len();

            fn key(&self) -> Self::Key {
                ($(self.$key.clone(),)+)
            }

            fn id(&self, column: &str) -> Option<uuid::Uuid> {
                let value: &dyn std::any::Any = match column {
                    $(stringify!($key) => &self.$key,)+
                    $(stringify!($column) => &self.$column,)*
                    other => unreachable!("{} has no column {other}", Self::TABLE),
                };
                let maybe = || *value.downcast_ref::<Option<uuid::Uuid>>()?;
                value.downcast_ref::<uuid::Uuid>().copied().or_else(maybe)
            }

            fn bytes(&self) -> usize {
                0 $(+ $crate::table::Column::bytes(&self.$key))+
                    $(+ $crate::table::Column::bytes(&self.$column))*
            }

            fn encode(
                &self,
                buffer: &mut sqlx::postgres::PgArgumentBuffer,
            ) -> Result<(), sqlx::error::BoxDynError> {
                $($crate::table::encode_field(&self.$key, buffer)?;)+
                $($crate::table::encode_field(&self.$column, buffer)?;)*
                Ok(())
            }

            fn row_arguments(
                rows: &[&Self],
            ) -> Result<sqlx::postgres::PgArguments, sqlx::error::BoxDynError> {
                let mut arguments = sqlx::postgres::PgArguments::default();
                $(sqlx::Arguments::add(
                    &mut arguments,
                    rows.iter().map(|row| row.$key.clone()).collect::<Vec<_>>(),
                )?;)+
                $(sqlx::Arguments::add(
                    &mut arguments,
                    rows.iter().map(|row| row.$column.clone()).collect::<Vec<_>>(),
                )?;)*
                Ok(arguments)
            }

            fn key_arguments(
                keys: &[&Self::Key],
            ) -> Result<sqlx::postgres::PgArguments, sqlx::error::BoxDynError> {
                #[derive(Default)]
                struct Arrays {
                    $($key: Vec<$key_type>,)+
                }
                let mut arrays = Arrays::default();
                for key in keys {
                    let ($($key,)+) = (*key).clone();
                    $(arrays.$key.push($key);)+
                }
                let mut arguments = sqlx::postgres::PgArguments::default();
                $(sqlx::Arguments::add(&mut arguments, arrays.$key)?;)+
                Ok(arguments)
            }
        }
    };
}
pub(crate) use table;
