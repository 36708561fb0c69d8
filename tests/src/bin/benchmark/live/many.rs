//! Many connections that do nothing, and what happens when all of them come back at once. The
//! clients are bare sockets: what this process grows by is the server's side.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use super::client::{self, masked};
use super::ours::Node;
use super::{Running, Shape};

/// Two file descriptors each.
const CONNECTIONS: usize = 5_000;
/// Over which they come back.
const COMING: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(10);

pub async fn measure(node: &Node) -> anyhow::Result<()> {
    let shape = Shape {
        rooms: 100,
        members: CONNECTIONS / 100,
    };
    let ids = node.rooms(shape.rooms).await?;
    let running = node.follow(ids.clone()).await?;
    let before = resident_bytes()?;
    let (running, idle) = connect_all(running, Duration::ZERO, None).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let each = resident_bytes()?.saturating_sub(before) / CONNECTIONS as u64;
    let busy = cpu_time()?;
    tokio::time::sleep(IDLE).await;
    let share = (cpu_time()? - busy).as_secs_f64() / IDLE.as_secs_f64();
    println!(
        "\n{CONNECTIONS} idle connections: {each} bytes each, {:.1} % of a core",
        share * 100.0
    );

    drop(idle);
    let epoch = node.app.live.epoch().await?.to_owned();
    let start = Instant::now();
    let (_running, back) = connect_all(running, COMING, Some(epoch)).await?;
    println!(
        "{} come back within {COMING:?}: all have resumed after {:.1} s",
        back.len(),
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// All connections, opened over a time; resumed in the epoch, if there is one.
async fn connect_all(
    running: Running,
    over: Duration,
    epoch: Option<String>,
) -> anyhow::Result<(Running, Vec<TcpStream>)> {
    tokio::task::spawn_blocking(move || {
        let (start, mut open) = (Instant::now(), Vec::with_capacity(CONNECTIONS));
        for number in 0..CONNECTIONS {
            let due = over.mul_f64(number as f64 / CONNECTIONS as f64);
            std::thread::sleep(due.saturating_sub(start.elapsed()));
            open.push(connect(&running, number % 100, epoch.as_deref())?);
        }
        Ok((running, open))
    })
    .await?
}

fn connect(running: &Running, room: usize, epoch: Option<&str>) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(running.address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(client::handshake(running, room).as_bytes())?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend_from_slice(&byte);
    }
    anyhow::ensure!(head.starts_with(b"HTTP/1.1 101"), "no upgrade");
    for said in (running.greeting)(room) {
        let mut said: serde_json::Value = serde_json::from_str(&said)?;
        if said["t"] == "sub"
            && let Some(epoch) = epoch
        {
            said["after"] = json!({"epoch": epoch, "seq": 1});
        }
        stream.write_all(&masked(&said.to_string()))?;
        skip_frame(&mut stream)?;
    }
    Ok(stream)
}

fn skip_frame(stream: &mut TcpStream) -> anyhow::Result<()> {
    let mut header = [0; 2];
    stream.read_exact(&mut header)?;
    let mut length = [0, header[1]];
    if header[1] == 126 {
        stream.read_exact(&mut length)?;
    }
    stream.read_exact(&mut vec![0; u16::from_be_bytes(length).into()])?;
    Ok(())
}

fn resident_bytes() -> anyhow::Result<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm")?;
    let pages = pages.split(' ').nth(1).unwrap_or_default();
    Ok(pages.parse::<u64>()? * 4_096)
}

/// Of this process, so far.
fn cpu_time() -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split(' ')
        .collect();
    let ticks: u64 = fields[12].parse::<u64>()? + fields[13].parse::<u64>()?;
    Ok(Duration::from_millis(ticks * 10))
}
