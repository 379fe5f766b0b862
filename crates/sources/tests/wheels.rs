//! Wheels as they should be, and wheels that mean harm or are broken: nothing panics, nothing is read unchecked, and
//! whatever was not read says why.

mod support;

use std::sync::Arc;

use numpact_sources::wheel::{Budget, Limits, Member, Target, Wheel, WheelError};
use reader::ByteSource;
use support::{Maker, NAME, central_header, noise, replace};

const SO: &str = "demo/_core.cpython-311-x86_64-linux-gnu.so";

fn open(bytes: Vec<u8>) -> Wheel {
    try_open(bytes).expect("a zip archive")
}

fn try_open(bytes: Vec<u8>) -> Result<Wheel, WheelError> {
    let limits = Limits::default();
    Wheel::from_bytes(Arc::new(bytes), NAME, limits, &Budget::new(limits.resident))
}

fn obstacle(wheel: &Wheel, path: &str) -> String {
    let member: &Member = wheel.compiled().iter().find(|m| m.path == path).expect("the member is listed");
    member.obstacle.as_ref().map_or_else(|| "none".to_owned(), |o| o.reason.clone())
}

fn read_all(wheel: &Wheel, path: &str) -> Result<Vec<u8>, String> {
    let member = wheel.member(path).expect("the member is listed");
    let source = wheel.source(member).map_err(|u| u.detail)?;
    let mut all = vec![0; member.size as usize];
    source.read_at(0, &mut all).map_err(|e| e.cause)?;
    Ok(all)
}

#[test]
fn a_wheel_tells_its_metadata_and_its_compiled_members() {
    let wheel = open(Maker::default().build());
    assert_eq!(wheel.problems(), &[] as &[String]);
    let distribution = wheel.distribution();
    assert_eq!((distribution.name.as_str(), distribution.version.as_str()), ("demo", "1.0"));
    assert_eq!(distribution.requires_numpy.len(), 3);
    assert_eq!(distribution.declared_numpy(None).as_deref(), Some(">=1.22"));
    let newer = Target { python: (3, 12), platform: "linux-x86_64".parse().expect("a platform") };
    assert_eq!(distribution.declared_numpy(Some(&newer)).as_deref(), Some(">=1.26"));
    assert_eq!(wheel.compiled().iter().map(|m| m.path.as_str()).collect::<Vec<_>>(), [SO]);
    assert_eq!(wheel.python_modules().count(), 1);
}

#[test]
fn a_member_is_inflated_only_as_far_as_it_is_read() {
    let wheel = open(Maker::default().build());
    let source = wheel.source(&wheel.compiled()[0]).expect("readable");
    let mut start = [0; 16];
    source.read_at(0, &mut start).expect("readable");
    assert!(source.inflated() <= 64 << 10, "{}", source.inflated());
    assert_eq!(source.verified(), None);
    let mut end = [0; 16];
    source.read_at(source.size() - 16, &mut end).expect("readable");
    assert_eq!(source.verified(), Some(true));
    let all = noise(200_000);
    assert_eq!((start.as_slice(), end.as_slice()), (&all[..16], &all[all.len() - 16..]));
    assert!(source.read_at(source.size() - 1, &mut end).is_err());
    assert!(source.read_at(u64::MAX, &mut end).is_err());
}

#[test]
fn what_is_held_in_memory_is_bounded_and_given_back() {
    let budget = Budget::new(100_000);
    let wheel = Wheel::from_bytes(Arc::new(Maker::default().build()), NAME, Limits::default(), &budget).expect("opens");
    let source = wheel.source(&wheel.compiled()[0]).expect("readable");
    let mut all = vec![0; 200_000];
    let error = source.read_at(0, &mut all).expect_err("it does not fit");
    assert_eq!(error.cause, "more than 100000 bytes would be held in memory");
    assert!(budget.held() > 0);
    drop(source);
    assert_eq!(budget.held(), 0);
}

