//! What members write, as HTML that can't hurt anybody: Markdown is rendered by pulldown-cmark
//! with everything reduced that we don't want, and the result goes through ammonia, which
//! allows what is listed here and nothing else.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use maud::{Markup, PreEscaped};
use pulldown_cmark::{
    CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html,
};
use unicode_segmentation::UnicodeSegmentation;
use uuid::Uuid;

use crate::mentions;

/// Quotes and lists inside each other. What is deeper stays, at this depth: nesting costs the
/// sanitizer quadratic time, and nobody reads it.
const DEPTH: usize = 8;

/// Paragraphs, emphasis, lists, quotes, links, code, small headings. Raw HTML shows as text,
/// an image as its description; a line break is a line break.
pub fn render(source: &str) -> Markup {
    render_naming(source, &BTreeMap::new())
}

/// The same, where `@` and one of these names leads to the member.
pub fn render_naming(source: &str, named: &BTreeMap<Uuid, String>) -> Markup {
    let mut unsafe_html = String::with_capacity(source.len() * 3 / 2);
    let mut nesting = Nesting::default();
    let mut links = Links { named, depth: 0 };
    let events = Parser::new_ext(source, Options::ENABLE_STRIKETHROUGH)
        .filter_map(reduce)
        .filter(|event| nesting.allows(event));
    let events = TextMergeStream::new(events).flat_map(|event| links.find(event));
    html::push_html(&mut unsafe_html, events);
    PreEscaped(SANITIZER.clean(&unsafe_html).to_string())
}

/// The same as plain text on one line, at most `limit` characters as a reader counts them
/// (grapheme clusters), cut at a word if one is near, with an ellipsis.
pub fn excerpt(source: &str, limit: usize) -> String {
    let text = plain(source);
    let mut graphemes = text.grapheme_indices(true);
    let Some((end, _)) = graphemes.nth(limit) else {
        return text;
    };
    let start = text[..end].trim_end();
    // Unless one word is more than half of it.
    let word = start.rfind(' ').filter(|&space| space * 2 >= start.len());
    let next_is_space = text[end..].starts_with(' ');
    let cut = word
        .filter(|_| !next_is_space)
        .map_or(start, |space| &start[..space]);
    format!("{}…", cut.trim_end_matches([' ', ',', '.', ';', ':', '…']))
}

fn plain(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    for event in Parser::new_ext(source, Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::InlineHtml(part) | Event::Html(part) => text.push_str(&part),
            Event::SoftBreak | Event::HardBreak | Event::Rule => text.push(' '),
            Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::CodeBlock
                | TagEnd::HtmlBlock
                | TagEnd::List(_),
            ) => text.push(' '),
            Event::Start(Tag::Item) if !text.trim_end().ends_with(':') => text.push_str(" · "),
            Event::Start(_)
            | Event::End(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").trim_start_matches("· ").to_owned()
}

/// What Markdown may do that we don't want becomes something that we do.
fn reduce(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::SoftBreak => Some(Event::HardBreak),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Heading { level, .. }) => Some(Event::Start(Tag::Heading {
            level: small(level),
            id: None,
            classes: Vec::new(),
            attrs: Vec::new(),
        })),
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(small(level)))),
        other => Some(other),
    }
}

/// The page's own headings go down to `h3`.
fn small(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H4,
        HeadingLevel::H2 => HeadingLevel::H5,
        HeadingLevel::H3 | HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => {
            HeadingLevel::H6
        }
    }
}

/// Makes links of addresses that stand in a text as they are, and of names.
struct Links<'n> {
    named: &'n BTreeMap<Uuid, String>,
    /// In a link, or in code.
    depth: usize,
}

