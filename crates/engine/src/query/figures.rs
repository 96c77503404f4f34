//! Figures over all dossiers of a view, kept in memory until the policy changes: never those of another view.

use super::quality::Quality;
use crate::TENANT;
use crate::context::{Context, Stop};
use dossier_access::View;
use dossier_model::fault::Fault;
use dossier_model::time::Micros;
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;
use std::time::Duration;

/// Most views that figures are kept of; the oldest go first.
const MOST: usize = 64;
/// How long somebody waits for figures that are being worked out.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which figures: all that a percentage depends on beside the records themselves.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub view: View,
    /// The policy's: with another one nothing of before counts.
    pub epoch: u64,
}

/// What was worked out.
pub(crate) struct Kept {
    /// When it was begun.
    pub at: Micros,
    /// Where the change log was then.
    pub position: u64,
    pub quality: Quality,
}

impl Kept {
    /// Whether it can be answered: nothing has changed since, or it is young enough.
    pub(crate) fn serves(&self, cx: &Context<'_>) -> bool {
        let kept = cx.engine.settings.quality_keep_seconds.saturating_mul(1_000_000);
        let young = cx.now.0 - self.at.0 < kept;
        let size = cx.engine.store.read().and_then(|read| read.state(TENANT)).map(|state| state.change_size);
        young || size.is_ok_and(|size| size == self.position)
    }
}

#[derive(Default)]
pub(crate) struct Figures {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Default)]
struct State {
    kept: Vec<(Key, Arc<Kept>)>,
    /// Whose are being worked out, and how many have been.
    running: Option<Key>,
    count: u64,
}

impl Figures {
    pub(crate) fn kept(&self, key: &Key) -> Option<Arc<Kept>> {
        let state = self.state.lock();
        state.kept.iter().find(|(of, _)| of == key).map(|(_, kept)| Arc::clone(kept))
    }

    /// Works them out, or waits for whoever is at it.
    pub(crate) fn worked_out(
        &self,
        key: Key,
        work: impl FnOnce() -> Result<Kept, Stop>,
    ) -> Result<Arc<Kept>, Stop> {
        let mut state = self.state.lock();
        let asked = state.count;
        while let Some(running) = &state.running {
            if *running != key || self.ended.wait_for(&mut state, PATIENCE).timed_out() {
                return Err(Fault::new("quality_running").into());
            }
            let found = state.kept.iter().find(|(of, _)| *of == key).filter(|_| state.count > asked);
            if let Some((_, kept)) = found {
                return Ok(Arc::clone(kept));
            }
        }
        state.running = Some(key.clone());
        drop(state);
        let running = Running(self);
        let kept = Arc::new(work()?);
        let mut state = self.state.lock();
        state.kept.retain(|(of, _)| of.epoch == key.epoch && *of != key);
        if state.kept.len() >= MOST {
            state.kept.remove(0);
        }
        state.kept.push((key, Arc::clone(&kept)));
        state.count += 1;
        drop(state);
        drop(running);
        Ok(kept)
    }
}

/// Lets the others go on, whatever came of it.
struct Running<'a>(&'a Figures);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.state.lock().running = None;
        self.0.ended.notify_all();
    }
}
