//! What tests of imports share that are killed in the middle.

use std::process::Child;

use cluster::Cluster;
use sqlx::PgPool;
use tests::process::{DataDir, Process};

pub struct Killed(pub Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // SIGKILL; it may have ended by itself
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What each of these selects finds once all that is in the log is projected, and how many rows.
pub async fn digests(data_dir: &DataDir, selects: &[&str]) -> Vec<(String, i64)> {
    let process = Process::start(data_dir, &[]).await;
    let options = Cluster::connect(data_dir.path()).await.unwrap().unwrap();
    let pool = PgPool::connect_with(options).await.unwrap();
    let mut digests = Vec::new();
    for select in selects {
        let sql = format!(
            "select coalesce(md5(string_agg(t::text, '|' order by t::text)), ''), count(*)
             from ({select}) t"
        );
        let digest = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .fetch_one(&pool)
            .await;
        digests.push(digest.unwrap());
    }
    pool.close().await;
    assert!(process.stop().success());
    digests
}
