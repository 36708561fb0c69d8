//! `replay-tool` as operators run it: the real program on a real database.

mod complaining;
mod golden;
mod proving;
mod showing;
mod signed;
mod tampering;
mod verifying;

use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use commands::{Asked, Sequencer};
use domain::film::{Facts, Listed, Translated};
use domain::{
    CommentId, CommentText, Email, FilmId, Genre, Language, MemberId, MemberName, Rating,
    ReservationId, ReviewId, ReviewText,
};
use event_log::Tail;
use sqlx::PgPool;
use tests::database;
use tests::replaying::{command, replay_tool};
use uuid::Uuid;

fn said(output: &Output) -> &str {
    str::from_utf8(&output.stdout).unwrap()
}

fn complained(output: &Output) -> &str {
    str::from_utf8(&output.stderr).unwrap()
}

fn ann() -> MemberId {
    MemberId(Uuid::from_u128(0xA1))
}

fn ben() -> MemberId {
    MemberId(Uuid::from_u128(0xB1))
}

fn parasite() -> FilmId {
    FilmId(Uuid::from_u128(0xF1))
}

/// Ann's, of the film.
fn review() -> ReviewId {
    ReviewId::of(ann(), parasite())
}

/// Noon; each look at the clock is a second later.
fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_782_907_200, 0).unwrap()
}

/// A log whose every byte is known: the clock and all ids are.
struct Story {
    sequencer: Sequencer,
    asked: u128,
}

impl Story {
    async fn begin(database: &PgPool) -> Story {
        let keyring = tests::keyring(database).await;
        let tail = Tail::start(database.clone()).await.unwrap();
        let looks = AtomicI64::new(0);
        let clock = move || noon() + TimeDelta::seconds(looks.fetch_add(1, Ordering::Relaxed));
        let sequencer = Sequencer::start(database.clone(), keyring, tail, Arc::new(clock));
        Story {
            sequencer: sequencer.await.unwrap(),
            asked: 0,
        }
    }

    /// Ann's review is posted, rated anew, liked by Ben and commented on; 11 events.
    async fn told(database: &PgPool) -> Story {
        let mut story = Story::begin(database).await;
        let films = vec![listed()];
        story.ask(Uuid::nil(), commands::film::List { films }).await;
        story.ask(ann().0, sign_up(ann(), "Ann")).await;
        story.ask(ben().0, sign_up(ben(), "Ben")).await;
        story.review(7, "Stairs, and \"rain\".").await;
        story.review(9, "Stairs, and \"rain\".").await;
        let like = commands::like::Like {
            member: ben(),
            review: review(),
        };
        story.ask(ben().0, like).await;
        story.comment(0xC1, "기생충").await;
        story
    }

    async fn ask(&mut self, actor: Uuid, command: impl commands::Command + Send + 'static) {
        let request = Uuid::from_u128(self.asked + 1);
        self.ask_because(actor, command, (request, None)).await;
    }

    /// In a request, and following from an event of it.
    async fn ask_because(
        &mut self,
        actor: Uuid,
        command: impl commands::Command + Send + 'static,
        (correlation, causation): (Uuid, Option<Uuid>),
    ) {
        self.asked += 1;
        let asked = Asked {
            id: Uuid::from_u128(self.asked),
            actor,
            digest: [0; 32],
            at: noon(),
            correlation,
            causation,
        };
        commands::execute(&self.sequencer, asked, command)
            .await
            .unwrap();
    }

    async fn review(&mut self, rating: u8, text: &str) {
        let command = commands::review::Review {
            member: ann(),
            film: parasite(),
            rating: Rating::new(rating).unwrap(),
            text: ReviewText::new(text).unwrap(),
            spoiler: false,
            watched_on: None,
            moved: None,
            merged: vec![],
        };
        self.ask(ann().0, command).await;
    }

    async fn comment(&mut self, id: u128, text: &str) {
        let command = commands::comment::Comment {
            comment: CommentId(Uuid::from_u128(id)),
            member: ben(),
            review: review(),
            text: CommentText::new(text).unwrap(),
            mentions: vec![],
            among: vec![],
        };
        self.ask(ben().0, command).await;
    }
}

fn listed() -> Listed {
    let facts = Facts {
        title: Translated::both("Parasite", "Parasite"),
        original_title: "기생충".into(),
        year: Some(2019),
        runtime_min: Some(132),
        genres: vec![Genre::Drama],
        countries: vec!["KR".into()],
        overview: Translated::both("All unemployed.", "All unemployed."),
        ..Facts::default()
    };
    Listed {
        film: parasite(),
        key: "parasite-2019".into(),
        facts: facts.into(),
    }
}

fn sign_up(member: MemberId, name: &str) -> commands::member::SignUp {
    let reservation = |kind| ReservationId(Uuid::from_u128(member.0.as_u128() * 16 + kind));
    commands::member::SignUp {
        member,
        name: MemberName::new(name).unwrap(),
        email: Email::new(&format!("{member}@example.org")).unwrap(),
        language: Language::Ko,
        name_reservation: reservation(1),
        email_reservation: reservation(2),
    }
}
