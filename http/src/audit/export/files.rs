//! What the files of an export say.

use std::io;

use domain::MemberId;
use projections::history::{Opened, StreamAt};
use serde::Serialize;
use serde_json::{Value, json};

use crate::api::history::PLACE;
use crate::audit::{Names, ShownEvent, sentence};
use crate::language::Language;

/// So that spreadsheets read the text as it is.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A file with something of each event.
#[derive(Clone, Copy)]
pub enum File {
    EventsJson,
    EventsCsv,
    WordsJson,
    WordsCsv,
}

/// A text that the member wrote, as it was then.
#[derive(Serialize)]
struct Words {
    position: i64,
    written_at: String,
    #[serde(rename = "type")]
    event_type: String,
    /// The film or the room.
    about: Option<String>,
    field: String,
    text: String,
}

/// For whom, in which language, with which names.
type Shown<'a> = (MemberId, Language, &'a Names);

impl File {
    pub const ALL: [File; 4] = [
        File::EventsJson,
        File::EventsCsv,
        File::WordsJson,
        File::WordsCsv,
    ];

    pub fn name(self) -> &'static str {
        match self {
            File::EventsJson => "events.json",
            File::EventsCsv => "events.csv",
            File::WordsJson => "words.json",
            File::WordsCsv => "words.csv",
        }
    }

    pub fn head(self) -> io::Result<Vec<u8>> {
        let columns: &[&str] = match self {
            File::EventsJson | File::WordsJson => return Ok(b"[".to_vec()),
            File::EventsCsv => &[
                "position",
                "recorded_at",
                "type",
                "what",
                "by",
                "stream",
                "version",
                "data",
            ],
            File::WordsCsv => &["position", "written_at", "type", "about", "field", "text"],
        };
        let mut table = Table::default();
        table.row(columns.iter().map(ToString::to_string))?;
        let mut head = BYTE_ORDER_MARK.as_bytes().to_vec();
        head.extend(table.text()?);
        Ok(head)
    }

    pub fn foot(self) -> &'static str {
        match self {
            File::EventsJson | File::WordsJson => "\n]\n",
            File::EventsCsv | File::WordsCsv => "",
        }
    }

    /// What it says of some events.
    pub fn rows(
        self,
        events: Vec<Opened>,
        shown: Shown<'_>,
        is_first: bool,
    ) -> io::Result<Vec<u8>> {
        let names = shown.2;
        match self {
            File::EventsJson => {
                let events = events.into_iter();
                items(
                    events.map(|one| ShownEvent::of(one, names, PLACE)),
                    is_first,
                )
            }
            File::WordsJson => items(words(&events, shown), is_first),
            File::EventsCsv => {
                let mut table = Table::default();
                for opened in events {
                    let what = sentence(shown.1, &opened, names);
                    let event = ShownEvent::of(opened, names, PLACE);
                    let by = event.actor.and_then(|actor| actor.name);
                    table.row([
                        event.position.to_string(),
                        event.recorded_at.to_rfc3339(),
                        event.event_type,
                        what,
                        by.unwrap_or_default(),
                        event.stream,
                        event.version.to_string(),
                        event.data.to_string(),
                    ])?;
                }
                table.text()
            }
            File::WordsCsv => {
                let mut table = Table::default();
                for words in words(&events, shown) {
                    table.row([
                        words.position.to_string(),
                        words.written_at,
                        words.event_type,
                        words.about.unwrap_or_default(),
                        words.field,
                        words.text,
                    ])?;
                }
                table.text()
            }
        }
    }
}

/// Items of an array, a line each.
fn items<T: Serialize>(items: impl Iterator<Item = T>, is_first: bool) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for (index, item) in items.enumerate() {
        let is_first = is_first && index == 0;
        text.extend_from_slice(if is_first { b"\n" } else { b",\n" });
        serde_json::to_writer(&mut text, &item)?;
    }
    Ok(text)
}

