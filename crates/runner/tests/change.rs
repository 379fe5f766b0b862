//! A change of a made-up environment, finished, failed and cut short: what was there comes back, and nothing else goes.

use std::fs;
use std::path::{Path, PathBuf};

use numpact_runner::change::{Change, ChangeError, Order, State, kept, restore};

/// `a 1.0` and `b 1.0`, each a module and a record.
struct Env(tempfile::TempDir);

impl Env {
    fn new() -> Self {
        let env = Self(tempfile::tempdir().expect("a temporary folder"));
        env.put("a", "1.0");
        env.put("b", "1.0");
        env
    }

    fn site(&self) -> PathBuf {
        self.0.path().join("site-packages")
    }

    fn put(&self, name: &str, version: &str) {
        let (module, info) = (self.site().join(name), self.site().join(format!("{name}-{version}.dist-info")));
        fs::create_dir_all(&module).expect("made");
        fs::create_dir_all(&info).expect("made");
        fs::write(module.join("core.py"), version).expect("written");
        let record = format!("{name}/core.py,,\n{name}-{version}.dist-info/RECORD,,\n");
        fs::write(info.join("RECORD"), record).expect("written");
    }

    fn remove(&self, name: &str, version: &str) {
        fs::remove_dir_all(self.site().join(name)).expect("removed");
        fs::remove_dir_all(self.site().join(format!("{name}-{version}.dist-info"))).expect("removed");
    }

    fn order(&self) -> Order {
        Order {
            root: self.0.path().to_path_buf(),
            watched: vec![self.site()],
            files: vec![self.site().join("a/core.py"), self.site().join("a-1.0.dist-info/RECORD")],
            names: vec!["a".to_owned()],
            title: "a 1.0 -> 2.0".to_owned(),
            freeze: vec!["a==1.0".to_owned(), "b==1.0".to_owned()],
            commands: Vec::new(),
        }
    }

    /// Every file with its text.
    fn state(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut open = vec![self.site()];
        while let Some(folder) = open.pop() {
            for path in fs::read_dir(&folder).expect("readable").map(|entry| entry.expect("readable").path()) {
                if path.is_dir() {
                    open.push(path);
                } else {
                    let name = path.strip_prefix(self.site()).expect("inside").display().to_string();
                    found.push((name, fs::read_to_string(&path).expect("text")));
                }
            }
        }
        found.sort();
        found
    }
}

fn begin(env: &Env) -> Change {
    Change::begin(&env.order()).expect("it can be kept")
}

fn restored(root: &Path) {
    restore(root).expect("it can be put back");
}

#[test]
fn what_was_half_done_is_taken_back() {
    let env = Env::new();
    let before = env.state();
    let change = begin(&env);
    env.remove("a", "1.0");
    fs::create_dir(env.site().join("a")).expect("made");
    fs::write(env.site().join("a/core.py"), "half a file of 2.0").expect("written");
    fs::write(env.site().join("a/new.py"), "new in 2.0").expect("written");
    drop(change);
    let again = Change::begin(&env.order()).expect_err("the first must be taken back before");
    assert!(matches!(again, ChangeError::Unfinished { .. }), "{again}");
    restored(env.0.path());
    assert_eq!(env.state(), before);
    assert!(matches!(restore(env.0.path()), Err(ChangeError::NothingKept { .. })));
}

#[test]
fn what_others_installed_since_stays() {
    let env = Env::new();
    let change = begin(&env);
    env.remove("a", "1.0");
    env.put("a", "2.0");
    change.finish().expect("written down");
    assert_eq!(kept(env.0.path()).expect("readable").map(|journal| journal.state), Some(State::Done));
    env.put("c", "1.0");
    fs::write(env.site().join("notes.txt"), "somebody's").expect("written");
    restored(env.0.path());
    let names: Vec<String> = env.state().into_iter().map(|(name, _)| name).collect();
    let expected = ["a-1.0.dist-info/RECORD", "a/core.py", "b-1.0.dist-info/RECORD", "b/core.py"];
    let others = ["c-1.0.dist-info/RECORD", "c/core.py", "notes.txt"];
    assert_eq!(names, [expected.as_slice(), others.as_slice()].concat());
}

#[test]
fn an_undoing_that_was_cut_short_can_be_begun_again() {
    let env = Env::new();
    let before = env.state();
    let change = begin(&env);
    env.remove("a", "1.0");
    env.put("a", "2.0");
    change.finish().expect("written down");
    // As an undoing leaves it that has put back one file of two.
    let kept_files = env.0.path().join(".numpact/undo/files");
    fs::remove_file(env.site().join("a/core.py")).expect("removed");
    fs::hard_link(kept_files.join("1"), env.site().join("a/core.py")).expect("linked");
    restored(env.0.path());
    assert_eq!(env.state(), before);
}

#[test]
fn what_was_kept_and_then_changed_is_not_put_back() {
    let env = Env::new();
    let change = begin(&env);
    fs::write(env.site().join("a/core.py"), "written over, in its second name too").expect("written");
    let error = change.take_back().expect_err("it is not what was there");
    assert!(matches!(error, ChangeError::KeptChanged { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("core.py") && text.contains("freeze.txt"), "{text}");
}

#[test]
fn what_cannot_be_kept_changes_nothing() {
    let env = Env::new();
    let before = env.state();
    fs::write(env.0.path().join(".numpact"), "in the way").expect("written");
    let error = Change::begin(&env.order()).expect_err("there is no place");
    assert!(error.to_string().contains(".numpact"), "{error}");
    assert_eq!(env.state(), before);
}
