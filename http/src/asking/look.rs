//! What a request that asks for a change looks up. The read models have a few connections, and the
//! log may take its time: no request may hold one while it waits for the other. So what is read
//! borrows the [`Asking`] for itself, and commands can't be given before it is let go; the compiler
//! sees to it.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use projections::Snapshot;

use super::Asking;
use crate::problem::Problem;
use crate::reading::{Reading, Seen, failed};

/// A reading of a request that asks for a change. While there is one, it asks for nothing.
pub struct Look<'a, T> {
    read: T,
    asking: PhantomData<&'a mut Asking>,
}

impl<T> Look<'_, T> {
    fn new(read: T) -> Self {
        let asking = PhantomData;
        Look { read, asking }
    }
}

impl Look<'_, Reading> {
    /// Gives the connection back: what is left says what was read.
    pub async fn let_go(self) -> Result<Seen, Problem> {
        self.read.let_go().await
    }
}

impl<T> Deref for Look<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.read
    }
}

impl<T> DerefMut for Look<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.read
    }
}

impl Asking {
    /// The read models as they are, and who looks: for a page, and for what a command must be told.
    pub async fn look(&mut self) -> Result<Look<'_, Reading>, Problem> {
        let who = (self.caller.clone(), self.visitor.clone());
        let reading = Reading::open(&self.app, self.wanted, who).await?;
        Ok(Look::new(reading))
    }

    /// The read models as they are: for what a command must be told.
    pub async fn read_now(&mut self) -> Result<Look<'_, Snapshot>, Problem> {
        let snapshot = self.app.reader.snapshot(None).await.map_err(failed)?;
        Ok(Look::new(snapshot))
    }

    /// The read models with what was written: for the answer to a write.
    pub async fn read_at(&mut self, position: i64) -> Result<Look<'_, Snapshot>, Problem> {
        let snapshot = self.app.reader.snapshot(Some(position)).await;
        let snapshot = snapshot.map_err(failed)?;
        if snapshot.stale {
            // it is recorded; the same request again gets its answer
            return Err(Problem::busy(1));
        }
        Ok(Look::new(snapshot))
    }
}
