//! Members who write one review after the other, and then again with other stars and other words,
//! and know what was acknowledged of it.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::join_all;
use reqwest::Client;
use serde_json::{Value, json};
use sqlx::PgPool;
use tests::site::text;
use uuid::Uuid;

/// Of large runs: at most so many times as many write at once.
const MANY: usize = 12;
/// Of who is told that it is not possible now.
const PAUSE: Duration = Duration::from_millis(20);
/// What is asked for once more at the end is answered by then.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Writer {
    client: Client,
    member: Uuid,
    pub token: String,
    /// Of its commands so many were acknowledged, one after the other.
    pub acknowledged: usize,
}

/// What a writer's command of this number is.
struct Said<'f> {
    film: &'f str,
    stars: f64,
    text: String,
}

fn said(number: usize, films: &[String]) -> Said<'_> {
    let (round, place) = (number / films.len(), number % films.len());
    Said {
        film: &films[place],
        stars: f64::from(u8::try_from((place + round) % 10 + 1).unwrap()) / 2.0,
        text: format!("Written before the power went, {round} times by now."),
    }
}

/// How many times as much is written between two faults as in a small run.
pub fn times() -> usize {
    tests::faults().pow(2).min(MANY)
}

pub async fn sign_up(client: &Client, url: &str, number: usize) -> Writer {
    let body = json!({
        "name": format!("Writer {number}"),
        "email": format!("{number}@example.org"),
        "password": "correct horse battery",
        "language": "en",
    });
    let asked = client.post(format!("{url}/api/v1/members")).json(&body);
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let answer: Value = answer.json().await.unwrap();
    let token = text(&answer["token"]);
    tests::secrets::remember(&token);
    let client = Client::builder().timeout(Duration::from_secs(10));
    Writer {
        client: client.build().unwrap(),
        member: text(&answer["member"]["id"]).parse().unwrap(),
        token,
        acknowledged: 0,
    }
}

pub async fn sign_up_all(client: &Client, url: &str, numbers: Range<usize>) -> Vec<Writer> {
    let mut writers = Vec::new();
    for number in numbers {
        writers.push(sign_up(client, url, number).await);
    }
    writers
}

pub fn acknowledged(writers: &[Writer]) -> usize {
    writers.iter().map(|writer| writer.acknowledged).sum()
}

/// Everybody at once, until told to stop or the server is gone. A command whose answer did not come
/// is given again the next time, under the same key.
pub async fn write_all(writers: &mut [Writer], url: &str, films: &[String], stop: &AtomicBool) {
    let writing = writers.iter_mut().map(async |writer| {
        while !stop.load(Ordering::Relaxed) && writer.write(url, films).await.is_ok() {}
    });
    join_all(writing).await;
}

/// What is acknowledged by now is there as it was written: each command that was under way is given
/// once more, until it is answered. What is not, is the error.
pub async fn settle_all(writers: &mut [Writer], url: &str, films: &[String]) -> Result<(), String> {
    let settling = writers.iter_mut().map(async |writer| {
        let before = writer.acknowledged;
        let asking = async {
            while writer.acknowledged == before {
                let _ = writer.write(url, films).await;
            }
        };
        let answered = tokio::time::timeout(PATIENCE, asking).await;
        answered.expect("it is answered in the end");
        writer.check_reviews(url, films).await
    });
    join_all(settling).await.into_iter().collect()
}

impl Writer {
    async fn write(&mut self, url: &str, films: &[String]) -> reqwest::Result<()> {
        let said = said(self.acknowledged, films);
        let review = format!("{url}/api/v1/films/{}/review", said.film);
        let asked = self.client.put(review).bearer_auth(&self.token);
        let answer = asked
            .header("Idempotency-Key", format!("review {}", self.acknowledged))
            .json(&json!({"rating": said.stars, "text": said.text}))
            .send()
            .await?;
        match answer.status() {
            status if status.is_success() => self.acknowledged += 1,
            status => {
                assert_eq!(status, 503, "{answer:?}");
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(())
    }

    async fn check_reviews(&self, url: &str, films: &[String]) -> Result<(), String> {
        let newest = self.acknowledged.saturating_sub(films.len())..self.acknowledged;
        for said in newest.map(|number| said(number, films)) {
            let review = format!("{url}/api/v1/films/{}/review", said.film);
            let asked = self.client.get(review).bearer_auth(&self.token);
            let answer = asked.send().await.unwrap();
            if answer.status() != 200 {
                return Err(format!("{}: the review of {}", answer.status(), said.film));
            }
            let review: Value = answer.json().await.unwrap();
            if review["rating"].as_f64() != Some(said.stars) || review["text"] != said.text {
                return Err(format!("of {} there is {review}", said.film));
            }
        }
        Ok(())
    }

    /// The log has an event for each thing that was acknowledged, and no other.
    pub async fn check_events(&self, pool: &PgPool, films: &[String]) {
        let counted = "select event_type, count(*) from log.events
                       where actor = $1 and event_type like 'review.%' group by 1 order by 1";
        let counted: Vec<(String, i64)> = sqlx::query_as(counted)
            .bind(self.member)
            .fetch_all(pool)
            .await
            .unwrap();
        let posted = self.acknowledged.min(films.len());
        let changed = self.acknowledged - posted;
        let all = [
            ("review.posted", posted),
            ("review.rerated", changed),
            ("review.rewritten", changed),
        ];
        let said = all.into_iter().filter(|(_, count)| *count > 0);
        let said = said.map(|(kind, count)| (kind.to_owned(), i64::try_from(count).unwrap()));
        assert_eq!(counted, said.collect::<Vec<_>>());
    }
}
