//! The fields of a body or a form: each is checked once, and all that is wrong is told at once.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::forgetting::Extent;
use domain::{
    About, AppealText, CommentText, Email, Genre, Invalid, Language, MemberName, MessageText,
    Rating, Reason, ReviewText, Role, RoomDescription, RoomName,
};
use unicode_normalization::UnicodeNormalization;

use crate::accounts::check_password;
use crate::language::Message;
use crate::message;
use crate::problem::Problem;

/// A year: what is to last longer is to last until it is lifted.
pub const LONGEST_TERM_S: u32 = 365 * 24 * 3_600;
const LABEL_CHARS: usize = 40;
/// Nobody saw a film before.
pub const FIRST_FILM: NaiveDate = NaiveDate::from_ymd_opt(1888, 1, 1).expect("it is a day");
/// Where a day begins first.
const FIRST_ZONE: TimeDelta = TimeDelta::hours(14);

/// The day that it is somewhere already: nothing was seen later.
pub fn today_somewhere(now: DateTime<Utc>) -> NaiveDate {
    (now + FIRST_ZONE).date_naive()
}

/// Collects what is wrong. A check gives the value, or `None` and remembers why.
#[derive(Default)]
pub struct Fields {
    problem: Option<Problem>,
}

impl Fields {
    /// What `make` makes of the checked values, or one problem with every wrong field.
    pub fn finish<T>(self, make: impl FnOnce() -> Option<T>) -> Result<T, Problem> {
        match self.problem {
            Some(problem) => Err(problem),
            None => make().ok_or_else(Problem::unprocessable),
        }
    }

    pub fn name(&mut self, field: &'static str, typed: &str) -> Option<MemberName> {
        self.check(field, MemberName::new(typed), |invalid| match invalid {
            _ if typed.trim().is_empty() => message!("error-required"),
            Invalid::InvisibleCharacter => message!("error-name-characters"),
            _ => message!("error-name-length"),
        })
    }

    pub fn email(&mut self, field: &'static str, typed: &str) -> Option<Email> {
        self.check(field, Email::new(typed), |_| match typed.trim() {
            "" => message!("error-required"),
            _ => message!("error-email-shape"),
        })
    }

    /// A new one, which the rule for passwords is for.
    pub fn password(&mut self, field: &'static str, typed: String) -> Option<String> {
        if typed.is_empty() {
            self.wrong(field, message!("error-required"));
            return None;
        }
        if let Err(problem) = check_password(field, &typed) {
            for error in problem.errors() {
                self.wrong(error.field, error.message.clone());
            }
            return None;
        }
        Some(typed)
    }

    pub fn language(&mut self, field: &'static str, code: &str) -> Option<Language> {
        self.check(field, Language::from_code(code), |_| {
            message!("error-language")
        })
    }

    pub fn about(&mut self, field: &'static str, typed: &str) -> Option<About> {
        self.check(field, About::new(typed), |invalid| match invalid {
            Invalid::InvisibleCharacter => message!("error-characters"),
            _ => message!("error-about-too-long"),
        })
    }

    pub fn rating(&mut self, field: &'static str, stars: Option<f64>) -> Option<Rating> {
        let Some(stars) = stars else {
            self.wrong(field, message!("error-rating-missing"));
            return None;
        };
        self.check(field, Rating::from_stars(stars), |_| {
            message!("error-rating")
        })
    }

    /// No text is one too.
    pub fn review(&mut self, field: &'static str, typed: &str) -> Option<Option<ReviewText>> {
        self.check(field, ReviewText::new(typed), |invalid| match invalid {
            Invalid::InvisibleCharacter => message!("error-characters"),
            _ => message!("error-review-too-long"),
        })
    }

    /// When a film was seen; none is one too.
    pub fn watched_on(
        &mut self,
        field: &'static str,
        typed: &str,
        now: DateTime<Utc>,
    ) -> Option<Option<NaiveDate>> {
        if typed.is_empty() {
            return Some(None);
        }
        match typed.parse::<NaiveDate>() {
            Ok(day) if day > today_somewhere(now) => {
                self.wrong(field, message!("error-watched-later"));
                None
            }
            Ok(day) if day >= FIRST_FILM => Some(Some(day)),
            Ok(_) | Err(_) => {
                self.wrong(field, message!("error-watched"));
                None
            }
        }
    }

    pub fn comment(&mut self, field: &'static str, typed: &str) -> Option<CommentText> {
        self.check(field, CommentText::new(typed), |invalid| match invalid {
            Invalid::TooShort { .. } => message!("error-comment-empty"),
            Invalid::InvisibleCharacter => message!("error-characters"),
            _ => message!("error-comment-too-long"),
        })
    }

    pub fn room_name(&mut self, field: &'static str, typed: &str) -> Option<RoomName> {
        self.check(field, RoomName::new(typed), |invalid| match invalid {
            Invalid::TooShort { .. } => message!("error-required"),
            Invalid::InvisibleCharacter => message!("error-characters"),
            _ => message!("error-room-name-too-long"),
        })
    }

    pub fn room_description(
        &mut self,
        field: &'static str,
        typed: &str,
    ) -> Option<RoomDescription> {
        self.check(
            field,
            RoomDescription::new(typed),
            |invalid| match invalid {
                Invalid::InvisibleCharacter => message!("error-characters"),
                _ => message!("error-room-description-too-long"),
            },
        )
    }

