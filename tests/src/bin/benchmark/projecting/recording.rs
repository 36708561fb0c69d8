//! Deeds as a log has them: encoded, sealed, chained and imported.

use std::collections::HashMap;

use commands::Reeltime;
use domain::Event;
use event_log::{About, Import, Keyring, Model, Recorded, StoredCommand, StreamName, chain};
use sealing::Keys;
use sqlx::{ConnectOptions, PgPool};
use uuid::Uuid;

use super::community::{Deed, members};

pub struct Recorder {
    import: Import,
    keys: Keys,
    position: i64,
    hash: [u8; 32],
    /// Of the streams that have more than one event.
    versions: HashMap<StreamName, i64>,
}

impl Recorder {
    /// Into an empty log; makes the members' keys.
    pub async fn start(pool: &PgPool, keyring: &Keyring) -> anyhow::Result<Recorder> {
        for member in members() {
            keyring.make(member.0, &member.key_ids()).await?;
        }
        let ids = members().flat_map(|member| member.key_ids());
        let connection = pool.connect_options().connect().await?;
        Ok(Recorder {
            import: Import::start(connection, Vec::new()).await?,
            keys: keyring.fetch(ids).await?,
            position: 0,
            hash: chain::GENESIS,
            versions: HashMap::new(),
        })
    }

    pub fn position(&self) -> i64 {
        self.position
    }

    pub async fn record(&mut self, deed: &Deed) -> anyhow::Result<()> {
        let command = tests::new_id();
        for event in &deed.events {
            let recorded = self.recorded(event, deed, command)?;
            self.import.event(recorded).await?;
        }
        let stored = StoredCommand {
            id: command,
            actor: deed.actor.0,
            position: self.position,
            events: i32::try_from(deed.events.len())?,
            digest: vec![0; 32],
        };
        self.import.command(stored).await?;
        Ok(())
    }

    /// So that it can be read.
    pub async fn flush(&mut self) -> anyhow::Result<()> {
        Ok(self.import.finish().await?)
    }

    fn recorded(&mut self, event: &Event, deed: &Deed, command: Uuid) -> anyhow::Result<Recorded> {
        let id = tests::new_id();
        let encoded = Reeltime::encode(event, id, &self.keys).map_err(anyhow::Error::msg)?;
        let stream = Reeltime::stream(event);
        let version = match event {
            Event::Room(_) | Event::ReadMarker(_) => {
                let version = self.versions.entry(stream.clone()).or_default();
                *version += 1;
                *version
            }
            _ => 1,
        };
        self.position += 1;
        let about = Reeltime::about(event).map(|about| match about {
            About::Itself => version,
            About::Version(version) => version,
        });
        let mut recorded = Recorded {
            position: self.position,
            stream,
            version,
            about,
            id,
            event_type: encoded.event_type.to_owned(),
            schema_version: encoded.schema_version,
            payload: encoded.payload,
            key_id: encoded.key_id,
            actor: deed.actor.0,
            command,
            correlation: command,
            causation: None,
            occurred_at: deed.at,
            recorded_at: deed.at,
            hash: [0; 32],
        };
        recorded.hash = chain::hash(&self.hash, &recorded);
        self.hash = recorded.hash;
        Ok(recorded)
    }
}
