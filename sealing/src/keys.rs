//! Some keys, fetched before they are needed: decoding and planning wait for nothing.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::key::Key;

/// What the vault says of a key.
#[derive(Clone, Debug)]
pub enum Held {
    Key(Arc<Key>),
    /// For ever: what is sealed under it is forgotten.
    Destroyed,
    /// It is there and can't be used; why not.
    Unusable(Arc<str>),
}

/// Keys by their ids. One that is not among them is missing.
#[derive(Clone, Debug, Default)]
pub struct Keys(HashMap<Uuid, Held>);

impl Keys {
    pub fn get(&self, id: Uuid) -> Option<&Held> {
        self.0.get(&id)
    }

    pub fn insert(&mut self, id: Uuid, held: Held) {
        self.0.insert(id, held);
    }

    /// How an event is opened that was stored with this key's id.
    pub fn opening(&self, event: Uuid, key_id: Option<Uuid>) -> Opening {
        let Some(id) = key_id else {
            return Opening::Unsealed;
        };
        match self.get(id) {
            Some(held) => Opening::Under {
                event,
                id,
                held: held.clone(),
            },
            None => Opening::Missing(id),
        }
    }
}

impl FromIterator<(Uuid, Held)> for Keys {
    fn from_iter<T: IntoIterator<Item = (Uuid, Held)>>(keys: T) -> Self {
        Self(keys.into_iter().collect())
    }
}

/// How a stored event's sealed fields are opened.
#[derive(Clone, Debug)]
pub enum Opening {
    /// It has none.
    Unsealed,
    Under {
        event: Uuid,
        id: Uuid,
        held: Held,
    },
    /// The vault has no such key, and did not destroy it either.
    Missing(Uuid),
    /// They are not wanted, and arrive as forgotten: for checks of the form alone.
    Closed,
}
