//! `numpact fix --apply` killed without a warning, at places of its way: the environment is the old or the new one, or
//! `--undo` makes it the old one. What pip lists and the hash of every file are the witnesses.

mod support;

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use support::broken::{Broken, ONE_PLAN, broken, stand_in};
use support::{ended, script};

/// Applies the plan and waits for numpact's end, however it comes.
fn apply(broken: &Broken, at_install: &str) {
    let path = stand_in(broken, at_install);
    let _ = ended(broken.numpact(&["fix", "env", "--apply", "--yes"]).env("PATH", path));
}

/// Takes back what can be taken back, once the installer has ended that nobody waits for any more.
fn undo(broken: &Broken) -> (Option<i32>, String) {
    loop {
        let (status, _, err) = ended(&mut broken.numpact(&["fix", "env", "--undo"]));
        if !err.contains("still runs") {
            return (status, err);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn killed_around_the_installer_everything_can_be_put_back() {
    let broken = broken(&ONE_PLAN);
    let (before, files) = (broken.freeze(), broken.files());
    let places = [
        ("before the installer begins", "kill -9 $PPID; exit 1"),
        ("with the old files gone", "rm -rf env/lib/python3.11/site-packages/[Bb]ottleneck*; kill -9 $PPID; exit 1"),
        (
            "with half of the old files gone",
            "rm -f env/lib/python3.11/site-packages/bottleneck/*.so; kill -9 $PPID; exit 1",
        ),
        ("with the installer killed soon", "$REAL \"$@\" & sleep 0.7; kill -9 $! $PPID; wait; exit 1"),
        ("with the installer killed later", "$REAL \"$@\" & sleep 1.4; kill -9 $! $PPID; wait; exit 1"),
        ("with the installer killed late", "$REAL \"$@\" & sleep 2.1; kill -9 $! $PPID; wait; exit 1"),
        ("while the installer goes on", "(sleep 0.5; kill -9 $PPID) & exec $REAL \"$@\""),
        ("after the installer", "$REAL \"$@\"; kill -9 $PPID; exit 0"),
        ("between the installer and the look at it", "$REAL \"$@\"; (sleep 0.3; kill -9 $PPID) & exit 0"),
    ];
    for (place, at_install) in places {
        apply(&broken, at_install);
        let (_, out, told) = ended(&mut broken.numpact(&["fix", "env", "--apply", "--yes"]));
        let new = out.contains("there is nothing to mend");
        assert!(new || (told.contains("was cut short") && told.contains("numpact fix --undo")), "{place}: {told}");
        let (status, err) = undo(&broken);
        assert_eq!(status, Some(0), "{place}: {err}");
        assert_eq!(broken.freeze(), before, "{place}");
        assert_eq!(broken.files(), files, "{place}");
    }
    // After all this the same change goes through, and can be taken back.
    apply(&broken, "exec $REAL \"$@\"");
    assert!(broken.imports());
    kill_while_undoing(&broken);
    let (status, err) = undo(&broken);
    assert!(status == Some(0) || err.contains("nothing to put back"), "{err}");
    assert_eq!((broken.freeze(), broken.files()), (before, files));
}

/// Puts back what was there, and is killed at once.
fn kill_while_undoing(broken: &Broken) {
    let mut child = start(&broken.env());
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
}

fn start(environment: &Path) -> Child {
    std::process::Command::new(env!("CARGO_BIN_EXE_numpact"))
        .args(["fix", "--undo"])
        .arg(environment)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started")
}

/// What was put into the folder for temporary files stayed there: constraints while plans were looked for, and the desk of
/// an import before the change.
#[test]
fn stopped_before_the_change_nothing_is_left_behind() {
    use std::os::unix::process::ExitStatusExt as _;

    let broken = broken(&ONE_PLAN);
    let (before, files) = (broken.freeze(), broken.files());
    let stopped = |place: &str, path: &str, signal: i32| {
        let mut command = broken.numpact(&["fix", "env", "--apply", "--yes"]);
        let output = command.env("PATH", path).env("TMPDIR", broken.temporary()).output().expect("started");
        assert_eq!(output.status.signal(), Some(signal), "{place}: {}", String::from_utf8_lossy(&output.stderr));
        let left: Vec<_> = std::fs::read_dir(broken.temporary()).expect("there").flatten().collect();
        assert!(left.is_empty(), "{place}: {left:?}");
    };
    for (name, signal) in [("INT", 2), ("TERM", 15)] {
        let path = stand_in(&broken, "exit 1");
        let shim = broken.folder.path().join("shim/python3.11");
        let text = std::fs::read_to_string(&shim).expect("written before");
        // It waits for the end of numpact, so that nothing that it says counts.
        let wait =
            format!("*--report*) kill -{name} $PPID; while kill -0 $PPID 2> /dev/null; do sleep 0.05; done;; *)");
        script(&shim, &text.replace("*) exec", &format!("{wait} exec")));
        stopped("while an installer resolves", &path, signal);
    }
    let end = broken.signal_at_import("SIGTERM", &broken.env());
    let path = stand_in(&broken, "exit 1");
    stopped("while an import runs", &path, 15);
    assert!(!end.exists(), "nobody ended the import");
    std::fs::remove_file(broken.env().join("lib/python3.11/site-packages/signal.pth")).expect("removed");
    assert_eq!((broken.freeze(), broken.files()), (before, files));
}

#[test]
fn killed_while_it_looks_for_plans_nothing_has_changed() {
    let broken = broken(&ONE_PLAN);
    let (before, files) = (broken.freeze(), broken.files());
    let path = stand_in(&broken, "exit 1");
    let shim = broken.folder.path().join("shim/python3.11");
    let text =
        std::fs::read_to_string(&shim).expect("written before").replace("*) exec $REAL \"$@\"", "*) kill -9 $PPID");
    script(&shim, &text);
    let _ = ended(broken.numpact(&["fix", "env", "--apply", "--yes"]).env("PATH", path));
    assert_eq!((broken.freeze(), broken.files()), (before, files));
    let (status, err) = undo(&broken);
    assert!(status == Some(2) && err.contains("nothing to put back"), "{err}");
}
