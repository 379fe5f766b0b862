//! A diagnosis for a person: what it is, who, what helps; the rest when asked for.

use std::fmt::Write;

use advice::explain::Diagnosis;
use advice::explain::diagnosis::{Culprit, Facts, Remedy, Sureness};
use advice::explain::message::{self, Message};

use super::Localizer;

/// How much to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Cause, culprit and the two best remedies.
    Short,
    /// Everything.
    Full,
}

/// Words of this page that are no message of a diagnosis.
#[cfg(test)]
pub(super) const WORDS: &[&str] = &[
    "nothing-found",
    "heading-culprits",
    "heading-suspects",
    "heading-remedies",
    "heading-evidence",
    "heading-fault",
    "heading-ruled-out",
    "heading-answers",
    "heading-unknown",
    "heading-facts",
    "heading-facts-beyond",
    "word-line",
    "word-imported-by",
    "word-more",
    "word-separator",
    "effect-harmless",
    "effect-warns",
    "effect-unknown",
    "effect-fails-at-use",
    "effect-fails-at-import",
    "effect-crash",
    "sureness-suspect",
    "sureness-likely",
    "sureness-certain",
    "fact-numpy",
    "fact-needed",
    "fact-python",
    "fact-platform",
    "fact-installer",
];

/// Remedies that the short form shows.
const SHORT_REMEDIES: usize = 2;

/// What remains unknown and has to be known before a command is taken over: the environment and the text do not go
/// together, the name of the package is a guess, or another package needs the opposite.
const BEFORE_COMMANDS: &[&str] = &[
    message::UNKNOWN_DISTRIBUTION,
    message::UNKNOWN_ENVIRONMENT_DIFFERS,
    message::UNKNOWN_ENVIRONMENT_FITS,
    message::UNKNOWN_ENVIRONMENT_LACKS,
    message::UNKNOWN_OTHER_SIDE,
];

/// The diagnosis as a page of text that ends with a line break.
pub fn to_text(diagnosis: &Diagnosis, words: &Localizer, detail: Detail) -> String {
    let mut page = Page { out: String::new(), words };
    let Some(cause) = &diagnosis.cause else {
        page.line(0, &words.word("nothing-found"));
        return page.out;
    };
    page.line(0, &words.say(cause));
    page.line(0, &words.word(&format!("effect-{}", diagnosis.effect.as_str())));
    page.culprits(&diagnosis.culprits);
    page.remedies(&diagnosis.remedies, detail);
    if detail == Detail::Full {
        page.details(diagnosis);
    } else {
        page.short_end(diagnosis);
    }
    page.out
}

struct Page<'a> {
    out: String,
    words: &'a Localizer,
}

impl Page<'_> {
    fn line(&mut self, indent: usize, text: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "{:indent$}{text}", "");
    }

    fn heading(&mut self, id: &str) {
        let heading = self.words.word(id);
        self.out.push('\n');
        self.line(0, &heading);
    }

    fn culprits(&mut self, culprits: &[Culprit]) {
        let Some(first) = culprits.first() else { return };
        let suspects = first.sureness == Sureness::Suspect;
        self.heading(if suspects { "heading-suspects" } else { "heading-culprits" });
        for culprit in culprits {
            let line = self.culprit(culprit);
            self.line(2, &line);
        }
    }

    fn culprit(&self, culprit: &Culprit) -> String {
        let version = culprit.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        let mut notes = vec![self.words.word(&format!("sureness-{}", culprit.sureness.as_str()))];
        notes.extend(culprit.file.iter().map(|file| format!("`{file}`")));
        if culprit.line > 0 && culprit.sureness != Sureness::Suspect {
            notes.push(format!("{} {}", self.words.word("word-line"), culprit.line));
        }
        if !culprit.imported_by.is_empty() {
            notes.push(format!("{} {}", self.words.word("word-imported-by"), culprit.imported_by.join(" > ")));
        }
        format!("{}{version} ({})", culprit.distribution, notes.join(&self.words.word("word-separator")))
    }

    fn remedies(&mut self, remedies: &[Remedy], detail: Detail) {
        if remedies.is_empty() {
            return;
        }
        let most = if detail == Detail::Short { SHORT_REMEDIES } else { remedies.len() };
        self.heading("heading-remedies");
        for (number, remedy) in (1..).zip(remedies.iter().take(most)) {
            let why = self.words.say(&remedy.why);
            self.line(2, &format!("{number}. {why}"));
            for command in &remedy.commands {
                self.line(7, command);
            }
        }
    }

    fn messages(&mut self, heading: &str, messages: &[Message]) {
        if messages.is_empty() {
            return;
        }
        self.heading(heading);
        for message in messages {
            let text = self.words.say(message);
            self.line(2, &text);
        }
    }

    /// The short form says what has to be known before a command is taken over, answers what the text asks, and says
    /// that there is more.
    fn short_end(&mut self, diagnosis: &Diagnosis) {
        let counts = |message: &&Message| BEFORE_COMMANDS.contains(&message.id);
        let unknown: Vec<Message> = diagnosis.unknown.iter().filter(counts).cloned().collect();
        self.messages("heading-unknown", &unknown);
        if diagnosis.asked {
            self.messages("heading-answers", &diagnosis.answers);
        }
        let more = self.words.word("word-more");
        self.out.push('\n');
        self.line(0, &more);
    }

    fn details(&mut self, diagnosis: &Diagnosis) {
        self.heading("heading-evidence");
        for line in &diagnosis.evidence {
            self.line(2, &format!("{:>5}  {}", line.line, line.text));
        }
        self.messages("heading-fault", diagnosis.fault.as_slice());
        self.messages("heading-ruled-out", &diagnosis.ruled_out);
        self.messages("heading-answers", &diagnosis.answers);
        self.messages("heading-unknown", &diagnosis.unknown);
        self.facts(diagnosis);
    }

    fn facts(&mut self, diagnosis: &Diagnosis) {
        let rows = facts(&diagnosis.facts);
        for (heading, beyond) in [("heading-facts", false), ("heading-facts-beyond", true)] {
            let these: Vec<&Fact> = rows.iter().filter(|row| row.beyond == beyond).collect();
            if !these.is_empty() {
                self.heading(heading);
            }
            for row in these {
                let name = self.words.word(row.name);
                self.line(2, &format!("{name}: {}", row.value));
            }
        }
    }
}

/// A row of what is known.
struct Fact {
    name: &'static str,
    value: String,
    /// Whether the environment tells it and not the text.
    beyond: bool,
}

fn facts(facts: &Facts) -> Vec<Fact> {
    let beyond = |name: &str| facts.of_environment.contains(&name);
    let platform = [facts.system.as_deref(), facts.machine.as_deref()];
    let platform = platform.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let rows = [
        ("fact-numpy", facts.numpy.clone().or(facts.numpy_range.clone()), beyond("numpy")),
        ("fact-needed", facts.numpy_needed.clone(), beyond("numpy_needed")),
        ("fact-python", facts.python.clone(), beyond("python")),
        ("fact-platform", (!platform.is_empty()).then_some(platform), beyond("system")),
        ("fact-installer", facts.installer.map(|installer| installer.as_str().to_owned()), beyond("installer")),
    ];
    rows.into_iter().filter_map(|(name, value, beyond)| Some(Fact { name, value: value?, beyond })).collect()
}
