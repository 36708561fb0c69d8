//! What a member wants to see.

use chrono::{DateTime, Utc};
use domain::watchlist::{Added, Removed};
use domain::{Event, FilmId, MemberId, ReviewId, Stream, WatchlistEntryId};

use crate::{Command, Refused, Seen, film, member};

/// Puts a film on the member's list. One that they have reviewed, too: they may want to see it
/// again.
#[derive(Clone, Debug)]
pub struct Add {
    pub member: MemberId,
    pub film: FilmId,
}

impl Command for Add {
    fn streams(&self) -> Vec<Stream> {
        streams(self.member, self.film)
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        member::may_write(seen, self.member)?;
        film::known(seen, self.film)?;
        let entry = WatchlistEntryId::of(self.member, self.film);
        if is_listed(seen, entry) {
            return Ok(vec![]);
        }
        Ok(vec![
            Added {
                entry,
                film: self.film,
                member: self.member,
                since: None,
            }
            .into(),
        ])
    }
}

#[derive(Clone, Debug)]
pub struct Remove {
    pub member: MemberId,
    pub film: FilmId,
}

impl Command for Remove {
    fn streams(&self) -> Vec<Stream> {
        streams(self.member, self.film)
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        member::active(seen, self.member)?;
        film::known(seen, self.film)?;
        Ok(taken_off(seen, self.member, self.film)
            .into_iter()
            .collect())
    }
}

/// A film of the list was merged into another one, which is there in its place, unless the member
/// has seen it or it was there already.
#[derive(Clone, Debug)]
pub struct Follow {
    pub member: MemberId,
    pub film: FilmId,
    pub into: FilmId,
    pub since: DateTime<Utc>,
    /// The member has a review of the other film.
    pub is_seen: bool,
}

impl Follow {
    fn own(&self) -> ReviewId {
        ReviewId::of(self.member, self.into)
    }

    fn entry(&self) -> WatchlistEntryId {
        WatchlistEntryId::of(self.member, self.into)
    }
}

impl Command for Follow {
    fn streams(&self) -> Vec<Stream> {
        vec![
            self.member.stream(),
            self.film.stream(),
            self.into.stream(),
            self.own().stream(),
            self.entry().stream(),
            WatchlistEntryId::of(self.member, self.film).stream(),
        ]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        member::active(seen, self.member)?;
        let is_merged = seen
            .film(self.film)
            .is_some_and(|film| film.merged_into.is_some());
        if !is_merged {
            return Err(Refused::NoSuchFilm);
        }
        // it may be merged by now itself: then it is found again, with where that leads
        film::known(seen, self.into)?;
        let Some(removed) = taken_off(seen, self.member, self.film) else {
            return Ok(vec![]);
        };
        let own = seen.review(self.own());
        let is_seen = self.is_seen || own.is_some_and(|review| review.standing);
        if is_seen || is_listed(seen, self.entry()) {
            return Ok(vec![removed]);
        }
        let added = Added {
            entry: self.entry(),
            film: self.into,
            member: self.member,
            since: Some(self.since),
        };
        Ok(vec![removed, added.into()])
    }
}

fn streams(member: MemberId, film: FilmId) -> Vec<Stream> {
    vec![
        member.stream(),
        film.stream(),
        WatchlistEntryId::of(member, film).stream(),
    ]
}

fn is_listed(seen: &impl Seen, entry: WatchlistEntryId) -> bool {
    seen.watchlist_entry(entry)
        .is_some_and(|entry| entry.listed)
}

/// The film off the member's list; `None`: it is not there.
pub(crate) fn taken_off(seen: &impl Seen, member: MemberId, film: FilmId) -> Option<Event> {
    let entry = WatchlistEntryId::of(member, film);
    let removed = Removed {
        entry,
        film,
        member,
    };
    is_listed(seen, entry).then(|| removed.into())
}

#[cfg(test)]
mod tests {
    use domain::film::{Listed, Merged};
    use uuid::Uuid;

    use super::*;
    use crate::harness::*;

    const TWIN: FilmId = FilmId(Uuid::from_u128(0xF1));

    fn add() -> Add {
        Add {
            member: ANN,
            film: PARASITE,
        }
    }

