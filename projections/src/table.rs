//! Rows of read models: how a struct of Rust is a row of a table. A model names
//! its columns once, in [`table!`].

use std::fmt::Debug;
use std::hash::Hash;

use chrono::{DateTime, Utc};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgRow};
use sqlx::types::Json;
use sqlx::{Encode, Postgres};
use uuid::Uuid;

/// A column's type in SQL.
pub trait Column {
    const SQL: &'static str;
}

macro_rules! columns {
    ($($rust:ty => $sql:literal,)+) => {
        $(impl Column for $rust { const SQL: &'static str = $sql; })+
    };
}

columns! {
    Uuid => "uuid",
    String => "text",
    bool => "boolean",
    i16 => "smallint",
    i32 => "integer",
    i64 => "bigint",
    f64 => "double precision",
    DateTime<Utc> => "timestamptz",
}

impl<T> Column for Json<T> {
    const SQL: &'static str = "jsonb";
}

impl<T: Column> Column for Option<T> {
    const SQL: &'static str = T::SQL;
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
    /// Whether a column holds this id.
    fn holds(&self, column: &str, id: Uuid) -> bool;
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

            fn holds(&self, column: &str, id: uuid::Uuid) -> bool {
                let value: &dyn std::any::Any = match column {
                    $(stringify!($key) => &self.$key,)+
                    $(stringify!($column) => &self.$column,)*
                    other => unreachable!("{} has no column {other}", Self::TABLE),
                };
                let value = value
                    .downcast_ref::<uuid::Uuid>()
                    .or_else(|| value.downcast_ref::<Option<uuid::Uuid>>()?.as_ref());
                value == Some(&id)
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
