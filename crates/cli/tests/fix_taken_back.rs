//! `numpact fix --apply` interrupted, or on a disk that is full: what was there is put back.

mod support;

use support::broken::{ONE_PLAN, broken, stand_in};
use support::ended;

#[test]
fn what_is_interrupted_is_taken_back() {
    let broken = broken(&ONE_PLAN);
    let (before, files) = (broken.freeze(), broken.files());
    let places = [
        ("the keyboard, soon", "(sleep 0.4; kill -INT 0) & exec $REAL \"$@\""),
        ("numpact alone, and the installer goes on", "kill -INT $PPID; exec $REAL \"$@\""),
        ("a request to end", "kill -TERM $PPID; exec $REAL \"$@\""),
    ];
    for (place, at_install) in places {
        let path = stand_in(&broken, at_install);
        // A group of its own, as a terminal would have it: the keyboard's signal reaches everyone in it.
        let mut command = broken.numpact_through(&["setsid", "--wait"], &["fix", "env", "--apply", "--yes"]);
        let (status, out, err) = ended(command.env("PATH", path));
        assert_eq!(status, Some(1), "{place}: {out}{err}");
        assert!(out.contains("was tried and taken back: it was interrupted"), "{place}: {out}{err}");
        assert_eq!(broken.freeze(), before, "{place}");
        assert_eq!(broken.files(), files, "{place}");
        assert!(!broken.env().join(".numpact").exists(), "{place}: nothing is left to be undone");
    }
}

/// The imports went on until their end, and until then nobody was told anything.
#[test]
fn imports_are_ended_at_once_when_it_is_interrupted() {
    let broken = broken(&ONE_PLAN);
    let changed = broken.folder.path().join("changed");
    for signal in ["SIGINT", "SIGTERM"] {
        let end = broken.signal_at_import(signal, &changed);
        let (before, files) = (broken.freeze(), broken.files());
        let path = stand_in(&broken, &format!("$REAL \"$@\"; touch {}; exit 0", changed.display()));
        let mut command = broken.numpact(&["fix", "env", "--apply", "--yes"]);
        let (status, out, err) = ended(command.env("PATH", path).env("TMPDIR", broken.temporary()));
        assert_eq!(status, Some(1), "{signal}: {out}{err}");
        assert!(err.ends_with("interrupted: what was there is being put back\n"), "{signal}: {err}");
        assert!(out.contains("was tried and taken back: it was interrupted"), "{signal}: {out}{err}");
        assert_eq!((broken.freeze(), broken.files()), (before, files), "{signal}");
        assert!(!end.exists(), "{signal}: nobody ended the import");
        assert!(std::fs::read_dir(broken.temporary()).expect("there").next().is_none(), "{signal}");
        std::fs::remove_file(&changed).expect("removed");
    }
}

/// On a file system of its own, in a namespace of its own, with less and less room: what was there stays or comes back,
/// by the hash of every file.
#[cfg(target_os = "linux")]
#[allow(clippy::print_stderr)] // Says why it is skipped, where it is.
#[test]
fn on_a_full_disk_what_was_there_is_left_or_comes_back() {
    let own = std::process::Command::new("unshare").args(["--map-root-user", "--mount", "true"]).output();
    if !own.as_ref().is_ok_and(|done| done.status.success()) {
        eprintln!("skipped: this machine gives nobody a file system of its own (`unshare`: {own:?})");
        return;
    }
    let broken = broken(&ONE_PLAN);
    let (folder, path) = (broken.folder.path(), stand_in(&broken, "exec $REAL \"$@\""));
    std::fs::create_dir(folder.join("disk")).expect("made");
    let text = "set -eu
        mount -t tmpfs -o size=300m none disk
        cp -a env disk/env
        hashes() { find disk/env -name __pycache__ -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum; }
        before=$(hashes)
        for room in 0 400; do
            rm -f disk/filler
            free=$(df --output=avail disk | tail -1)
            head -c $(( (free - room) * 1024 )) /dev/zero > disk/filler
            status=0
            \"$NUMPACT\" fix disk/env --apply --yes || status=$?
            echo \"room $room: status $status\"
            test \"$(hashes)\" = \"$before\" || echo \"room $room: something else is there\"
            test ! -e disk/env/.numpact/undo || echo \"room $room: something is left to be undone\"
        done
        echo end\n";
    std::fs::write(folder.join("full.sh"), text).expect("written");
    let mut command = broken.set_up(assert_cmd::Command::new("unshare"));
    command.args(["--map-root-user", "--mount", "sh", "full.sh"]).env("PATH", path);
    let (status, out, err) = ended(command.env("NUMPACT", env!("CARGO_BIN_EXE_numpact")));
    assert_eq!(status, Some(0), "{out}{err}");
    assert!(!out.contains("something"), "{out}{err}");
    assert!(out.contains("room 0: status 2") && err.matches("No space left on device").count() == 2, "{out}{err}");
    assert!(out.contains("was tried and taken back: the installer failed"), "{out}{err}");
    assert!(out.ends_with("end\n"), "{out}{err}");
}
