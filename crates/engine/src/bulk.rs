//! Threads for work in bulk: on all cores, but behind everybody who waits for an answer.

use crate::Engine;
use dossier_model::fault::Fault;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// How much nicer these threads are to others than ordinary ones: with both at work on one core, an ordinary one gets
/// about ten times as much of it.
const NICE: i32 = 10;

impl Engine {
    /// Does something on the threads for work in bulk; what is parallel in it runs there too.
    ///
    /// # Errors
    /// `internal` when they cannot be started.
    pub(crate) fn in_bulk<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, Fault> {
        let pool = self.bulk.get_or_init(|| pool().ok());
        pool.as_ref().map(|pool| pool.install(work)).ok_or_else(|| Fault::new("internal"))
    }
}

fn pool() -> Result<ThreadPool, rayon::ThreadPoolBuildError> {
    let start = |_| {
        // On Linux a priority is a thread's own. Without it, all are equal.
        if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE) {
            tracing::debug!(%error, "work in bulk has the priority of everything else");
        }
    };
    ThreadPoolBuilder::new().thread_name(|at| format!("bulk-{at}")).start_handler(start).build()
}
