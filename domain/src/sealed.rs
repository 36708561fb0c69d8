//! What identifies a member or was written by one: it can be forgotten, and it never shows in
//! logs.
//!
//! In the log it is `{"sealed":"…"}`, encrypted under a key of the member, or `{"forgotten":true}`.
//! Its plain form, a text, is for golden files and tests of rules, and is refused where it is stored.
//!
//! Serde hands its callers no context, so the keys stand in a variable of the thread while one
//! event is written or read: `sealing` and `opening` put them there and take them away.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

use sealing::{Held, Keys, Opening};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::{Error as _, SerializeMap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::MemberId;

/// The keys that each member has: forgetting destroys the first, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Who they are: name, e-mail, what they say about themselves.
    Identity,
    /// What they wrote.
    Words,
}

impl KeyKind {
    pub const ALL: [Self; 2] = [Self::Identity, Self::Words];
}

/// A text that events hold sealed, and never otherwise: it has no stored form of its own, so that
/// an event with a bare one does not compile. Written by `text!`.
pub trait Content: Sized {
    /// Under which of its member's keys it is sealed.
    const KEY: KeyKind;
    /// Its place in an event, which the cipher vouches for. Fixed the day that it ships.
    const PLACE: &'static str;

    fn as_str(&self) -> &str;

    /// Does not check again what was checked when it was written.
    fn from_stored(text: String) -> Self;
}

#[derive(Clone, PartialEq, Eq)]
pub enum Sealed<T> {
    Open(T),
    /// The member's key was destroyed: nobody can read it any more.
    Forgotten,
}

impl<T> Sealed<T> {
    pub fn open(&self) -> Option<&T> {
        match self {
            Self::Open(content) => Some(content),
            Self::Forgotten => None,
        }
    }
}

impl<T: Content> Sealed<T> {
    /// For states: nothing that is kept in memory for long holds members' words.
    pub fn fingerprint(&self) -> Fingerprint {
        let content = self.open();
        Fingerprint(content.map(|content| sealing::fingerprint(content.as_str())))
    }
}

impl<T> From<T> for Sealed<T> {
    fn from(content: T) -> Self {
        Self::Open(content)
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open(_) => "Sealed(…)",
            Self::Forgotten => "Forgotten",
        })
    }
}

/// Tells whether a text is the one that was sealed. What is forgotten equals no text.
///
/// It is not keyed: it stands in memory, and in snapshots of states, which are sealed.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Fingerprint(pub(crate) Option<[u8; 16]>);

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(…)")
    }
}

/// That there is a text, or that it was forgotten; neither what it is nor what tells it from others.
/// In a snapshot it is whole.
impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if is_keeping() {
            // of what is forgotten no bytes, rather than null: there was a text
            let bytes: &[u8] = match &self.0 {
                Some(bytes) => bytes,
                None => &[],
            };
            return bytes.serialize(serializer);
        }
        let place = if self.0.is_some() {
            "sealed"
        } else {
            "forgotten"
        };
        entry(serializer, place, &true)
    }
}

/// Out of a snapshot alone.
impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let other = || D::Error::custom("what tells a text from others is kept in snapshots alone");
        if !is_keeping() {
            return Err(other());
        }
        let bytes = Vec::<u8>::deserialize(deserializer)?;
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        let bytes = bytes.try_into().map_err(|_| other())?;
        Ok(Self(Some(bytes)))
    }
}

/// What the sealed fields that this thread writes or reads just now are to become.
enum Task {
    Plain,
    /// A state is written for a snapshot, or read out of one: it holds no words, and all that tells
    /// them from others.
    Keep,
    Seal(Sealing),
    Open(Opening),
}

struct Sealing {
    event: Uuid,
    /// None: the event does not say whose its sealed fields are.
    owner: Option<MemberId>,
    keys: Keys,
    used: Option<KeyKind>,
}

thread_local! {
    static TASK: RefCell<Task> = const { RefCell::new(Task::Plain) };
}

/// Puts things back also after a panic.
struct Guard;

impl Guard {
    fn begin(task: Task) -> Self {
        TASK.set(task);
        Self
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        TASK.set(Task::Plain);
    }
}