#[test]
fn what_is_read_for_its_checksum_alone_is_not_held_in_memory() {
    let budget = Budget::new(100_000);
    let open = |bytes| Wheel::from_bytes(Arc::new(bytes), NAME, Limits::default(), &budget).expect("opens");
    let finish = |wheel: &Wheel| {
        let source = wheel.source(&wheel.compiled()[0]).expect("readable");
        source.read_at(0, &mut [0; 16]).expect("readable");
        source.finish()
    };
    assert_eq!(finish(&open(Maker::default().build())), None);
    let mut bytes = Maker::default().build();
    let header = central_header(&bytes, SO);
    bytes[header + 16] ^= 0xff;
    assert_eq!(finish(&open(bytes)).as_deref(), Some("its checksum is wrong"));
    assert_eq!(budget.held(), 0);
}

#[test]
fn a_wrong_checksum_is_found_at_the_end() {
    let mut bytes = Maker::default().build();
    let header = central_header(&bytes, SO);
    bytes[header + 16] ^= 0xff;
    assert_eq!(read_all(&open(bytes), SO), Err("its checksum is wrong".to_owned()));
}

#[test]
fn sizes_that_lie_are_found() {
    let mut shorter = Maker::default().build();
    let header = central_header(&shorter, SO);
    shorter[header + 24..header + 28].copy_from_slice(&100_000_u32.to_le_bytes());
    assert_eq!(read_all(&open(shorter), SO), Err("it is longer than the directory says".to_owned()));
    let mut longer = Maker::default().build();
    longer[header + 24..header + 28].copy_from_slice(&300_000_u32.to_le_bytes());
    assert_eq!(read_all(&open(longer), SO), Err("its bytes end too early".to_owned()));
}

#[test]
fn a_bomb_is_not_inflated() {
    let mut maker = Maker::default();
    maker.add("demo/zeros.so", &vec![0; 20 << 20]);
    let wheel = open(maker.build());
    assert_eq!(obstacle(&wheel, "demo/zeros.so"), "suspicious-compression");
    assert!(wheel.source(wheel.member("demo/zeros.so").expect("listed")).is_err());
    let limits = Limits { member: 100_000, ..Limits::default() };
    let wheel =
        Wheel::from_bytes(Arc::new(Maker::default().build()), NAME, limits, &Budget::new(1 << 30)).expect("opens");
    assert_eq!(obstacle(&wheel, SO), "member-too-large");
    let limits = Limits { entries: 3, ..Limits::default() };
    let outcome = Wheel::from_bytes(Arc::new(Maker::default().build()), NAME, limits, &Budget::new(1 << 30));
    assert!(matches!(outcome, Err(WheelError::TooManyEntries { entries: 5, limit: 3 })));
}

#[test]
fn names_that_leave_the_folder_are_refused() {
    for name in ["../evil.so", "/etc/evil.so", "demo/../../evil.so", "C:/evil.so", "demo\\..\\evil.so", "demo//evil.so"]
    {
        let mut maker = Maker::default();
        let placeholder = "x".repeat(name.len());
        maker.add(&placeholder, b"evil");
        let mut bytes = maker.build();
        assert!(replace(&mut bytes, placeholder.as_bytes(), name.as_bytes()) >= 2);
        let wheel = open(bytes);
        assert_eq!(obstacle(&wheel, name), "path-leaves-archive", "{name}");
        assert!(wheel.problems().iter().any(|p| p.contains(name)), "{name}");
    }
}

#[test]
fn two_members_of_one_name_are_refused() {
    let mut maker = Maker::default();
    maker.add("demo/twin_b.so", b"one");
    maker.add("demo/twin_c.so", b"two");
    let mut bytes = maker.build();
    replace(&mut bytes, b"demo/twin_c.so", b"demo/twin_b.so");
    let wheel = open(bytes);
    let twins: Vec<_> = wheel.compiled().iter().filter(|m| m.path == "demo/twin_b.so").collect();
    assert_eq!(twins.len(), 2);
    assert!(twins.iter().all(|m| m.obstacle.as_ref().is_some_and(|o| o.reason == "duplicate-member")));
}

#[test]
fn overlapping_members_are_refused() {
    let mut maker = Maker::default();
    maker.add("demo/other.so", &noise(5_000));
    let mut bytes = maker.build();
    let (one, other) = (central_header(&bytes, SO), central_header(&bytes, "demo/other.so"));
    let offset: [u8; 4] = bytes[one + 42..one + 46].try_into().expect("four bytes");
    bytes[other + 42..other + 46].copy_from_slice(&offset);
    assert_eq!(obstacle(&open(bytes), "demo/other.so"), "overlapping-members");
}

