//! Members and films to begin with, for tests and benchmarks that give commands
//! without the doors.

use commands::film::List;
use commands::like::Like;
use commands::member::SignUp;
use commands::review::Review;
use commands::{Asked, ExecuteError, Sequencer};
use domain::film::{Facts, Listed, Translated};
use domain::{
    Email, FilmId, Genre, Language, MemberId, MemberName, Rating, ReservationId, ReviewId,
    ReviewText,
};
use futures::{StreamExt, stream};
use uuid::Uuid;

pub const MEMBERS: u128 = 50;
/// Sign-ups at the same time.
const AT_ONCE: usize = 128;

pub fn film(number: u128) -> FilmId {
    FilmId(Uuid::from_u128(0xF0_0000 + number))
}

pub fn member(number: u128) -> MemberId {
    MemberId(Uuid::from_u128(0xA0_0000 + number))
}

/// A new command of a member, now.
pub fn asked(actor: MemberId) -> Asked {
    Asked {
        id: crate::new_id(),
        actor: actor.0,
        digest: [0; 32],
        at: crate::now(),
        correlation: crate::new_id(),
        causation: None,
    }
}

/// Lists films and signs up [`MEMBERS`].
pub async fn begin(sequencer: &Sequencer, films: u128) -> Result<(), ExecuteError> {
    let films = (0..films).map(listed).collect();
    commands::execute(sequencer, asked(member(0)), List { films }).await?;
    for number in 0..MEMBERS {
        commands::execute(sequencer, asked(member(number)), sign_up(number)).await?;
    }
    Ok(())
}

/// Signs up so many members; those who are there stay as they are.
pub async fn sign_up_until(sequencer: &Sequencer, members: u128) -> Result<(), ExecuteError> {
    let signing_up = stream::iter(MEMBERS..members)
        .map(|number| commands::execute(sequencer, asked(member(number)), sign_up(number)));
    let signed_up: Vec<_> = signing_up.buffer_unordered(AT_ONCE).collect().await;
    for signed_up in signed_up {
        match signed_up {
            Ok(_) | Err(ExecuteError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The `number`th review, of the films in turn, and a like of it by another member.
pub async fn review_and_like(sequencer: &Sequencer, number: u128) -> Result<(), ExecuteError> {
    let author = member(number % MEMBERS);
    let reader = member((number + 1) % MEMBERS);
    let film = film(number / MEMBERS);
    let stars = u8::try_from(number % 10 + 1).expect("at most ten");
    let review = Review {
        member: author,
        film,
        rating: Rating::new(stars).expect("half stars"),
        text: ReviewText::new("A film that stays with me.").expect("a short text"),
        spoiler: false,
        watched_on: None,
        moved: None,
        merged: vec![],
    };
    let like = Like {
        member: reader,
        review: ReviewId::of(author, film),
    };
    commands::execute(sequencer, asked(author), review).await?;
    commands::execute(sequencer, asked(reader), like).await?;
    Ok(())
}

fn listed(number: u128) -> Listed {
    let facts = Facts {
        title: Translated::both("A film", "A film"),
        original_title: "A film".to_owned(),
        year: Some(2000),
        runtime_min: Some(100),
        genres: vec![Genre::Drama],
        overview: Translated::both("It begins.", "It begins."),
        ..Facts::default()
    };
    Listed {
        film: film(number),
        key: format!("film-{number}"),
        facts: facts.into(),
    }
}

fn sign_up(number: u128) -> SignUp {
    SignUp {
        member: member(number),
        name: MemberName::new(&format!("Member {number}")).expect("a name"),
        email: Email::new(&format!("{number}@example.org")).expect("an address"),
        language: Language::En,
        name_reservation: ReservationId(Uuid::from_u128(0xB0_0000 + number)),
        email_reservation: ReservationId(Uuid::from_u128(0xE0_0000 + number)),
    }
}
