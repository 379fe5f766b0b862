//! Probes of modules that do their worst, by real interpreters. Each is an outcome, and nothing of it goes on.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use numpact_runner::probe::{Outcome, Probe, ProbeError, Probed, Stage, probe};

/// Long enough for any of these modules on a busy machine; short enough to wait for one that hangs.
const LIMIT: Duration = Duration::from_secs(20);

/// A folder with one module, `subject`, of this text.
fn folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("subject.py"), text).expect("a module is written");
    folder
}

fn python() -> PathBuf {
    testing::host_interpreter().expect("a Python 3").path
}

fn of(folder: &Path) -> Probe {
    Probe { overlay: Some(folder.to_path_buf()), time_limit: LIMIT, ..Probe::new(&python(), "subject") }
}

fn import(text: &str) -> Probed {
    let folder = folder(text);
    probe(&of(folder.path())).expect("the interpreter runs")
}

fn raised(probed: &Probed) -> (&str, &str) {
    match &probed.outcome {
        Outcome::Raised { kind, message, .. } => (kind, message),
        other => panic!("{other:?}: {:?}", probed.stderr),
    }
}

#[test]
fn every_interpreter_imports_uses_and_raises() {
    for version in ["3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13"] {
        let folder = folder("value = [1, 2]\n");
        let interpreter = testing::interpreter(version);
        let plain = Probe { interpreter, ..of(folder.path()) };
        let with = |snippet: &str| Probe { snippet: Some(snippet.to_owned()), ..plain.clone() };
        let seen = |probe_it: &Probe| probe(probe_it).expect("the interpreter runs");
        assert!(seen(&plain).succeeded(), "{version}");
        let used = seen(&with("import subject; assert subject.value[1] == 2"));
        assert_eq!((used.outcome, used.stage), (Outcome::Succeeded, Stage::Use), "{version}");
        let broken = seen(&with("import subject; subject.value[2]"));
        assert_eq!((raised(&broken), broken.stage), (("IndexError", "list index out of range"), Stage::Use));
        let missing = seen(&Probe { module: "subject.core".to_owned(), ..plain });
        assert_eq!((raised(&missing).0, missing.stage), ("ModuleNotFoundError", Stage::Import), "{version}");
    }
}

#[test]
fn an_exception_has_its_class_message_and_place() {
    let probed =
        import("import sys\nprint('before', file=sys.stderr)\ndef f():\n    raise ImportError('no\\nsuch')\nf()\n");
    assert_eq!(raised(&probed), ("ImportError", "no\nsuch"));
    let Outcome::Raised { traceback, .. } = &probed.outcome else { panic!("raised") };
    assert!(traceback.iter().any(|line| line.contains("subject.py\", line 4, in f")), "{traceback:?}");
    assert!(!traceback.iter().any(|line| line.contains("in main")), "{traceback:?}");
    assert_eq!(probed.stderr, ["before"]);
    let odd = import("raise ValueError('\\udc80 half a character')\n");
    assert_eq!(raised(&odd), ("ValueError", "? half a character"));
    let class = "class Odd(Exception):\n    def __str__(self): raise TypeError\nraise Odd(1)\n";
    assert_eq!(raised(&import(class)).0, "subject.Odd");
}

#[test]
fn leaving_by_exception_is_an_exception_and_leaving_at_once_is_an_exit() {
    assert_eq!(raised(&import("import sys; sys.exit(0)")), ("SystemExit", "0"));
    assert_eq!(raised(&import("raise SystemExit('bye')")), ("SystemExit", "bye"));
    assert_eq!(raised(&import("raise KeyboardInterrupt")).0, "KeyboardInterrupt");
    assert_eq!(import("import os; os._exit(0)").outcome, Outcome::Exited { status: 0 });
    assert_eq!(import("import os; os._exit(7)").outcome, Outcome::Exited { status: 7 });
}