/// The member's own texts in some events: what is stored sealed, under their keys.
fn words<'a>(
    events: &'a [Opened],
    (member, language, names): Shown<'a>,
) -> impl Iterator<Item = Words> + 'a {
    let keys = member.key_ids();
    let own = events.iter().filter(move |opened| {
        opened
            .recorded
            .key_id
            .is_some_and(|key| keys.contains(&key))
    });
    own.flat_map(move |opened| {
        let stored: Value = serde_json::from_str(&opened.recorded.payload).unwrap_or_default();
        let about = ["film", "room"]
            .into_iter()
            .find_map(|field| names.called(language, field, opened.data.get(field)?));
        let fields = opened.data.as_object().cloned().unwrap_or_default();
        let sealed = fields
            .into_iter()
            .filter(move |(field, _)| stored[field].get("sealed").is_some());
        sealed.filter_map(move |(field, text)| {
            Some(Words {
                position: opened.recorded.position,
                written_at: opened.recorded.occurred_at.to_rfc3339(),
                event_type: opened.recorded.event_type.clone(),
                about: about.clone(),
                field,
                text: text.as_str()?.to_owned(),
            })
        })
    })
}

#[derive(Default)]
struct Table(Option<csv::Writer<Vec<u8>>>);

impl Table {
    fn row(&mut self, cells: impl IntoIterator<Item = String>) -> io::Result<()> {
        let writer = self
            .0
            .get_or_insert_with(|| csv::Writer::from_writer(Vec::new()));
        let cells = cells.into_iter().map(harmless);
        Ok(writer.write_record(cells)?)
    }

    fn text(self) -> io::Result<Vec<u8>> {
        match self.0 {
            None => Ok(Vec::new()),
            Some(writer) => writer.into_inner().map_err(|error| error.into_error()),
        }
    }
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: String) -> String {
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{cell}"),
        _ => cell,
    }
}

/// Who they are, and what the export holds.
pub fn account(
    member: MemberId,
    account: &StreamAt,
    (through, receipts_through): (i64, i64),
    public_key: Option<String>,
) -> serde_json::Result<Vec<u8>> {
    let said = |field: &str| account.said(field).cloned().unwrap_or_default();
    serde_json::to_vec_pretty(&json!({
        "id": member,
        "name": said("name"),
        "email": said("email"),
        "about": said("about"),
        "account": account.shown(),
        "events_through": through,
        "receipts_through": receipts_through,
        "public_key": public_key,
    }))
}

pub fn readme(through: i64, receipts_through: i64) -> String {
    format!(
        "\
Reeltime

Everything that you did, wrote and are called here, oldest first, up to position {through} of the
log.

account.json     who you are: name, e-mail address, what you say about yourself, settings
events.json      everything that you did, that was done about you, and which auditor read it
events.csv       the same as a table
words.json       every text that you wrote, as it was then, also what you changed or deleted later
words.csv        the same as a table
receipts.ndjson  for each event up to position {receipts_through} the proof that it is in the log

A receipt can be checked without us, with the public key of who signs the log (compare it with one
that you got elsewhere):

    replay-tool check-receipt receipts.ndjson --public-key KEY


여기서 하신 모든 일과 쓰신 글, 계정 정보를 오래된 순서대로 담았어요. 기록의 {through}번까지예요.

account.json     계정: 이름, 이메일, 소개, 설정
events.json      내가 한 일, 나에 대해 일어난 일, 내 기록을 열람한 감사자
events.csv       같은 내용을 표로
words.json       내가 쓴 모든 글. 나중에 고치거나 지운 글도 그때 모습대로 들어 있어요
words.csv        같은 내용을 표로
receipts.ndjson  {receipts_through}번까지의 기록이 실제로 남아 있다는 증명

증명은 저희 없이도 확인할 수 있어요. 기록에 서명하는 쪽의 공개 키만 있으면 돼요. (공개 키는 다른
경로로 받은 것과 꼭 비교해 주세요.)

    replay-tool check-receipt receipts.ndjson --public-key KEY
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_no_formula() {
        for (typed, cell) in [
            ("=1+1", "'=1+1"),
            ("@all", "'@all"),
            ("비 오는 밤", "비 오는 밤"),
            ("", ""),
        ] {
            assert_eq!(harmless(typed.to_owned()), cell);
        }
    }

    #[test]
    fn an_array_is_one_whatever_the_pages() {
        let pages = [
            items([1, 2].into_iter(), true).unwrap(),
            items([3].into_iter(), false).unwrap(),
        ];
        let text = [&b"["[..], &pages.concat(), b"\n]\n"].concat();
        let read: Vec<i32> = serde_json::from_slice(&text).unwrap();
        assert_eq!(read, [1, 2, 3]);
        assert!(
            serde_json::from_slice::<Vec<i32>>(b"[\n]\n")
                .unwrap()
                .is_empty()
        );
    }
}
