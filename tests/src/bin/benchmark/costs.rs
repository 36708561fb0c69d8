//! What sealing and signing cost.

use std::hint::black_box;
use std::time::{Duration, Instant};

use event_log::Tail;
use event_log::checkpoint::{Checkpointer, SigningKey};
use event_log::verify::Signatures;
use sealing::Key;
use sqlx::PgPool;
use tests::{clock, new_id};

use crate::appends::through_the_log;

const TEXT: &[u8] = b"I saw it twice, and the second time I understood the ending.";
const TASKS: usize = 128;
const TIMES: u32 = 100_000;

fn key() -> SigningKey {
    SigningKey::from_seed("benchmark", [7; 32]).expect("a name")
}

/// Signs what is recorded as a node does, until it is dropped.
pub async fn signing(pool: &PgPool) -> anyhow::Result<Checkpointer> {
    let tail = Tail::start(pool.clone()).await?;
    let signing = (key(), None);
    Ok(Checkpointer::start(pool, tail, new_id(), signing, clock()))
}

/// By whom it is signed.
pub fn signatures() -> Signatures {
    Signatures::by(vec![key().public()])
}

pub async fn measure(pool: &PgPool, each: Duration) -> anyhow::Result<()> {
    let key = Key::new(&[7; 32]);
    let place = *b"0123456789abcdef: a message";
    let start = Instant::now();
    for _ in 0..TIMES {
        black_box(key.seal(&place, black_box(TEXT)));
    }
    let seal = start.elapsed() / TIMES;
    let sealed = key.seal(&place, TEXT);
    let start = Instant::now();
    for _ in 0..TIMES {
        let _ = black_box(key.open(&place, black_box(&sealed)));
    }
    let open = start.elapsed() / TIMES;
    println!("\nWhat sealing and signing cost");
    println!(
        "  sealing a text of {} bytes {seal:.1?}, opening it {open:.1?}",
        TEXT.len()
    );

    let without = through_the_log(pool, TASKS, each, 1).await?;
    let checkpointer = signing(pool).await?;
    let with = through_the_log(pool, TASKS, each, 1).await?;
    drop(checkpointer);
    let again = through_the_log(pool, TASKS, each, 1).await?;
    let without = f64::midpoint(without, again);
    println!(
        "  {TASKS} commands at once: {without:.0} a second, with signed checkpoints {with:.0} ({:.2})",
        with / without
    );
    Ok(())
}