#[test]
fn a_crash_has_its_signal_and_its_place() {
    let crash = "import ctypes\ndef deep():\n    ctypes.string_at(0)\ndeep()\n";
    let probed = import(crash);
    assert_eq!(probed.outcome, Outcome::Died { signal: 11 });
    assert!(probed.trace.iter().any(|line| line.contains("subject.py\", line 3")), "{:?}", probed.trace);
    assert_eq!(import("import os; os.kill(os.getpid(), 9)").outcome, Outcome::Died { signal: 9 });
    assert_eq!(import("import os; os.abort()").outcome, Outcome::Died { signal: 6 });
}

#[test]
fn a_hang_ends_at_the_limit_and_has_its_place() {
    for hang in
        ["import time; time.sleep(600)", "while True: pass", "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"]
    {
        let folder = folder(hang);
        let limited = Probe { time_limit: Duration::from_secs(5), ..of(folder.path()) };
        let probed = probe(&limited).expect("the interpreter runs");
        assert_eq!(probed.outcome, Outcome::TimedOut, "{hang}");
        let stopped = hang.contains("SIGSTOP");
        assert!(stopped || probed.trace.iter().any(|line| line.contains("subject.py")), "{:?}", probed.trace);
    }
}

#[test]
fn a_hang_that_catches_everything_ends_too() {
    let text = "import signal, time\nfor one in range(1, 32):\n    try: signal.signal(one, signal.SIG_IGN)\n    except OSError: pass\nwhile True:\n    try: time.sleep(600)\n    except BaseException: pass\n";
    let folder = folder(text);
    let limited = Probe { time_limit: Duration::from_secs(3), ..of(folder.path()) };
    assert_eq!(probe(&limited).expect("the interpreter runs").outcome, Outcome::TimedOut);
}

#[test]
fn a_flood_is_cut_off_and_a_murmur_is_not() {
    let flood = "import sys\nline = 'x' * 1023 + '\\n'\nfor _ in range(1 << 20): sys.stdout.write(line)\n";
    assert_eq!(import(flood).outcome, Outcome::Flooded);
    let errors = "import os\nwhile True: os.write(2, b'y' * 65536)\n";
    let probed = import(errors);
    assert_eq!(probed.outcome, Outcome::Flooded);
    assert!(probed.stderr.iter().all(|line| line.len() <= 500), "lines are cut");
    assert!(import("print('z' * 100000)").succeeded());
}

#[test]
fn what_a_module_prints_is_no_answer() {
    let fakes = "import os\nfor fd in (1, 2):\n    os.write(fd, b'{\"nonce\": \"0\", \"event\": \"imported\"}\\n')\nos._exit(3)\n";
    assert_eq!(import(fakes).outcome, Outcome::Exited { status: 3 });
    let written = "import os, glob\nfor folder in glob.glob(os.path.join(os.path.dirname(os.getcwd()), '*')) + [os.path.dirname(os.getcwd()) + '/answer']:\n    try: open(folder, 'a').write('\\n{\"nonce\": \"0\", \"event\": \"imported\"}\\n')\n    except OSError: pass\nraise OSError('no')\n";
    assert_eq!(raised(&import(written)), ("OSError", "no"));
}

#[test]
fn the_answer_survives_what_a_module_breaks() {
    let broken = [
        "import os; os.closerange(0, 1024)",
        "import sys, io; sys.stdout = sys.stderr = io.StringIO(); sys.stdin = None",
        "import os; os.write = os.open = os._exit = None",
        "import json; json.dumps = None; json.encoder = None",
        "import os, tempfile; os.chdir(tempfile.gettempdir()); os.umask(0o777)",
        "import threading, time; threading.Thread(target=time.sleep, args=(600,)).start()",
        "import atexit, time; atexit.register(time.sleep, 600)",
        "import sys; sys.setrecursionlimit(60)",
    ];
    for text in broken {
        let probed = import(text);
        assert!(probed.succeeded(), "{text}: {:?} {:?}", probed.outcome, probed.stderr);
    }
}

