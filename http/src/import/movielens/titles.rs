//! MovieLens' titles: "City of Lost Children, The (Cité des enfants perdus, La) (1995)".

#[derive(Debug, PartialEq)]
pub struct Title {
    pub english: String,
    pub original: String,
    pub year: Option<i16>,
}

pub fn read(title: &str) -> Title {
    let mut rest = title.trim();
    let mut original = None;
    let mut year = None;
    while let Some((before, inner)) = last_parentheses(rest) {
        // "2006–2007" and "1975-1979" begin in the first year
        let digits: String = inner.chars().take(4).collect();
        match digits.parse() {
            Ok(number) if year.is_none() && digits.len() == 4 => year = Some(number),
            _ if inner.starts_with("a.k.a.") => {}
            _ => original = Some(inner),
        }
        rest = before;
    }
    let english = article_first(rest);
    Title {
        original: original.map_or_else(|| english.clone(), article_first),
        english,
        year,
    }
}

/// What stands before, and inside, parentheses at the end.
fn last_parentheses(title: &str) -> Option<(&str, &str)> {
    let open = title.strip_suffix(')')?;
    let (before, inner) = open.rsplit_once('(')?;
    let before = before.trim_end();
    (!before.is_empty()).then_some((before, inner))
}

const ARTICLES: [&str; 20] = [
    "The", "A", "An", "La", "Le", "Les", "L'", "El", "Los", "Las", "Il", "Lo", "I", "Der", "Die",
    "Das", "Un", "Une", "Den", "De",
];

fn article_first(title: &str) -> String {
    match title.rsplit_once(", ") {
        Some((rest, "L'")) => format!("L'{rest}"),
        Some((rest, article)) if ARTICLES.contains(&article) => format!("{article} {rest}"),
        _ => title.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(english: &str, original: &str, year: Option<i16>) -> Title {
        Title {
            english: english.to_owned(),
            original: original.to_owned(),
            year,
        }
    }

    #[test]
    fn titles_are_taken_apart() {
        for (written, read_as) in [
            (
                "Toy Story (1995)",
                title("Toy Story", "Toy Story", Some(1995)),
            ),
            (
                "City of Lost Children, The (Cité des enfants perdus, La) (1995)",
                title(
                    "The City of Lost Children",
                    "La Cité des enfants perdus",
                    Some(1995),
                ),
            ),
            (
                "Seven (a.k.a. Se7en) (1995) ",
                title("Seven", "Seven", Some(1995)),
            ),
            (
                "Death Note (2006–2007)",
                title("Death Note", "Death Note", Some(2006)),
            ),
            ("Moonlight", title("Moonlight", "Moonlight", None)),
            (
                "(500) Days of Summer (2009)",
                title("(500) Days of Summer", "(500) Days of Summer", Some(2009)),
            ),
            (
                "2001: A Space Odyssey (1968)",
                title("2001: A Space Odyssey", "2001: A Space Odyssey", Some(1968)),
            ),
        ] {
            assert_eq!(read(written), read_as, "{written}");
        }
    }
}
