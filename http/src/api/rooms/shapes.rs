//! How rooms are written, and what is asked for one.

use chrono::{DateTime, Utc};
use domain::{RoomDescription, RoomName};
use projections::rooms::RoomCard;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::films::{FilmTitle, Translated};
use crate::api::members::Author;
use crate::fields::Fields;
use crate::problem::Problem;

/// A room, as the caller sees it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Room {
    pub id: Uuid,
    /// Null: it was forgotten with its maker.
    #[schema(required = true)]
    pub name: Option<String>,
    #[schema(required = true)]
    pub description: Option<String>,
    /// What it is about; null: a free room.
    #[schema(required = true)]
    pub film: Option<FilmTitle>,
    pub admission: AdmissionOf,
    /// It is archived as soon as the last member leaves.
    pub closes_when_empty: bool,
    pub archived: bool,
    pub maker: Author,
    /// Between two messages of a member; 0: as they like.
    pub slow_mode_seconds: i32,
    pub opened_at: DateTime<Utc>,
    /// When somebody last came in or said something.
    pub active_at: DateTime<Utc>,
    /// The sequence number of the last thing that happened in it.
    pub seq: i64,
    /// The ordinal of its last message.
    pub messages: i64,
    /// How many are there now.
    pub present: i64,
    /// Some of them.
    pub here: Vec<Author>,
    pub me: MeInRoom,
}

/// What the caller is in a room.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MeInRoom {
    /// `member`, `moderator` or `maker`; null: nothing yet.
    #[schema(required = true)]
    pub role: Option<String>,
    pub present: bool,
    pub invited: bool,
    /// The ordinal of the last message that the caller has read.
    #[schema(required = true)]
    pub read: Option<i64>,
    /// `messages` − `read`; null for who has never read here.
    #[schema(required = true)]
    pub unread: Option<i64>,
}

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AdmissionOf {
    Public,
    /// To others it is not there.
    Invitation,
}

impl From<RoomCard> for Room {
    fn from(card: RoomCard) -> Room {
        let title = card.title_en.clone().zip(card.title_ko.clone());
        let film = card.film.zip(title).map(|(id, (en, ko))| FilmTitle {
            id,
            title: Translated { en, ko },
        });
        let here = card.here.0.iter().map(|here| Author {
            id: here.member,
            name: here.name.clone(),
        });
        Room {
            id: card.room,
            film,
            admission: match card.admission.as_str() {
                "public" => AdmissionOf::Public,
                _ => AdmissionOf::Invitation,
            },
            closes_when_empty: card.closes_when_empty,
            archived: card.archived,
            maker: Author {
                id: card.maker,
                name: card.maker_name.clone(),
            },
            slow_mode_seconds: card.slow_mode_seconds,
            opened_at: card.opened_at,
            active_at: card.active_at,
            seq: card.seq,
            messages: card.messages,
            present: card.present,
            here: here.collect(),
            me: MeInRoom {
                present: card.is_here,
                invited: card.invited,
                read: card.read,
                unread: card.unread(),
                role: card.role,
            },
            name: card.name,
            description: card.description,
        }
    }
}

/// A new room.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoom {
    #[serde(default)]
    #[schema(required = true, min_length = 1, max_length = 60)]
    pub name: String,
    #[serde(default)]
    #[schema(max_length = 500)]
    pub description: String,
    #[serde(default)]
    pub film: Option<Uuid>,
    #[serde(default = "public")]
    pub admission: AdmissionOf,
    #[serde(default)]
    pub closes_when_empty: bool,
}

fn public() -> AdmissionOf {
    AdmissionOf::Public
}

impl NewRoom {
    pub fn check(&self) -> Result<(RoomName, RoomDescription), Problem> {
        let mut fields = Fields::default();
        let name = fields.room_name("name", &self.name);
        let description = fields.room_description("description", &self.description);
        fields.finish(|| Some((name?, description?)))
    }
}

/// What changes of a room; what is left out or null stays.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RoomChange {
    #[schema(min_length = 1, max_length = 60)]
    pub name: Option<String>,
    #[schema(max_length = 500)]
    pub description: Option<String>,
    /// The maker's choice alone.
    pub closes_when_empty: Option<bool>,
    /// Between two messages of a member; 0: as they like.
    #[schema(maximum = 3_600)]
    pub slow_mode_seconds: Option<u32>,
}