impl Links<'_> {
    fn find<'a>(&mut self, event: Event<'a>) -> Vec<Event<'a>> {
        match &event {
            Event::Start(Tag::Link { .. } | Tag::CodeBlock(_)) => self.depth += 1,
            Event::End(TagEnd::Link | TagEnd::CodeBlock) => self.depth -= 1,
            Event::Text(text) if self.depth == 0 => return self.linked(text),
            _ => {}
        }
        vec![event]
    }

    fn linked<'a>(&self, text: &str) -> Vec<Event<'a>> {
        let (mut events, mut rest) = (Vec::new(), text);
        while let Some((before, address, after)) = first_address(rest) {
            self.push_names(&mut events, before);
            push_link(&mut events, address, address);
            rest = after;
        }
        self.push_names(&mut events, rest);
        events
    }

    fn push_names(&self, events: &mut Vec<Event<'_>>, text: &str) {
        let mut rest = text;
        while let Some(named) = mentions::first(rest, self.named) {
            let (start, end) = named.place;
            push_text(events, &rest[..start]);
            push_link(
                events,
                &format!("/members/{}", named.member),
                &rest[start..end],
            );
            rest = &rest[end..];
        }
        push_text(events, rest);
    }
}

fn push_text(events: &mut Vec<Event<'_>>, text: &str) {
    if !text.is_empty() {
        events.push(Event::Text(CowStr::from(text.to_owned())));
    }
}

fn push_link(events: &mut Vec<Event<'_>>, to: &str, text: &str) {
    events.push(Event::Start(Tag::Link {
        link_type: LinkType::Autolink,
        dest_url: CowStr::from(to.to_owned()),
        title: CowStr::from(""),
        id: CowStr::from(""),
    }));
    push_text(events, text);
    events.push(Event::End(TagEnd::Link));
}

/// What stands before it, itself, and the rest. It ends where a sentence may go on: before
/// its last marks, and before a Korean particle.
fn first_address(text: &str) -> Option<(&str, &str, &str)> {
    let starts = ["https://", "http://"].map(|scheme| text.find(scheme));
    let start = starts.into_iter().flatten().min()?;
    let from = &text[start..];
    let is_end = |c: char| !c.is_ascii_graphic() || matches!(c, '<' | '>' | '"');
    let address = &from[..from.find(is_end).unwrap_or(from.len())];
    let address = address.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
    Some((&text[..start], address, &from[address.len()..]))
}

/// Drops the containers that are nested too deep, and keeps what is in them.
#[derive(Default)]
struct Nesting {
    depth: usize,
}

impl Nesting {
    fn allows(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::Start(Tag::BlockQuote(_) | Tag::List(_) | Tag::Item) => {
                self.depth += 1;
                self.depth <= DEPTH
            }
            Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item) => {
                self.depth -= 1;
                self.depth < DEPTH
            }
            _ => true,
        }
    }
}

static SANITIZER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut sanitizer = ammonia::Builder::empty();
    sanitizer
        .add_tags([
            "p",
            "br",
            "em",
            "strong",
            "del",
            "ul",
            "ol",
            "li",
            "blockquote",
            "a",
            "code",
            "pre",
            "h4",
            "h5",
            "h6",
            "hr",
        ])
        .add_tag_attributes("a", ["href", "title"])
        .add_tag_attributes("ol", ["start"])
        .add_url_schemes(["http", "https", "mailto"])
        .url_relative(ammonia::UrlRelative::Custom(Box::new(own_pages)))
        .link_rel(Some("nofollow ugc noopener"));
    sanitizer
});

