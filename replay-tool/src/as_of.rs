//! `as-of`: the whole read side as it was, built, listed and dropped by name.

use std::process::ExitCode;

use anyhow::Context;
use indicatif::HumanBytes;
use projections::{AsOf, AsOfName};
use serde_json::json;
use sqlx::PgPool;

use crate::out::{self, Out};
use crate::rebuild::Speed;
use crate::times::{self, Point};
use crate::vault::Keys;

const ENDING: &str = "\
The read side is built in a schema of its own, from the log alone, and stays until it is
dropped; its tables are named as in the schema `read`. Asked for again by the same name
and position it is there at once.

Examples:
  replay-tool as-of 1200
  replay-tool as-of 2026-07-01T12:00:00Z --name before_the_festival
  replay-tool as-of --list
  replay-tool as-of --drop before_the_festival";

#[derive(clap::Args)]
#[command(after_help = ENDING)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["point", "list", "drop"]))]
pub struct Arguments {
    /// As it was behind this position, or at this time (of recording)
    #[arg(value_name = "POSITION|TIME")]
    point: Option<Point>,

    /// What to call it [default: at_POSITION]
    #[arg(long, requires = "point")]
    name: Option<AsOfName>,

    #[command(flatten)]
    speed: Speed,

    /// Show all that there are
    #[arg(long)]
    list: bool,

    /// Drop one
    #[arg(long, value_name = "NAME")]
    drop: Option<AsOfName>,
}

pub async fn run(
    arguments: &Arguments,
    pool: &PgPool,
    keys: &Keys<'_>,
    out: &mut Out,
) -> anyhow::Result<ExitCode> {
    if let Some(name) = &arguments.drop {
        AsOf::drop(pool, name).await?;
        match out.json {
            true => out.object(&json!({ "dropped": name.to_string() }))?,
            false => out.line(format!("Dropped {name}."))?,
        }
    } else if let Some(point) = arguments.point {
        build(arguments, point, (pool, keys), out).await?;
    } else {
        list(pool, out).await?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn build(
    arguments: &Arguments,
    point: Point,
    (pool, keys): (&PgPool, &Keys<'_>),
    out: &mut Out,
) -> anyhow::Result<()> {
    let position = point.position(pool).await?;
    let name = match &arguments.name {
        Some(name) => name.clone(),
        None => format!("at_{position}")
            .parse()
            .map_err(anyhow::Error::msg)?,
    };
    let keyring = keys.open(pool).await?;
    let bar = out::progress_bar();
    let pace = arguments.speed.pace();
    let built = AsOf::build(pool, &keyring, &name, position, pace, out::reporter(&bar)).await;
    bar.finish_and_clear();
    built.with_context(|| format!("the read side at position {position}"))?;
    if out.json {
        let schema = name.schema();
        let object = json!({ "name": name.to_string(), "position": position, "schema": schema });
        out.object(&object)?;
        return Ok(());
    }
    let told = out.good(format!("{name} is the read side as it was"));
    out.line(format!(
        "{told} at position {position}, in the schema {}.",
        name.schema()
    ))?;
    out.line(out.dim(format!("Its tables stay until `as-of --drop {name}`.")))?;
    Ok(())
}

async fn list(pool: &PgPool, out: &mut Out) -> anyhow::Result<()> {
    let mut connection = pool.acquire().await?;
    let all = AsOf::list(&mut connection).await?;
    for one in &all {
        let bytes: i64 = sqlx::query_scalar(
            "select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
             from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = 'as_of_' || $1 and c.relkind = 'r'",
        )
        .bind(&one.name)
        .fetch_one(&mut *connection)
        .await?;
        if out.json {
            out.object(&json!({
                "name": one.name, "position": one.position, "complete": one.complete,
                "created_at": one.created_at, "bytes": bytes,
            }))?;
            continue;
        }
        let created = times::shown(one.created_at);
        let size = HumanBytes(bytes.unsigned_abs()).to_string();
        let line = format!(
            "{:24} position {:>12} {size:>12}  {created}",
            one.name, one.position
        );
        match one.complete {
            true => out.line(line)?,
            false => out.line(format!("{line} {}", out.bad("broken off")))?,
        }
    }
    if all.is_empty() && !out.json {
        out.line("There is none.")?;
    }
    Ok(())
}
