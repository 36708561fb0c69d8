//! What streams and parts of streams are made of when they are decided on for the first time:
//! read from the tables, not yet folded.

use std::collections::BTreeMap;

use sealing::Keys;
use sqlx::postgres::PgConnection;

use crate::event::{Recorded, StreamName};
use crate::keyring::Keyring;
use crate::model::Model;
use crate::snapshot::{Snapshot, Snapshots};
use crate::store;

pub(crate) struct Loaded<M: Model> {
    pub streams: Vec<StreamName>,
    /// Of the long ones among them.
    pub snapshots: Vec<Snapshot<M>>,
    /// Behind the snapshots, each beside the name under which it was wanted.
    pub events: Vec<(StreamName, Recorded)>,
    /// Those under which the events are sealed.
    pub keys: Keys,
    /// Who was forgotten up to this position is not in it.
    pub forgotten: i64,
}

impl<M: Model> Loaded<M> {
    pub async fn read(
        connection: &mut PgConnection,
        keyring: &Keyring,
        snapshots: &Snapshots<M>,
        streams: Vec<StreamName>,
    ) -> sqlx::Result<Loaded<M>> {
        let forgotten = keyring.forgotten();
        let snapshots = snapshots
            .read(&mut *connection, &streams, forgotten)
            .await?;
        let mut behind: BTreeMap<&StreamName, i64> = streams.iter().map(|s| (s, 0)).collect();
        behind.extend(snapshots.iter().map(|s| (&s.stream, s.version)));
        let events = store::load(connection, &behind).await?;
        let keys = keyring.fetch(events.iter().filter_map(|(_, event)| event.key_id));
        let keys = keys.await?;
        Ok(Loaded {
            streams,
            snapshots,
            events,
            keys,
            forgotten,
        })
    }

    /// Without these streams and parts.
    pub fn leave_out(&mut self, names: &[StreamName]) {
        self.streams.retain(|name| !names.contains(name));
        self.snapshots
            .retain(|state| !names.contains(&state.stream));
        self.events.retain(|(name, _)| !names.contains(name));
    }
}
