//! A message that survives one redirect: what a form did is told on the next page, once.
//!
//! The cookie holds a slug out of a closed list, never text: nobody can make us say theirs.

use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::cookies;
use crate::language::Message;
use crate::message;

pub const FLASH_COOKIE: &str = "flash";
/// A message that nobody came to read in a minute is old.
const FLASH_SECONDS: u32 = 60;

macro_rules! flashes {
    ($($name:ident = $slug:literal => $text:expr,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Flash { $($name),* }

        impl Flash {
            pub const ALL: &'static [Flash] = &[$(Flash::$name),*];

            pub fn slug(self) -> &'static str {
                match self { $(Flash::$name => $slug),* }
            }

            pub fn message(self) -> Message {
                match self { $(Flash::$name => $text),* }
            }
        }
    };
}

flashes! {
    Welcome = "welcome" => message!("flash-welcome"),
    SignedIn = "signed-in" => message!("flash-signed-in"),
    SignedOut = "signed-out" => message!("flash-signed-out"),
    ReviewPosted = "review-posted" => message!("flash-review-posted"),
    ReviewSaved = "review-saved" => message!("flash-review-saved"),
    ReviewRetracted = "review-retracted" => message!("flash-review-retracted"),
    CommentPosted = "comment-posted" => message!("flash-comment-posted"),
    CommentSaved = "comment-saved" => message!("flash-comment-saved"),
    CommentRetracted = "comment-retracted" => message!("flash-comment-retracted"),
    RoomSaved = "room-saved" => message!("flash-room-saved"),
    RoomModerated = "room-moderated" => message!("flash-room-moderated"),
    RoomInvited = "room-invited" => message!("flash-room-invited"),
    Reported = "reported" => message!("flash-reported"),
    MeasureTaken = "measure-taken" => message!("flash-measure-taken"),
    MeasureLifted = "measure-lifted" => message!("flash-measure-lifted"),
    Appealed = "appealed" => message!("flash-appealed"),
    AppealDecided = "appeal-decided" => message!("flash-appeal-decided"),
    ReportClosed = "report-closed" => message!("flash-report-closed"),
    ProfileSaved = "profile-saved" => message!("flash-profile-saved"),
    PasswordChanged = "password-changed" => message!("flash-password-changed"),
    ResetAsked = "reset-asked" => message!("flash-reset-asked"),
    PasswordReset = "password-reset" => message!("flash-password-reset"),
    VerificationAsked = "verification-asked" => message!("flash-verification-asked"),
    EmailVerified = "email-verified" => message!("flash-email-verified"),
    EmailChangeAsked = "email-change-asked" => message!("flash-email-change-asked"),
    EmailChanged = "email-changed" => message!("flash-email-changed"),
    Linked = "linked" => message!("flash-linked"),
    Unlinked = "unlinked" => message!("flash-unlinked"),
    JoiningAsked = "joining-asked" => message!("flash-joining-asked"),
    PasskeyNamed = "passkey-named" => message!("flash-passkey-named"),
    SecondFactorOff = "second-factor-off" => message!("flash-second-factor-off"),
    ProviderDeclined = "provider-declined" => message!("flash-provider-declined"),
    RoleGranted = "role-granted" => message!("flash-role-granted"),
    RoleRevoked = "role-revoked" => message!("flash-role-revoked"),
    SessionEnded = "session-ended" => message!("flash-session-ended"),
    SessionsEnded = "sessions-ended" => message!("flash-sessions-ended"),
    WithdrawalAsked = "withdrawal-asked" => message!("flash-withdrawal-asked"),
    WithdrawalTakenBack = "withdrawal-taken-back" => message!("flash-withdrawal-taken-back"),
    BringStarted = "bring-started" => message!("flash-bring-started"),
    BringUndoing = "bring-undoing" => message!("flash-bring-undoing"),
    FilmMerged = "film-merged" => message!("flash-film-merged"),
    ImportStarted = "import-started" => message!("flash-import-started"),
    Withdrawn = "withdrawn" => message!("flash-withdrawn"),
}

impl Flash {
    pub fn read(headers: &HeaderMap) -> Option<Flash> {
        let slug = cookies::get_either(headers, FLASH_COOKIE)?;
        Flash::ALL
            .iter()
            .copied()
            .find(|flash| flash.slug() == slug)
    }

    /// Goes on to a page of ours (303) and says this there.
    pub fn redirect(self, to: &str) -> Response {
        // Harmless without `Secure`: the cookie holds one of a dozen known words.
        let cookie = cookies::set(FLASH_COOKIE, self.slug(), FLASH_SECONDS, false);
        let mut response = redirect(to);
        response.headers_mut().insert(SET_COOKIE, cookie);
        response
    }
}

/// Goes on to a page of ours (303). A place that is not a path of ours becomes the main page.
pub fn redirect(to: &str) -> Response {
    let place = HeaderValue::try_from(safe_path(to)).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response()
}

/// A `next` that came from outside: a path on this site, else `/`. Browsers read
/// `//host`, `/\host` and paths with tabs in them as other sites.
pub fn safe_path(path: &str) -> &str {
    let ours = path.starts_with('/')
        && !path.starts_with("//")
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if ours { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flash_survives_one_redirect() {
        for flash in Flash::ALL {
            let response = flash.redirect("/films/parasite-2019?sort=best");
            assert_eq!(response.status(), StatusCode::SEE_OTHER);
            assert_eq!(
                response.headers()[LOCATION],
                "/films/parasite-2019?sort=best"
            );
            let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
            let mut headers = HeaderMap::new();
            let pair = cookie.split(';').next().unwrap();
            headers.insert("cookie", HeaderValue::from_str(pair).unwrap());
            assert_eq!(Flash::read(&headers), Some(*flash));
        }
    }

    #[test]
    fn nobody_can_make_us_say_their_words() {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_static("flash=you-won"));
        assert_eq!(Flash::read(&headers), None);
    }

    #[test]
    fn redirects_stay_on_this_site() {
        for elsewhere in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "",
        ] {
            assert_eq!(safe_path(elsewhere), "/", "{elsewhere}");
        }
        assert_eq!(safe_path("/members/1?after=x"), "/members/1?after=x");
    }
}
