//! Keeping what is in memory out of files.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Turns core dumps off, for this process and what it starts, and lets nobody but the superuser look into its memory:
/// while a data folder is open, keys and clear values are there. Files made from now on are for this account only.
pub fn keys_stay_in_memory() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    // The limit is not asked where core dumps go to a program (core(5)); the second call covers that.
    let limited = setrlimit(Resource::Core, none);
    let hidden = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    if let Err(error) = limited.and(hidden) {
        tracing::warn!(%error, "core dumps could not be turned off");
    }
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_limit_is_nothing_afterwards() {
        keys_stay_in_memory();
        assert_eq!(rustix::process::getrlimit(Resource::Core).current, Some(0));
        let state = rustix::process::dumpable_behavior().unwrap();
        assert_eq!(state, DumpableBehavior::NotDumpable);
    }
}
