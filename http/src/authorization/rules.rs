//! The table. A new route is a line here.

use domain::Role::Operator;

use super::Rule;
use super::Who::{self, Everyone, Members, Only};
use super::Whose::{self, Anyones, Others, Own};

const fn rule(method: &'static str, path: &'static str, who: Who, whose: Whose) -> Rule {
    Rule {
        method,
        path,
        who,
        whose,
    }
}

/// Every route of a node but those that its operator's machines ask (`health`).
#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    // the API
    rule("GET",    "/api/v1/openapi.json", Everyone, Anyones),
    rule("POST",   "/api/v1/members", Everyone, Anyones),
    rule("GET",    "/api/v1/members/{member}", Everyone, Anyones),
    rule("GET",    "/api/v1/members/{member}/reviews", Everyone, Anyones),
    rule("GET",    "/api/v1/members/{member}/comments", Everyone, Anyones),
    rule("GET",    "/api/v1/me", Members, Own),
    rule("PATCH",  "/api/v1/me", Members, Own),
    rule("DELETE", "/api/v1/me", Members, Own),
    rule("PUT",    "/api/v1/me/password", Members, Own),
    rule("POST",   "/api/v1/sessions", Everyone, Anyones),
    rule("DELETE", "/api/v1/sessions/current", Members, Own),
    rule("GET",    "/api/v1/films", Everyone, Anyones),
    rule("GET",    "/api/v1/films/{film}", Everyone, Anyones),
    rule("GET",    "/api/v1/films/{film}/review", Members, Own),
    rule("PUT",    "/api/v1/films/{film}/review", Members, Own),
    rule("GET",    "/api/v1/films/{film}/reviews", Everyone, Anyones),
    rule("GET",    "/api/v1/films/{film}/similar", Everyone, Anyones),
    rule("GET",    "/api/v1/films/{film}/akin", Everyone, Anyones),
    rule("GET",    "/api/v1/films/{film}/onward", Everyone, Anyones),
    rule("GET",    "/api/v1/films/{film}/path", Members, Own),
    rule("GET",    "/api/v1/trending", Everyone, Anyones),
    rule("GET",    "/api/v1/me/suggestions", Members, Own),
    rule("GET",    "/api/v1/me/like-minded", Members, Own),
    rule("GET",    "/api/v1/me/taste", Members, Own),
    rule("GET",    "/api/v1/genres", Everyone, Anyones),
    rule("GET",    "/api/v1/genres/{genre}/films", Everyone, Anyones),
    rule("GET",    "/api/v1/people/{slug}", Everyone, Anyones),
    rule("GET",    "/api/v1/search", Everyone, Anyones),
    rule("GET",    "/api/v1/search/suggestions", Everyone, Anyones),
    rule("GET",    "/api/v1/reviews", Everyone, Anyones),
    rule("GET",    "/api/v1/reviews/{review}", Everyone, Anyones),
    rule("DELETE", "/api/v1/reviews/{review}", Members, Own),
    rule("GET",    "/api/v1/reviews/{review}/comments", Everyone, Anyones),
    rule("POST",   "/api/v1/reviews/{review}/comments", Members, Anyones),
    rule("PUT",    "/api/v1/reviews/{review}/like", Members, Others),
    rule("DELETE", "/api/v1/reviews/{review}/like", Members, Anyones),
    rule("GET",    "/api/v1/comments/{comment}", Everyone, Anyones),
    rule("PATCH",  "/api/v1/comments/{comment}", Members, Own),
    rule("DELETE", "/api/v1/comments/{comment}", Members, Own),
    rule("GET",    "/api/v1/roles", Only(Operator), Anyones),
    rule("PUT",    "/api/v1/members/{member}/roles/{role}", Only(Operator), Anyones),
    rule("DELETE", "/api/v1/members/{member}/roles/{role}", Only(Operator), Anyones),

    // the pages
    rule("GET",  "/", Everyone, Anyones),
    rule("GET",  "/genres", Everyone, Anyones),
    rule("GET",  "/genres/{genre}", Everyone, Anyones),
    rule("GET",  "/people/{slug}", Everyone, Anyones),
    rule("GET",  "/search", Everyone, Anyones),
    rule("GET",  "/films", Everyone, Anyones),
    rule("GET",  "/films/{film}", Everyone, Anyones),
    rule("GET",  "/films/{film}/review", Members, Own),
    rule("POST", "/films/{film}/review", Members, Own),
    rule("GET",  "/reviews/{review}", Everyone, Anyones),
    rule("POST", "/reviews/{review}/retract", Members, Own),
    rule("POST", "/reviews/{review}/like", Members, Others),
    rule("POST", "/reviews/{review}/unlike", Members, Anyones),
    rule("POST", "/reviews/{review}/comments", Members, Anyones),
    rule("GET",  "/comments/{comment}", Everyone, Anyones),
    rule("GET",  "/comments/{comment}/edit", Members, Own),
    rule("POST", "/comments/{comment}/edit", Members, Own),
    rule("POST", "/comments/{comment}/retract", Members, Own),
    rule("GET",  "/members/{member}", Everyone, Anyones),
    rule("GET",  "/taste", Members, Own),
    rule("GET",  "/sign-up", Everyone, Anyones),
    rule("POST", "/sign-up", Everyone, Anyones),
    rule("GET",  "/sign-in", Everyone, Anyones),
    rule("POST", "/sign-in", Everyone, Anyones),
    rule("POST", "/sign-out", Everyone, Anyones),
    rule("GET",  "/settings", Members, Own),
    rule("POST", "/settings", Members, Own),
    rule("GET",  "/settings/password", Members, Own),
    rule("POST", "/settings/password", Members, Own),
    rule("GET",  "/settings/withdraw", Members, Own),
    rule("POST", "/settings/withdraw", Members, Own),
    rule("POST", "/language", Everyone, Anyones),
    rule("GET",  "/roles", Only(Operator), Anyones),
    rule("POST", "/roles/grant", Only(Operator), Anyones),
    rule("POST", "/roles/revoke", Only(Operator), Anyones),

    // the files
    rule("GET", "/assets/{digest}/{*file}", Everyone, Anyones),
    rule("GET", "/favicon.ico", Everyone, Anyones),
];
