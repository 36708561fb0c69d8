//! Few writers: commands through the log beside as many one-row commits at once, on this disk and
//! on one whose flushes take five milliseconds longer.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use sqlx::PgPool;

use crate::Rate;
use crate::appends::{make_plain, one_row, through_the_log};

pub const CONCURRENCY: [usize; 5] = [1, 2, 4, 8, 16];
/// Not more than a quarter behind.
const AIM: f64 = 0.75;

pub async fn measure(pool: &PgPool, each: Duration) -> anyhow::Result<()> {
    make_plain(pool).await?;
    println!("  at once   one-row commits per second   commands per second");
    for tasks in CONCURRENCY {
        let rate = rate(pool, tasks, each).await?;
        let missed = if rate.ratio() < AIM { "!" } else { "" };
        println!(
            "  {tasks:7}   {:26.0}   {:19.0}   {:4.2} {missed}",
            rate.limit,
            rate.ours,
            rate.ratio()
        );
    }
    Ok(())
}

/// Commands per second, beside one-row commits into the table of [`make_plain`].
pub async fn rate(pool: &PgPool, tasks: usize, each: Duration) -> anyhow::Result<Rate> {
    // one before and one behind, so that both see the same disk
    let before = one_row(pool, tasks, each / 2).await;
    let ours = through_the_log(pool, tasks, each, 1).await?;
    let limit = f64::midpoint(before, one_row(pool, tasks, each / 2).await);
    Ok(Rate { ours, limit })
}

/// This program again, with a PostgreSQL whose flushes are slow.
pub fn measure_on_a_slow_disk(each: Duration) -> anyhow::Result<()> {
    println!("\nFew writers on a disk that takes 5 ms longer to flush (aim: {AIM})");
    let directory = tempfile::tempdir_in("/tmp")?;
    tests::database::open_to_others(directory.path())?;
    let [source, library] = ["slow_disk.c", "slow_disk.so"].map(|name| directory.path().join(name));
    std::fs::write(&source, include_str!("slow_disk.c"))?;
    let compiler = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .status()
        .context("a C compiler makes the slow disk")?;
    ensure!(compiler.success(), "slow_disk.c does not compile");
    let seconds = each.as_secs().to_string();
    let run = Command::new(std::env::current_exe()?)
        .args(["--seconds", &seconds, "this-disk"])
        .env("LD_PRELOAD", library)
        .status()?;
    ensure!(run.success(), "the run on a slow disk failed");
    Ok(())
}
