//! Keeping what is in memory out of files.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write;
use std::panic::{Location, PanicHookInfo};

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

/// A panic says where it was and not what was in hand: the library's own words repeat values, for instance the text that
/// was cut in the middle of a character.
pub fn panics_keep_values_to_themselves() {
    std::panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let thread = std::thread::current();
        let (place, text) = (place(info.location()), literal(info.payload()));
        // Also where the log was told to leave this out: a panic is never silent.
        if !tracing::dispatcher::has_been_set() || !tracing::enabled!(tracing::Level::ERROR) {
            let _ = writeln!(std::io::stderr().lock(), "panicked at {place}: {text}");
            return;
        }
        // Names of functions and lines alone, where RUST_BACKTRACE asks for them.
        let trace = Backtrace::capture();
        let trace = (trace.status() == BacktraceStatus::Captured).then(|| trace.to_string());
        tracing::error!(place, thread = thread.name(), trace, "panicked: {text}");
    }));
}

fn place(location: Option<&Location<'_>>) -> String {
    location.map_or_else(|| "-".to_owned(), ToString::to_string)
}

/// A text that stands in the source as it is. One that was put together may hold anything.
fn literal(payload: &(dyn Any + Send)) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or("(a text with values, not shown)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_in_hand_is_not_in_the_text_of_a_panic() {
        let said = |work: fn()| literal(&*std::panic::catch_unwind(work).unwrap_err());
        assert_eq!(said(|| panic!("a literal")), "a literal");
        let works: [fn(); 3] = [
            || assert!(!std::hint::black_box("示例鱻龘").split_at(1).0.is_empty()),
            || panic!("the name is {}", std::hint::black_box("示例鱻龘")),
            || assert_eq!(std::hint::black_box("示例鱻龘"), ""),
        ];
        for work in works {
            assert_eq!(said(work), "(a text with values, not shown)");
        }
    }

    #[test]
    fn the_core_limit_is_nothing_afterwards() {
        keys_stay_in_memory();
        assert_eq!(rustix::process::getrlimit(Resource::Core).current, Some(0));
        let state = rustix::process::dumpable_behavior().unwrap();
        assert_eq!(state, DumpableBehavior::NotDumpable);
    }
}