/// Writes one event with its fields sealed; gives the id of the key that was needed.
pub(crate) fn sealing<R>(
    event: Uuid,
    owner: Option<MemberId>,
    keys: &Keys,
    write: impl FnOnce() -> R,
) -> (R, Option<Uuid>) {
    // looked up by their ids once, and only for members who have any
    let held = |kind| {
        let id = owner?.key_id(kind);
        Some((id, keys.get(id)?.clone()))
    };
    let keys = KeyKind::ALL.into_iter().filter_map(held).collect();
    let _guard = Guard::begin(Task::Seal(Sealing {
        event,
        owner,
        keys,
        used: None,
    }));
    let written = write();
    let used = TASK.with_borrow(|task| match task {
        Task::Seal(sealing) => sealing.used,
        Task::Plain | Task::Keep | Task::Open(_) => None,
    });
    (
        written,
        owner.zip(used).map(|(owner, kind)| owner.key_id(kind)),
    )
}

/// Writes a state for a snapshot, or reads one out of it.
pub(crate) fn keeping<R>(work: impl FnOnce() -> R) -> R {
    let _guard = Guard::begin(Task::Keep);
    work()
}

fn is_keeping() -> bool {
    TASK.with_borrow(|task| matches!(task, Task::Keep))
}

/// For fields of states that are kept, and shown to nobody.
pub(crate) fn is_shown<T>(_: &T) -> bool {
    !is_keeping()
}

/// Reads one event with its fields opened.
pub(crate) fn opening<R>(opening: Opening, read: impl FnOnce() -> R) -> R {
    let _guard = Guard::begin(Task::Open(opening));
    read()
}

impl Sealing {
    fn seal<T: Content>(&mut self, content: &T) -> Result<String, String> {
        let owner = self
            .owner
            .ok_or("a sealed field in an event that does not say whose it is")?;
        if self.used.is_some_and(|used| used != T::KEY) {
            return Err("an event whose fields are sealed under two keys".into());
        }
        let id = owner.key_id(T::KEY);
        let key = match self.keys.get(id) {
            Some(Held::Key(key)) => key,
            Some(Held::Destroyed) => return Err(format!("the key {id} was destroyed")),
            Some(Held::Unusable(why)) => return Err(format!("the key {id} can't be used: {why}")),
            None => return Err(format!("the key {id} is missing")),
        };
        self.used = Some(T::KEY);
        Ok(key.seal(&place::<T>(self.event), content.as_str().as_bytes()))
    }
}

/// The event and the field, of which an event has one of each kind.
fn place<T: Content>(event: Uuid) -> Vec<u8> {
    [event.as_bytes(), T::PLACE.as_bytes()].concat()
}

impl<T: Content> Serialize for Sealed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self::Open(content) = self else {
            return entry(serializer, "forgotten", &true);
        };
        let sealed = TASK.with_borrow_mut(|task| match task {
            Task::Seal(sealing) => sealing.seal(content).map(Some),
            Task::Keep => Err("a state that is kept holds words".to_owned()),
            Task::Plain | Task::Open(_) => Ok(None),
        });
        match sealed.map_err(S::Error::custom)? {
            Some(sealed) => entry(serializer, "sealed", &sealed),
            None => serializer.serialize_str(content.as_str()),
        }
    }
}

fn entry<S: Serializer>(
    serializer: S,
    name: &str,
    value: &impl Serialize,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(name, value)?;
    map.end()
}

impl<'de, T: Content> Deserialize<'de> for Sealed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Stored(PhantomData))
    }
}

/// Its errors never quote what could not be read.
struct Stored<T>(PhantomData<T>);

