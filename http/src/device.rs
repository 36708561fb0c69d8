//! From where somebody is signed in, in the words that they would use: "Firefox · Windows 10".

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use woothee::parser::Parser;

/// Of a program that is no browser we know.
const MOST_CHARACTERS: usize = 40;

/// Empty: it did not say.
pub fn device(headers: &HeaderMap) -> String {
    let agent = headers
        .get(USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    agent.map(told).unwrap_or_default()
}

fn told(agent: &str) -> String {
    let known = Parser::new().parse(agent);
    match known.filter(|known| known.category != "crawler" && known.name != "UNKNOWN") {
        Some(known) if known.os == "UNKNOWN" => known.name.to_owned(),
        Some(known) => format!("{} · {}", known.name, system(known.os)),
        None => {
            let program = agent.split([' ', '/']).next().unwrap_or_default();
            program.chars().take(MOST_CHARACTERS).collect()
        }
    }
}

fn system(os: &str) -> &str {
    match os {
        "Mac OSX" => "macOS",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_called_as_people_do() {
        for (agent, device) in [
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like \
                 Gecko) Chrome/120.0.0.0 Safari/537.36",
                "Chrome · macOS",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0",
                "Firefox · Windows 10",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
                "Safari · iPhone",
            ),
            ("tickets/2.0 (by Ann)", "tickets"),
            ("", ""),
        ] {
            assert_eq!(told(agent), device);
        }
        assert_eq!(device(&HeaderMap::new()), "");
        assert!(told(&"가".repeat(300)).chars().count() <= MOST_CHARACTERS);
    }
}
