//! Whether HTML holds what members' texts may become, and nothing else. It is read here anew,
//! apart from the sanitizer that is put to the test.

const TAGS: [&str; 16] = [
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
];
const ATTRIBUTES: [&str; 4] = ["href", "title", "rel", "start"];

/// # Panics
/// At the first thing that may not be there.
pub fn check(html: &str) {
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = tag(&rest[start + 1..], html);
    }
}

/// What follows the tag.
fn tag<'h>(text: &'h str, html: &str) -> &'h str {
    let text = text.strip_prefix('/').unwrap_or(text);
    let end = text.find([' ', '>']).unwrap_or(text.len());
    let (name, mut rest) = text.split_at(end);
    assert!(TAGS.contains(&name), "<{name}> in {html}");
    while let Some(attribute) = rest.strip_prefix(' ') {
        let (key, value) = attribute
            .split_once("=\"")
            .expect("an attribute has a value");
        let (value, after) = value.split_once('"').expect("a value ends");
        assert!(ATTRIBUTES.contains(&key), "{key} in {html}");
        if key == "href" {
            check_address(value, html);
        }
        rest = after;
    }
    rest.strip_prefix('>')
        .unwrap_or_else(|| panic!("a tag without an end in {html}"))
}

/// Browsers skip spaces and control characters where they look for a scheme.
fn check_address(address: &str, html: &str) {
    let plain = |c: char| !c.is_ascii_control() && c != ' ';
    let bare: String = address.chars().filter(|c| plain(*c)).collect();
    let bare = bare.to_ascii_lowercase();
    let is_elsewhere = ["http:", "https:", "mailto:"]
        .iter()
        .any(|scheme| bare.starts_with(scheme));
    let is_here = bare.starts_with('/') && !bare.starts_with("//") && !bare.starts_with("/\\");
    assert!(is_elsewhere || is_here, "{address} in {html}");
}