impl<'de, T: Content> Visitor<'de> for Stored<T> {
    type Value = Sealed<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what is sealed or forgotten")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Sealed<T>, E> {
        TASK.with_borrow(|task| match task {
            Task::Plain => Ok(Sealed::Open(T::from_stored(text.to_owned()))),
            Task::Seal(_) | Task::Keep | Task::Open(_) => {
                Err(E::custom("a field that must be sealed is stored as it is"))
            }
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sealed<T>, A::Error> {
        let other = || A::Error::custom("a field is neither sealed nor forgotten");
        let name: Option<String> = map.next_key()?;
        let content = match name.as_deref() {
            Some("forgotten") if map.next_value::<bool>()? => Sealed::Forgotten,
            Some("sealed") => open(&map.next_value::<String>()?).map_err(A::Error::custom)?,
            _ => return Err(other()),
        };
        match map.next_key::<String>()? {
            None => Ok(content),
            Some(_) => Err(other()),
        }
    }
}

fn open<T: Content>(sealed: &str) -> Result<Sealed<T>, String> {
    TASK.with_borrow(|task| {
        let Task::Open(opening) = task else {
            return Err("a field is sealed, and there are no keys".into());
        };
        match opening {
            Opening::Closed => Ok(Sealed::Forgotten),
            Opening::Unsealed => Err("a field is sealed, and no key is named".into()),
            Opening::Missing(id) => Err(format!("the key {id} is missing")),
            Opening::Under { event, id, held } => match held {
                Held::Destroyed => Ok(Sealed::Forgotten),
                Held::Unusable(why) => Err(format!("the key {id} can't be used: {why}")),
                Held::Key(key) => {
                    let text = key.open(&place::<T>(*event), sealed);
                    let text = text.map_err(|error| format!("a field can't be opened: {error}"))?;
                    let text = String::from_utf8(text).map_err(|_| "a field is no text")?;
                    Ok(Sealed::Open(T::from_stored(text)))
                }
            },
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CommentText, MemberName};

    fn read(json: &str) -> serde_json::Result<Option<Sealed<CommentText>>> {
        serde_json::from_str(json)
    }

    fn text(typed: &str) -> CommentText {
        CommentText::new(typed).unwrap()
    }

    #[test]
    fn the_plain_form_is_the_text_or_that_it_was_forgotten() {
        let stored = |sealed: &Sealed<CommentText>| serde_json::to_string(sealed).unwrap();
        assert_eq!(stored(&text("a \"b\"").into()), r#""a \"b\"""#);
        assert_eq!(stored(&Sealed::Forgotten), r#"{"forgotten":true}"#);
        assert_eq!(read("null").unwrap(), None);
        for sealed in [text("기생충").into(), Sealed::Forgotten] {
            assert_eq!(read(&stored(&sealed)).unwrap(), Some(sealed));
        }
    }

    #[test]
    fn neither_debug_nor_a_failed_read_shows_the_content() {
        assert_eq!(format!("{:?}", Sealed::Open("secret")), "Sealed(…)");
        for json in [
            r#"{"secret":"secret"}"#,
            r#"{"sealed":"secret"}"#,
            r#"{"forgotten":true,"secret":true}"#,
            r#"["secret"]"#,
        ] {
            let error = read(json).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_plain_text_is_refused_where_sealed_ones_are_read() {
        for how in [Opening::Unsealed, Opening::Closed] {
            let error = opening(how, || read(r#""secret""#))
                .unwrap_err()
                .to_string();
            assert!(error.starts_with("a field that must be sealed is stored as it is"));
        }
    }

    #[test]
    fn what_one_thread_is_about_ends_with_it_also_after_a_panic() {
        let panicked = std::panic::catch_unwind(|| {
            opening(Opening::Closed, || panic!("in the middle of reading"))
        });
        assert!(panicked.is_err());
        assert_eq!(read(r#""plain""#).unwrap(), Some(text("plain").into()));
    }

    #[test]
    fn a_fingerprint_is_of_the_text_and_of_nothing_forgotten() {
        let of = |typed: &str| Sealed::Open(text(typed)).fingerprint();
        assert_eq!(of("one"), of("one"));
        assert_ne!(of("one"), of("two"));
        assert_ne!(of("one"), Sealed::<CommentText>::Forgotten.fingerprint());
        assert_eq!(format!("{:?}", of("one")), "Fingerprint(…)");
    }

    #[test]
    fn a_fingerprint_is_whole_in_a_snapshot_and_nowhere_else() {
        let known = Sealed::Open(text("one")).fingerprint();
        let forgotten = Sealed::<CommentText>::Forgotten.fingerprint();
        for fingerprint in [None, Some(known), Some(forgotten)] {
            let kept = keeping(|| serde_json::to_string(&fingerprint)).unwrap();
            let read = || serde_json::from_str::<Option<Fingerprint>>(&kept);
            assert_eq!(keeping(read).unwrap(), fingerprint);
            assert_eq!(read().is_ok(), fingerprint.is_none());
        }
        let shown = serde_json::to_string(&known).unwrap();
        assert_eq!(shown, r#"{"sealed":true}"#);
        let words = keeping(|| serde_json::to_string(&Sealed::Open(text("one"))));
        assert!(words.is_err());
    }

    #[test]
    fn each_content_has_a_place_of_its_own() {
        assert_ne!(MemberName::PLACE, CommentText::PLACE);
        assert_ne!(MemberName::KEY, CommentText::KEY);
    }
}
