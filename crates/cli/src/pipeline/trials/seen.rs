//! What an experiment came to, in the words in which it is held against a reading.

use std::path::Path;

use advice::explain::{Context, explain};
use contract::experiment::{About, Seen};
use runner::probe::{Outcome, Probed, Stage};

/// What was seen of the import and of the use. Where the import is where it ended, the second says nothing.
pub(super) fn steps(probed: &Probed, overlay: Option<&Path>) -> (Seen, Seen) {
    if let Some(other) = other_numpy(probed, overlay) {
        return (Seen::Unanswered(other.clone()), Seen::Unanswered(other));
    }
    let last = seen(probed);
    match probed.stage {
        Stage::Import => (last.clone(), last),
        Stage::Use => (Seen::Works, last),
    }
}

/// An experiment with another NumPy than the one that was put in front answers no question.
fn other_numpy(probed: &Probed, overlay: Option<&Path>) -> Option<String> {
    let file = probed.numpy.as_ref()?.file.as_ref()?;
    let other = !file.starts_with(overlay?);
    other.then(|| format!("another NumPy than the one put in front was imported: `{}`", file.display()))
}

fn seen(probed: &Probed) -> Seen {
    let fails = |what: String| Seen::Fails { about: about(probed), what };
    match &probed.outcome {
        Outcome::Succeeded => Seen::Works,
        Outcome::Raised { kind, message, .. } => fails(one_line(kind, message)),
        Outcome::Died { signal } => fails(format!("killed by signal {signal}{}", name(*signal))),
        Outcome::Exited { status } => fails(format!("ended by itself, with status {status}")),
        Outcome::TimedOut => Seen::Unanswered("it took longer than the limit; `--timeout` raises it".to_owned()),
        Outcome::Flooded => Seen::Unanswered("it wrote without end, and was stopped".to_owned()),
    }
}

/// The class and the first line that says something.
fn one_line(kind: &str, message: &str) -> String {
    match message.lines().map(str::trim).find(|line| !line.is_empty()) {
        Some(line) => format!("{kind}: {line}"),
        None => kind.to_owned(),
    }
}

fn name(signal: i32) -> &'static str {
    match signal {
        4 => " (SIGILL)",
        6 => " (SIGABRT)",
        8 => " (SIGFPE)",
        9 => " (SIGKILL)",
        11 => " (SIGSEGV)",
        15 => " (SIGTERM)",
        _ => "",
    }
}

/// What the failure is about, by its text. Standard error counts where the exception itself says nothing: NumPy prints the
/// reason and raises something short.
fn about(probed: &Probed) -> About {
    let is_abi = |text: &str| explain(text, &Context::default()).is_a_failed_check();
    let stderr = probed.stderr.join("\n");
    match &probed.outcome {
        Outcome::Raised { kind, message, traceback } => {
            let silent = matches!(kind.as_str(), "ImportError" | "SystemError" | "RuntimeError");
            match format!("{}\n{kind}: {message}", traceback.join("\n")) {
                text if is_abi(&text) || (silent && is_abi(&stderr)) => About::NumpyAbi,
                _ if message.to_ascii_lowercase().contains("numpy") => About::Numpy,
                _ => About::Other,
            }
        }
        _ if is_abi(&stderr) => About::NumpyAbi,
        _ => About::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use contract::experiment::{About, Seen};
    use runner::probe::{Outcome, Probed, SeenNumpy, Stage};

    use super::steps;

    fn raised(kind: &str, message: &str, stderr: &str) -> Probed {
        let (kind, message) = (kind.to_owned(), message.to_owned());
        Probed {
            outcome: Outcome::Raised { kind, message, traceback: Vec::new() },
            stage: Stage::Import,
            numpy: None,
            stderr: stderr.lines().map(str::to_owned).collect(),
            trace: Vec::new(),
            elapsed: Duration::ZERO,
        }
    }

    fn about(probed: &Probed) -> About {
        match steps(probed, None).0 {
            Seen::Fails { about, .. } => about,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_failure_is_known_by_its_text() {
        let size = "numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject";
        let printed = "RuntimeError: module compiled against API version 0x10 but this version of numpy is 0xf";
        assert_eq!(about(&raised("ValueError", size, "")), About::NumpyAbi);
        assert_eq!(about(&raised("ImportError", "cannot load it", printed)), About::NumpyAbi);
        assert_eq!(about(&raised("ModuleNotFoundError", "No module named 'six'", printed)), About::Other);
        assert_eq!(
            about(&raised("AttributeError", "`np.float_` was removed in the NumPy 2.0 release", "")),
            About::Numpy
        );
        // numba 0.56.4 under NumPy 1.26: called a bug of numpact, whose reading speaks of NumPy's checks alone.
        let silent = "initialization of _internal failed without raising an exception";
        assert_eq!(about(&raised("SystemError", silent, "")), About::Other);
        let died = Probed { outcome: Outcome::Died { signal: 11 }, ..raised("", "", "") };
        assert_eq!(about(&died), About::Nothing);
    }

    #[test]
    fn another_numpy_than_the_one_given_is_no_answer() {
        let file = Some(PathBuf::from("/env/numpy/__init__.py"));
        let seen = Some(SeenNumpy { version: Some("1.26.4".to_owned()), file });
        let probed = Probed { outcome: Outcome::Succeeded, numpy: seen, ..raised("", "", "") };
        assert!(matches!(steps(&probed, Some(Path::new("/overlay"))).0, Seen::Unanswered(_)));
        assert_eq!(steps(&probed, Some(Path::new("/env"))).0, Seen::Works);
        assert_eq!(steps(&probed, None).0, Seen::Works);
    }
}
