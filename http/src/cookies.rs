//! How every cookie of ours is written: for the whole site, out of reach of scripts, and not
//! sent along by other sites' forms.

use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::cookie::CookieJar;

/// A browser takes a cookie of such a name over TLS alone, for this host alone: nobody beside us can
/// give it one.
const PREFIX: &str = "__Host-";

/// A `Set-Cookie` value. `name` and `value` are ours: letters, digits, `-`, `_`, `.`.
pub fn set(name: &str, value: &str, max_age_seconds: u32, secure: bool) -> HeaderValue {
    let (prefix, secure) = if secure {
        (PREFIX, "; Secure")
    } else {
        ("", "")
    };
    HeaderValue::try_from(format!(
        "{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_seconds}{secure}"
    ))
    .expect("our cookies are visible ASCII")
}

/// A `Set-Cookie` value that takes the cookie away.
pub fn clear(name: &str, secure: bool) -> HeaderValue {
    set(name, "", 0, secure)
}

/// What `set` wrote; over TLS nothing else is believed.
pub fn get(headers: &HeaderMap, name: &str, secure: bool) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    let cookie = match secure {
        true => jar.get(&format!("{PREFIX}{name}")),
        false => jar.get(name),
    };
    cookie.map(|cookie| cookie.value().to_owned())
}

/// For what nobody gains by giving us another's: written either way.
pub fn get_either(headers: &HeaderMap, name: &str) -> Option<String> {
    get(headers, name, true).or_else(|| get(headers, name, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_out_of_reach_of_scripts_and_other_sites() {
        assert_eq!(
            set("language", "ko", 60, true),
            "__Host-language=ko; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure"
        );
        assert_eq!(
            clear("a", false),
            "a=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
    }

    #[test]
    fn over_tls_only_what_we_wrote_is_believed() {
        let mut headers = HeaderMap::new();
        let thrown = HeaderValue::from_static("session=theirs");
        headers.insert("cookie", thrown);
        assert_eq!(get(&headers, "session", true), None);
        assert_eq!(get(&headers, "session", false).as_deref(), Some("theirs"));
        let both = HeaderValue::from_static("session=theirs; __Host-session=ours");
        headers.insert("cookie", both);
        assert_eq!(get(&headers, "session", true).as_deref(), Some("ours"));
    }
}