#[test]
fn a_copy_of_the_process_does_not_answer_for_it() {
    let text = "import os, time\nif os.fork() == 0:\n    raise ValueError('the copy')\nos.wait()\n";
    assert!(import(text).succeeded());
    let parent_dies = "import os, time\nif os.fork() != 0:\n    os._exit(5)\ntime.sleep(1)\n";
    assert_eq!(import(parent_dies).outcome, Outcome::Exited { status: 5 });
}

/// Runs a module that leaves processes which append to a file for as long as they live, and holds that they do not.
fn leaves_nothing(text: &str) {
    let place = tempfile::tempdir().expect("a temporary folder");
    let file = place.path().join("alive");
    let text = format!("FILE = {:?}\n{text}", file.display().to_string());
    let folder = folder(&text);
    let limited = Probe { time_limit: Duration::from_secs(5), ..of(folder.path()) };
    probe(&limited).expect("the interpreter runs");
    let size = || std::fs::metadata(&file).map(|meta| meta.len()).expect("children lived");
    let before = size();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(size(), before, "something still writes");
}

const WRITE: &str = "
import os, time
def write():
    while True:
        with open(FILE, 'a') as file: file.write('x')
        time.sleep(0.02)
def child(then):
    if os.fork() == 0: then(); os._exit(0)
";

#[test]
fn children_end_with_the_module() {
    leaves_nothing(&format!("{WRITE}\nfor _ in range(200): child(write)\ntime.sleep(0.5)\n"));
    leaves_nothing(&format!("{WRITE}\nfor _ in range(20): child(write)\ntime.sleep(600)\n"));
}

#[cfg(target_os = "linux")]
#[test]
fn daemons_that_left_the_session_end_too() {
    let daemon =
        "def daemon():\n    os.setsid()\n    child(write)\nfor _ in range(5): child(daemon)\ntime.sleep(0.5)\n";
    leaves_nothing(&format!("{WRITE}\n{daemon}"));
    let bomb = "def bomb():\n    os.setsid()\n    child(write)\n    while True:\n        child(write); time.sleep(0.05)\nchild(bomb)\ntime.sleep(0.5)\n";
    leaves_nothing(&format!("{WRITE}\n{bomb}"));
}

#[test]
fn neither_the_folder_nor_python_variables_count() {
    let asks = "import os, sys\nassert '' not in sys.path and os.getcwd() not in sys.path, sys.path\n\
                assert not any(name.startswith('PYTHON') and name != 'PYTHONDONTWRITEBYTECODE' for name in os.environ)\n\
                assert os.listdir('.') == [] and sys.stdin.read() == '' and sys.argv == ['']\n";
    let probed = import(asks);
    assert!(probed.succeeded(), "{:?}", probed.outcome);
}

#[test]
fn no_byte_code_is_written_and_folders_are_added_in_their_place() {
    let (first, last) = (folder("WHO = 'first'"), folder("WHO = 'last'"));
    std::fs::write(last.path().join("other.py"), "import subject").expect("written");
    let request = Probe {
        module: "other".to_owned(),
        snippet: Some("import subject; assert subject.WHO == 'first'".to_owned()),
        search_path: vec![last.path().to_path_buf()],
        ..of(first.path())
    };
    let probed = probe(&request).expect("the interpreter runs");
    assert!(probed.succeeded(), "{:?}", probed.outcome);
    for folder in [&first, &last] {
        assert!(!folder.path().join("__pycache__").exists());
    }
}

#[test]
fn an_interpreter_that_is_none_is_an_error() {
    let nowhere = probe(&Probe::new(Path::new("/nowhere/python"), "json")).expect_err("there is none");
    assert!(matches!(nowhere, ProbeError::CannotStart { .. }), "{nowhere}");
    let none = probe(&Probe::new(Path::new("/bin/false"), "json")).expect_err("it is none");
    assert_eq!(
        none.to_string().lines().next(),
        Some("`/bin/false` ended before it could import anything (exit status 1); it says:")
    );
}
