//! The texts, as they are read out of the binary.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentResource, FluentValue};
use rust_embed::RustEmbed;

use super::Language;

/// Both languages' texts, a file for each area of the site.
#[derive(RustEmbed)]
#[folder = "locales/"]
struct Texts;

/// A language's files.
pub fn sources(language: Language) -> Vec<String> {
    let names = Texts::iter().filter(|name| name.starts_with(language.code()));
    names
        .map(|name| {
            let file = Texts::get(&name).expect("a listed file is there");
            String::from_utf8(file.data.into_owned()).expect("the texts are UTF-8")
        })
        .collect()
}

pub fn bundle(language: Language) -> &'static FluentBundle<FluentResource> {
    static EN: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| read_bundle(Language::En));
    static KO: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| read_bundle(Language::Ko));
    match language {
        Language::En => &EN,
        Language::Ko => &KO,
    }
}

fn read_bundle(language: Language) -> FluentBundle<FluentResource> {
    let tag = language
        .code()
        .parse()
        .expect("our language codes are language tags");
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // The marks that isolate directions would show up in titles and in what tests compare;
    // both languages run left to right.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) if number.value.fract() == 0.0 => {
            // Counts are far below 2^53.
            Some(grouped(number.value as i64))
        }
        _ => None,
    }));
    for source in sources(language) {
        let resource =
            FluentResource::try_new(source).expect("the texts are well-formed; a test reads them");
        bundle
            .add_resource(resource)
            .expect("no text has two meanings; a test reads them");
    }
    bundle
}

pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
