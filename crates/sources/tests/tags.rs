//! Holds the order of wheel tags against the packaging library that pip carries.

use std::process::Command;

use numpact_sources::wheel::{Ranking, Tag, Target, WheelName};

/// Prints tags in order as that library gives them; platforms are passed in, since it finds them only for itself.
const ORACLE: &str = "
import sys
from pip._vendor.packaging import tags
major, minor = int(sys.argv[1]), int(sys.argv[2])
platforms = sys.argv[3:]
abi = f'cp{major}{minor}' + ('m' if (major, minor) < (3, 8) else '')
for tag in tags.cpython_tags((major, minor), [abi], platforms): print(tag)
for tag in tags.compatible_tags((major, minor), f'cp{major}{minor}', platforms): print(tag)
";

fn target(python: (u8, u8), platform: &str) -> Target {
    Target { python, platform: platform.parse().expect("a platform") }
}

#[test]
fn the_order_is_that_of_the_packaging_library() {
    for (python, platform) in
        [((3, 11), "linux-x86_64"), ((3, 7), "macos-x86_64"), ((3, 13), "windows-arm64"), ((3, 9), "musllinux-aarch64")]
    {
        let target = target(python, platform);
        let output = Command::new("python3")
            .args(["-c", ORACLE, &python.0.to_string(), &python.1.to_string()])
            .args(target.platform.tags())
            .output()
            .expect("`python3` with pip is on PATH");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let theirs = String::from_utf8(output.stdout).expect("tags are ASCII");
        let ours: Vec<String> = target.tags().iter().map(ToString::to_string).collect();
        assert_eq!(ours, theirs.lines().collect::<Vec<_>>(), "{target}");
    }
}

#[test]
fn macos_platforms_are_those_of_the_packaging_library() {
    for (platform, version, machine) in [
        ("macosx_14_0_x86_64", (14, 0), "x86_64"),
        ("macosx_12_0_arm64", (12, 0), "arm64"),
        ("macosx_10_15_x86_64", (10, 15), "x86_64"),
    ] {
        let code = format!(
            "from pip._vendor.packaging import tags\nfor t in tags.mac_platforms({version:?}, '{machine}'): print(t)"
        );
        let output = Command::new("python3").args(["-c", &code]).output().expect("`python3` with pip is on PATH");
        let theirs = String::from_utf8(output.stdout).expect("tags are ASCII");
        let ours = target((3, 11), platform).platform.tags();
        assert_eq!(ours, theirs.lines().collect::<Vec<_>>(), "{platform}");
    }
}

fn rank(ranking: &Ranking, name: &str) -> Option<usize> {
    let tags: Vec<Tag> = WheelName::parse(name).expect("a wheel's name").tags;
    ranking.rank(&tags)
}

#[test]
fn the_wanted_wheel_wins() {
    let ranking = target((3, 11), "linux-x86_64").ranking();
    let best = rank(&ranking, "a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl");
    let stable = rank(&ranking, "a-1-cp39-abi3-manylinux_2_28_x86_64.whl");
    let pure = rank(&ranking, "a-1-py3-none-any.whl");
    assert!(best.is_some() && best < stable && stable < pure, "{best:?} {stable:?} {pure:?}");
    for foreign in [
        "a-1-cp311-cp311-macosx_11_0_arm64.whl",
        "a-1-cp312-cp312-manylinux_2_17_x86_64.whl",
        "a-1-cp39-abi3-manylinux_2_34_x86_64.whl",
    ] {
        assert_eq!(rank(&ranking, foreign), None, "{foreign}");
    }
}