    /// Said in a room.
    pub fn message(&mut self, field: &'static str, typed: &str) -> Option<MessageText> {
        self.check(field, MessageText::new(typed), |invalid| match invalid {
            Invalid::TooShort { .. } => message!("error-message-empty"),
            Invalid::InvisibleCharacter => message!("error-characters"),
            _ => message!("error-message-too-long"),
        })
    }

    /// No reason is one too.
    pub fn reason(&mut self, field: &'static str, typed: &str) -> Option<Option<Reason>> {
        self.check(field, Reason::new(typed), |invalid| match invalid {
            Invalid::InvisibleCharacter => message!("error-characters"),
            _ => message!("error-reason-too-long"),
        })
    }

    /// There must be one.
    pub fn given_reason(&mut self, field: &'static str, typed: &str) -> Option<Reason> {
        let reason = self.reason(field, typed)?;
        if reason.is_none() {
            self.wrong(field, message!("error-required"));
        }
        reason
    }

    /// What a member calls something of theirs, for their own eyes: cut where it is too long.
    pub fn label(&mut self, field: &'static str, typed: &str) -> Option<String> {
        let typed = typed.trim().nfc().filter(|c| !c.is_control());
        let label: String = typed.take(LABEL_CHARS).collect();
        if label.is_empty() {
            self.wrong(field, message!("error-required"));
            return None;
        }
        Some(label)
    }

    pub fn appeal(&mut self, field: &'static str, typed: &str) -> Option<AppealText> {
        self.check(field, AppealText::new(typed), |invalid| match invalid {
            Invalid::TooShort { .. } => message!("error-required"),
            Invalid::InvisibleCharacter => message!("error-characters"),
            _ => message!("error-appeal-too-long"),
        })
    }

    /// How long a measure lasts.
    pub fn term(&mut self, field: &'static str, seconds: u32) -> Option<TimeDelta> {
        if !(1..=LONGEST_TERM_S).contains(&seconds) {
            self.wrong(field, message!("error-term"));
            return None;
        }
        Some(TimeDelta::seconds(seconds.into()))
    }

    pub fn role(&mut self, field: &'static str, slug: &str) -> Option<Role> {
        self.check(field, Role::from_slug(slug), |_| message!("error-role"))
    }

    /// How far a member is to be forgotten.
    pub fn extent(&mut self, field: &'static str, slug: &str) -> Option<Extent> {
        let extent = Extent::ALL.into_iter().find(|extent| extent.slug() == slug);
        if extent.is_none() {
            self.wrong(field, message!("error-forget"));
        }
        extent
    }

    pub fn wrong(&mut self, field: &'static str, why: Message) {
        let problem = self.problem.take().unwrap_or_else(Problem::unprocessable);
        self.problem = Some(problem.and(field, why));
    }

    fn check<T>(
        &mut self,
        field: &'static str,
        checked: Result<T, Invalid>,
        why: impl FnOnce(Invalid) -> Message,
    ) -> Option<T> {
        checked
            .map_err(|invalid| self.wrong(field, why(invalid)))
            .ok()
    }
}

/// A genre by its slug in a path; another word names nothing.
pub fn genre(slug: &str) -> Result<Genre, Problem> {
    Genre::from_slug(slug).map_err(|_| Problem::not_found())
}

/// The first year of ten in which films came out; 400 for another.
pub fn decade(first: Option<i16>) -> Result<Option<i16>, Problem> {
    match first {
        Some(year) if !(1870..=2100).contains(&year) || year % 10 != 0 => Err(
            Problem::bad_request("A decade is its first year, such as 1990."),
        ),
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(problem: &Problem) -> Vec<(&'static str, &'static str)> {
        problem
            .errors()
            .iter()
            .map(|error| (error.field, error.message.id()))
            .collect()
    }

    #[test]
    fn every_wrong_field_is_told_at_once() {
        let mut fields = Fields::default();
        let name = fields.name("name", &"a".repeat(31));
        let email = fields.email("email", "");
        let password = fields.password("password", "short".to_owned());
        let language = fields.language("language", "fr");
        let problem = fields
            .finish(|| Some((name?, email?, password?, language?)))
            .unwrap_err();
        assert_eq!(problem.status(), 422);
        assert_eq!(
            codes(&problem),
            [
                ("name", "error-name-length"),
                ("email", "error-required"),
                ("password", "error-password-short"),
                ("language", "error-language"),
            ]
        );
    }

    #[test]
    fn what_is_right_comes_back() {
        let mut fields = Fields::default();
        let rating = fields.rating("rating", Some(3.5));
        let text = fields.review("text", " \n ");
        let (rating, text) = fields.finish(|| Some((rating?, text?))).unwrap();
        assert_eq!((rating.half_stars(), text), (7, None));
    }

    #[test]
    fn a_rating_is_half_stars_and_not_left_out() {
        for (stars, code) in [(None, "error-rating-missing"), (Some(3.7), "error-rating")] {
            let mut fields = Fields::default();
            let rating = fields.rating("rating", stars);
            assert_eq!(
                codes(&fields.finish(|| rating).unwrap_err()),
                [("rating", code)]
            );
        }
    }
}