/// Links without a scheme may point into this site; `//host` would leave it.
fn own_pages(url: &str) -> Option<Cow<'_, str>> {
    (crate::flash::safe_path(url) == url).then_some(Cow::Borrowed(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(source: &str) -> String {
        render(source).into_string().trim().to_owned()
    }

    #[test]
    fn what_people_write_looks_as_they_meant_it() {
        assert_eq!(
            html("*a* **b**\nc"),
            "<p><em>a</em> <strong>b</strong><br>\nc</p>"
        );
        assert_eq!(html("- a\n- b"), "<ul>\n<li>a</li>\n<li>b</li>\n</ul>");
        assert_eq!(
            html("> 좋아요"),
            "<blockquote>\n<p>좋아요</p>\n</blockquote>"
        );
        assert_eq!(html("# Big"), "<h4>Big</h4>");
        assert_eq!(html("`x`"), "<p><code>x</code></p>");
    }

    #[test]
    fn links_say_that_they_are_not_ours() {
        assert_eq!(
            html("[a](https://example.com)"),
            r#"<p><a href="https://example.com" rel="nofollow ugc noopener">a</a></p>"#
        );
        assert!(html("[a](/films/parasite-2019)").contains(r#"href="/films/parasite-2019""#));
    }

    #[test]
    fn nothing_that_runs_gets_through() {
        for source in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[a](javascript:alert(1))",
            "[a](JaVaScRiPt:alert(1))",
            "[a](data:text/html,x)",
            "<a href=\"javascript:alert(1)\">a</a>",
            "![a](https://evil.example/track.gif)",
            "<svg/onload=alert(1)>",
            "[a](//evil.example)",
            "<style>*{display:none}</style>",
            "**<b onclick=alert(1)>**",
            "<!-- --><iframe src=x>",
        ] {
            let html = html(source);
            for tag in [
                "<script", "<img", "<svg", "<style", "<iframe", "<b ", "<a href",
            ] {
                assert!(!html.contains(tag), "{source} → {html}");
            }
        }
    }

    #[test]
    fn raw_html_is_shown_and_an_image_is_its_description() {
        assert_eq!(html("a <b>bold</b>"), "<p>a &lt;b&gt;bold&lt;/b&gt;</p>");
        assert_eq!(html("![a cat](x.png)"), "<p>a cat</p>");
    }

    #[test]
    fn nesting_has_an_end() {
        let deep = format!("{} text", ">".repeat(9_000));
        let html = html(&deep);
        assert_eq!(html.matches("<blockquote>").count(), DEPTH);
        assert_eq!(html.matches("</blockquote>").count(), DEPTH);
        assert!(html.contains("text"));
    }

    #[test]
    fn an_excerpt_is_plain_text_of_bounded_length() {
        assert_eq!(excerpt("*a* **b**\n\n> c", 10), "a b c");
        assert_eq!(excerpt("one two three four", 9), "one two…");
        assert_eq!(excerpt("one two three four", 13), "one two three…");
        assert_eq!(excerpt("기생충은 정말 대단한 영화", 7), "기생충은 정말…");
        assert_eq!(excerpt("- one\n- two", 20), "one · two");
        assert_eq!(excerpt("- one\n- two\n\nThree", 20), "one · two Three");
        assert_eq!(excerpt("", 5), "");
    }

    #[test]
    fn an_excerpt_never_cuts_a_character_in_half() {
        let family = "👨‍👩‍👧‍👦";
        assert_eq!(
            excerpt(&family.repeat(5), 2),
            format!("{}…", family.repeat(2))
        );
        // Decomposed Hangul: three code points, one syllable.
        let syllable = "\u{1112}\u{1161}\u{11ab}";
        assert_eq!(excerpt(&syllable.repeat(3), 1), format!("{syllable}…"));
    }

    #[test]
    fn who_is_named_is_led_to() {
        let (ann, lee) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let named = [(ann, "Ann".to_owned()), (lee, "Ann Lee".to_owned())].into();
        let html = |source| render_naming(source, &named).into_string();
        let link = |id, text| {
            format!("<a href=\"/members/{id}\" rel=\"nofollow ugc noopener\">{text}</a>")
        };
        let both = html("@ann, see https://x.kr with @Ann Lee가!");
        assert!(
            both.contains(&format!("<p>{}, see", link(ann, "@ann"))),
            "{both}"
        );
        assert!(
            both.contains(&format!("{}가!", link(lee, "@Ann Lee"))),
            "{both}"
        );
        for text in [
            "`@Ann`",
            "@Annabel",
            "ann@Ann",
            "@Bob",
            "[@Ann](https://x.kr)",
        ] {
            assert!(!html(text).contains("/members/"), "{text}");
        }
    }

    #[test]
    fn an_address_that_stands_in_a_text_is_a_link() {
        let html = render("See (https://example.org/a_b_c?x=1&y), or http://x.kr를.").into_string();
        assert!(
            html.contains("href=\"https://example.org/a_b_c?x=1&amp;y\""),
            "{html}"
        );
        assert!(html.contains("</a>), or <a href=\"http://x.kr\""), "{html}");
        assert!(html.contains(">http://x.kr</a>를."), "{html}");
        for text in [
            "`https://example.org`",
            "javascript://x",
            "[a](https://b.org)",
        ] {
            let html = render(text).into_string();
            assert!(!html.contains("href=\"https://example.org"), "{html}");
            assert!(!html.contains("href=\"javascript"), "{html}");
        }
    }
}
