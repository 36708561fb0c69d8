//! Two tables of one shape, row by row: by digest first, by key where the digests are
//! not the same.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, FromRow};

/// A row that is not the same in two tables, all as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub table: String,
    /// The key's columns.
    pub key: String,
    /// In the first (live) table; `None`: it is not there.
    pub live: Option<String>,
    /// In the second (rebuilt) one.
    pub rebuilt: Option<String>,
    /// Positions of events that touch the row, the last ones.
    pub events: Vec<i64>,
}

#[derive(FromRow)]
struct Rows {
    key: String,
    first: Option<String>,
    second: Option<String>,
}

/// How many rows a table has, and the sum of a digest of each.
async fn digest(connection: &mut PgConnection, table: &str) -> sqlx::Result<(i64, String)> {
    let sql = format!(
        "select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text
         from {table} t"
    );
    sqlx::query_as(AssertSqlSafe(sql))
        .fetch_one(connection)
        .await
}

/// The first table's count of rows, and at most `limit` differences.
pub(crate) async fn compare(
    connection: &mut PgConnection,
    table: &str,
    (first, second): (&str, &str),
    limit: i64,
) -> sqlx::Result<(i64, Vec<Difference>)> {
    let (first, second) = (format!("{first}.{table}"), format!("{second}.{table}"));
    let one = digest(connection, &first).await?;
    if one == digest(connection, &second).await? {
        return Ok((one.0, Vec::new()));
    }
    let key = key_columns(connection, table).await?;
    let object = key
        .iter()
        .map(|column| format!("'{column}', coalesce(a.{column}, b.{column})"));
    let (object, using) = (object.collect::<Vec<_>>().join(", "), key.join(", "));
    // `is not null` would ask whether all columns are
    let sql = format!(
        "select json_build_object({object})::text as key,
                case when a.whole is distinct from null then to_jsonb(a.whole)::text end as first,
                case when b.whole is distinct from null then to_jsonb(b.whole)::text end as second
         from (select t as whole, t.* from {first} t) a
         full join (select t as whole, t.* from {second} t) b using ({using})
         where a.whole is distinct from b.whole
         order by 1 limit $1"
    );
    let rows: Vec<Rows> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(limit)
        .fetch_all(connection)
        .await?;
    let difference = |row: Rows| Difference {
        table: table.to_owned(),
        key: row.key,
        live: row.first,
        rebuilt: row.second,
        events: Vec::new(),
    };
    Ok((one.0, rows.into_iter().map(difference).collect()))
}

/// The columns of a read table's primary key.
async fn key_columns(connection: &mut PgConnection, table: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select a.attname::text
         from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
         where i.indrelid = ('read.' || $1)::regclass and i.indisprimary
         order by array_position(i.indkey::smallint[], a.attnum)",
    )
    .bind(table)
    .fetch_all(connection)
    .await
}
