//! CPU time on both sides, from `/proc`: of this process, and of PostgreSQL with all its backends.

use std::time::Duration;

use anyhow::Context;
use sqlx::PgPool;

/// In which Linux counts for programs.
const TICK: Duration = Duration::from_millis(10);

#[derive(Clone, Copy)]
pub struct Cpu {
    postmaster: u32,
}

#[derive(Clone, Copy, Default)]
pub struct Used {
    pub client: Duration,
    pub server: Duration,
}

/// A process's own time, and that of its children that have ended.
struct Process {
    parent: u32,
    own: u32,
    ended: u32,
}

impl Cpu {
    pub async fn of(pool: &PgPool) -> anyhow::Result<Cpu> {
        let backend: i32 = sqlx::query_scalar("select pg_backend_pid()")
            .fetch_one(pool)
            .await?;
        let backend = process(&backend.to_string()).context("CPU times are in /proc")?;
        Ok(Cpu {
            postmaster: backend.parent,
        })
    }

    /// So far.
    pub fn used(self) -> Used {
        let client = process("self").map_or(0, |this| this.own);
        let postmaster = process(&self.postmaster.to_string());
        let ended = postmaster.map_or(0, |postmaster| postmaster.own + postmaster.ended);
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let children = entries.filter_map(|entry| process(entry.file_name().to_str()?));
        let running = children
            .filter(|child| child.parent == self.postmaster)
            .map(|child| child.own)
            .sum::<u32>();
        Used {
            client: TICK * client,
            server: TICK * (ended + running),
        }
    }

    /// Since then, for each of so many events: microseconds of this process and of PostgreSQL.
    pub fn per_event(self, before: Used, events: f64) -> String {
        let now = self.used();
        let micros = |now: Duration, before: Duration| {
            now.saturating_sub(before).as_secs_f64() * 1_000_000.0 / events
        };
        format!(
            "{:4.1} + {:4.1}",
            micros(now.client, before.client),
            micros(now.server, before.server)
        )
    }
}

fn process(name: &str) -> Option<Process> {
    let stat = std::fs::read_to_string(format!("/proc/{name}/stat")).ok()?;
    // the command's name stands in brackets and may hold anything
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let number = |index: usize| fields.get(index)?.parse::<u32>().ok();
    Some(Process {
        parent: number(1)?,
        own: number(11)? + number(12)?,
        ended: number(13)? + number(14)?,
    })
}
