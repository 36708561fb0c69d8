//! How every cookie of ours is written: for the whole site, out of reach of scripts, and not
//! sent along by other sites' forms.

use axum::http::HeaderValue;

/// A `Set-Cookie` value. `name` and `value` are ours: letters, digits, `-`, `_`.
pub fn set(name: &str, value: &str, max_age_seconds: u32, secure: bool) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::try_from(format!(
        "{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_seconds}{secure}"
    ))
    .expect("our cookies are visible ASCII")
}

/// A `Set-Cookie` value that takes the cookie away.
pub fn clear(name: &str, secure: bool) -> HeaderValue {
    set(name, "", 0, secure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_out_of_reach_of_scripts_and_other_sites() {
        assert_eq!(
            set("language", "ko", 60, true),
            "language=ko; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure"
        );
        assert_eq!(
            clear("a", false),
            "a=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
    }
}