#[test]
fn encrypted_and_foreign_compression_are_named() {
    let mut bytes = Maker::default().build();
    let header = central_header(&bytes, SO);
    bytes[header + 8] |= 1;
    assert_eq!(obstacle(&open(bytes), SO), "encrypted");
    let mut bytes = Maker::default().build();
    bytes[header + 10..header + 12].copy_from_slice(&93_u16.to_le_bytes());
    assert_eq!(obstacle(&open(bytes), SO), "compression-unknown");
}

#[test]
fn stored_members_are_read_in_place_and_said_to_be_unverified() {
    let mut maker = Maker::default();
    maker.store("demo/plain.pyd", &noise(50_000));
    let wheel = open(maker.build());
    let source = wheel.source(wheel.member("demo/plain.pyd").expect("listed")).expect("readable");
    let mut some = [0; 100];
    source.read_at(1_000, &mut some).expect("readable");
    assert_eq!(some.as_slice(), &noise(50_000)[1_000..1_100]);
    assert_eq!((source.verified(), source.inflated()), (None, 0));
}

#[test]
fn every_cut_is_an_error_or_a_readable_wheel_and_never_a_panic() {
    let bytes = Maker::default().build();
    assert!(matches!(try_open(Vec::new()), Err(WheelError::NotAnArchive { .. })));
    for end in (0..bytes.len()).rev().step_by(997).chain(bytes.len().saturating_sub(600)..bytes.len()) {
        if let Ok(wheel) = try_open(bytes[..end].to_vec()) {
            wheel.compiled().iter().for_each(|m| drop(read_all(&wheel, &m.path)));
        }
    }
    let mut headless = bytes.clone();
    headless.drain(..1_000);
    if let Ok(wheel) = try_open(headless) {
        wheel.compiled().iter().for_each(|m| drop(read_all(&wheel, &m.path)));
    }
}

#[test]
fn every_single_wrong_byte_of_the_directory_is_survived() {
    let mut maker = Maker::default();
    maker.members.retain(|(name, ..)| name != SO);
    maker.add("demo/small.so", &noise(2_000));
    let bytes = maker.build();
    let start = central_header(&bytes, "demo/__init__.py");
    for position in start..bytes.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut wrong = bytes.clone();
            wrong[position] ^= flip;
            if let Ok(wheel) = try_open(wrong) {
                wheel.compiled().iter().for_each(|m| drop(wheel.source(m)));
            }
        }
    }
}

#[test]
fn a_record_that_disagrees_is_told() {
    let mut maker = Maker::default();
    let record = "demo/gone.so,sha256=x,10\ndemo/__init__.py,sha256=x,999\n";
    maker.record = false;
    maker.add("demo-1.0.dist-info/RECORD", record.as_bytes());
    let problems = open(maker.build()).problems().join("\n");
    assert!(problems.contains("`demo/gone.so` is in `RECORD`, but not in the archive"), "{problems}");
    assert!(problems.contains("`demo/__init__.py` has another size than `RECORD` says"), "{problems}");
    assert!(problems.contains(&format!("`{SO}` is in the archive, but not in `RECORD`")), "{problems}");
}

#[test]
fn missing_metadata_leaves_the_file_name() {
    let maker = Maker { members: vec![], record: false };
    let wheel = open(maker.build());
    assert_eq!(wheel.distribution().name, "demo");
    assert_eq!(wheel.distribution().tags.len(), 1);
    assert_eq!(wheel.problems(), ["there is no `.dist-info` folder: this is no wheel"]);
}

#[test]
fn files_of_a_data_folder_are_named_where_they_are_installed() {
    let mut maker = Maker::default();
    maker.add("demo-1.0.data/platlib/demo/deep.so", b"x");
    let wheel = open(maker.build());
    assert_eq!(wheel.member("demo-1.0.data/platlib/demo/deep.so").expect("listed").installed, "demo/deep.so");
}

#[test]
fn large_archives_have_longer_fields() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().large_file(true);
    zip.start_file(SO, options).expect("begun");
    std::io::Write::write_all(&mut zip, &noise(100_000)).expect("memory can be written");
    let wheel = open(zip.finish().expect("finished").into_inner());
    assert_eq!(read_all(&wheel, SO).as_deref(), Ok(noise(100_000).as_slice()));
}
