//! Progress and parts of an answer on the caller's terminal.

use crate::output::Terminal;
use crate::sink::{Closed, Item, Progress, Sink};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

/// Draws a bar on standard error while it is a terminal, and prints parts of the answer to standard output.
pub struct Screen {
    terminal: Terminal,
    bar: Option<ProgressBar>,
    shows: bool,
}

impl Screen {
    /// A screen without a bar yet.
    pub fn new(terminal: Terminal) -> Screen {
        Screen { terminal, bar: None, shows: !terminal.json && std::io::stderr().is_terminal() }
    }

    /// Takes the bar away, so that what is printed next stands alone.
    pub fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Sink for Screen {
    fn progress(&mut self, progress: &Progress) {
        if !self.shows {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            let style = ProgressStyle::with_template("{prefix} [{wide_bar}] {percent}% {msg} {eta}");
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        bar.set_length(progress.total);
        bar.set_prefix(progress.step.clone());
        bar.set_message(progress.note.clone());
        bar.set_position(progress.done);
    }

    fn item(&mut self, item: &Item) -> Result<(), Closed> {
        let text = if self.terminal.json { &item.value.to_string() } else { &item.text };
        if self.terminal.print(text) { Ok(()) } else { Err(Closed) }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.clear();
    }
}
