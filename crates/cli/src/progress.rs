//! A progress bar on standard error: only on a terminal, and only for work that takes longer than a blink.

use std::io::IsTerminal as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that is done sooner shows nothing.
const PATIENCE: Duration = Duration::from_millis(300);

/// The progress of a known number of steps, told from several threads.
pub(crate) struct Progress {
    what: &'static str,
    shown: bool,
    began: Instant,
    total: u64,
    done: AtomicU64,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    /// Progress of `total` steps of `what`, shown if `wanted` and if standard error is a terminal.
    pub(crate) fn new(what: &'static str, total: usize, wanted: bool) -> Self {
        Self {
            what,
            shown: wanted && std::io::stderr().is_terminal(),
            began: Instant::now(),
            total: total as u64,
            done: AtomicU64::new(0),
            bar: OnceLock::new(),
        }
    }

    /// One step is done.
    pub(crate) fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if self.shown && self.began.elapsed() > PATIENCE {
            self.bar.get_or_init(|| bar(self.what, self.total)).set_position(done);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

/// Waiting for others, of whom nobody knows how long they take: what is being done stands on a line of its own.
#[derive(Clone)]
pub(crate) struct Waiting {
    bar: Option<ProgressBar>,
}

impl Waiting {
    /// Shown if `wanted` and if standard error is a terminal.
    pub(crate) fn new(wanted: bool) -> Self {
        Self { bar: (wanted && std::io::stderr().is_terminal()).then(spinner) }
    }

    /// Says what is being done now.
    pub(crate) fn tell(&self, what: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(what.to_owned());
        }
    }

    /// Takes the line away.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(Duration::from_millis(150));
    bar
}

fn bar(what: &'static str, total: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{prefix} {bar:30} {pos}/{len}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_prefix(what);
    bar
}