    fn remove() -> Remove {
        Remove {
            member: ANN,
            film: PARASITE,
        }
    }

    #[test]
    fn a_member_wants_to_see_a_film() {
        given([signed_up(ANN).into(), listed().into()])
            .when(add())
            .then([wanted().into()]);
    }

    #[test]
    fn who_has_seen_a_film_may_want_to_see_it_again() {
        given([signed_up(ANN).into(), listed().into(), posted().into()])
            .when(add())
            .then([wanted().into()]);
    }

    #[test]
    fn a_film_is_taken_off_the_list_and_put_there_again() {
        let before = || -> [Event; 3] { [signed_up(ANN).into(), listed().into(), wanted().into()] };
        given(before()).when(remove()).then([unwanted().into()]);
        let [ann, film, entry] = before();
        given([ann, film, entry, unwanted().into()])
            .when(add())
            .then([wanted().into()]);
    }

    #[test]
    fn what_is_not_on_the_list_is_not_taken_off() {
        given([signed_up(ANN).into(), listed().into()])
            .when(remove())
            .then([]);
    }

    #[test]
    fn only_listed_films_are_wanted() {
        let why = Refused::NoSuchFilm;
        given([signed_up(ANN).into()]).when(add()).refused(why);
        given([signed_up(ANN).into()]).when(remove()).refused(why);
        let merged = Merged {
            film: PARASITE,
            into: TWIN,
            tmdb: None,
        };
        given([signed_up(ANN).into(), listed().into(), merged.into()])
            .when(add())
            .refused(why);
    }

    #[test]
    fn only_members_have_a_list() {
        given([listed().into()])
            .when(add())
            .refused(Refused::NoSuchMember);
        let gone = || {
            given([
                signed_up(ANN).into(),
                listed().into(),
                wanted().into(),
                withdrawn(ANN).into(),
            ])
        };
        gone().when(add()).refused(Refused::Withdrawn);
        gone().when(remove()).refused(Refused::Withdrawn);
    }

    fn of_twin() -> Added {
        Added {
            entry: WatchlistEntryId::of(ANN, TWIN),
            film: TWIN,
            ..wanted()
        }
    }

    fn off_twin() -> Removed {
        Removed {
            entry: WatchlistEntryId::of(ANN, TWIN),
            film: TWIN,
            ..unwanted()
        }
    }

    /// Ann wanted to see the twin, which was merged.
    fn before() -> [Event; 5] {
        let twin = Listed {
            film: TWIN,
            ..listed()
        };
        let merged = Merged {
            film: TWIN,
            into: PARASITE,
            tmdb: None,
        };
        [
            signed_up(ANN).into(),
            listed().into(),
            twin.into(),
            of_twin().into(),
            merged.into(),
        ]
    }

    fn follow(is_seen: bool) -> Follow {
        Follow {
            member: ANN,
            film: TWIN,
            into: PARASITE,
            since: DateTime::UNIX_EPOCH,
            is_seen,
        }
    }

    #[test]
    fn an_entry_follows_its_film_with_its_day() {
        let followed = Added {
            since: Some(DateTime::UNIX_EPOCH),
            ..wanted()
        };
        given(before())
            .when(follow(false))
            .then([off_twin().into(), followed.into()]);
    }

    #[test]
    fn of_two_entries_one_is_left_and_of_what_was_seen_none() {
        let [ann, film, twin, entry, merged] = before();
        given([ann, film, twin, entry, wanted().into(), merged])
            .when(follow(false))
            .then([off_twin().into()]);
        given(before()).when(follow(true)).then([off_twin().into()]);
        let [ann, film, twin, entry, merged] = before();
        given([ann, film, twin, entry, merged, posted().into()])
            .when(follow(false))
            .then([off_twin().into()]);
    }

    #[test]
    fn only_entries_of_merged_films_follow() {
        let [ann, film, twin, entry, _] = before();
        given([ann, film, twin, entry])
            .when(follow(false))
            .refused(Refused::NoSuchFilm);
    }

    #[test]
    fn who_has_gone_wants_nothing() {
        let [ann, film, twin, entry, merged] = before();
        given([ann, film, twin, entry, merged, withdrawn(ANN).into()])
            .when(follow(false))
            .refused(Refused::Withdrawn);
    }
}
