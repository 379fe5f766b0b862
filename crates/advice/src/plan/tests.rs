//! Situations and the ways that lead out of them.

use contract::{NumpySet, Version};

use super::{
    Aim, Cause, Change, Direction, NumpyAim, Plan, Proof, Situation, Standing, aims, dominated, no_numpy_left,
};

fn v(text: &str) -> Version {
    text.parse().expect("a version")
}

fn standing(name: &str, broken: bool, allowed: &str, declared: Option<&str>) -> Standing {
    Standing {
        name: name.to_owned(),
        version: v("1.0"),
        requested: true,
        fixed: None,
        broken,
        allowed: Some(NumpySet::from(allowed.to_owned())),
        declared: declared.map(str::to_owned),
    }
}

fn situation(numpy: &str, distributions: Vec<Standing>) -> Situation {
    Situation { numpy: Some(v(numpy)), distributions, ..Situation::default() }
}

/// `numpy 1.26.4 moving a b`, one line a way.
fn told(aims: &[Aim]) -> Vec<String> {
    let one = |aim: &Aim| {
        let numpy = match &aim.numpy {
            NumpyAim::Keep(version) => format!("keep {version}"),
            NumpyAim::Move(releases) => format!("move to {}", releases.last().expect("one at least")),
        };
        let names: Vec<&str> = aim.culprits.iter().map(|culprit| culprit.name.as_str()).collect();
        format!("{numpy}, moving {names:?}")
    };
    aims.iter().map(one).collect()
}

#[test]
fn numpy_alone_comes_first_where_nobody_asked_for_it() {
    let situation = situation("2.2.6", vec![standing("a", true, "<2", None), standing("b", false, "", None)]);
    let ways = aims(&situation, &[v("1.25.2"), v("1.26.4"), v("2.2.6"), v("2.3.5")]);
    let expected = ["move to 1.26.4, moving []", "keep 2.2.6, moving [\"a\"]", "move to 2.3.5, moving [\"a\"]"];
    assert_eq!(told(&ways), expected);
}

#[test]
fn what_was_asked_for_by_name_moves_last() {
    let mut asked = situation("2.2.6", vec![standing("a", true, "<2", None)]);
    asked.numpy_requested = true;
    asked.distributions[0].requested = false;
    let ways = aims(&asked, &[v("1.26.4"), v("2.2.6")]);
    assert_eq!(told(&ways), ["keep 2.2.6, moving [\"a\"]", "move to 1.26.4, moving []"]);
}

#[test]
fn culprits_that_pull_apart_move_together_with_numpy_or_one_of_them() {
    let both = vec![standing("old", true, "<2", None), standing("new", false, ">=2", None)];
    let ways = aims(&situation("2.2.6", both), &[v("1.26.4"), v("2.2.6")]);
    assert_eq!(told(&ways), ["keep 2.2.6, moving [\"old\"]", "move to 1.26.4, moving [\"new\"]"]);
    let directions: Vec<Direction> = ways.iter().map(|way| way.culprits[0].direction).collect();
    assert_eq!(directions, [Direction::Newer, Direction::Older]);
}

#[test]
fn metadata_that_forbids_the_numpy_that_is_there_is_a_cause_of_its_own() {
    let there = vec![standing("a", true, "<2", None), standing("strict", false, "", Some("<2"))];
    let ways = aims(&situation("2.2.6", there), &[v("2.2.6")]);
    assert_eq!(told(&ways), ["keep 2.2.6, moving [\"a\"]", "keep 2.2.6, moving [\"a\", \"strict\"]"]);
    assert_eq!(ways[1].culprits[1].cause, Cause::Metadata("<2".to_owned()));
}

#[test]
fn what_cannot_move_blocks_a_way() {
    let mut there = standing("a", true, "<2", None);
    there.fixed = Some("it is an editable install".to_owned());
    let ways = aims(&situation("2.2.6", vec![there]), &[v("1.26.4"), v("2.2.6")]);
    let blocked: Vec<bool> = ways.iter().map(|way| !way.blocked.is_empty()).collect();
    assert_eq!(blocked, [false, true]);
}

#[test]
fn a_python_without_an_older_numpy_is_a_proof() {
    let there = standing("a", true, ">=1.23,<2", None);
    let why = no_numpy_left(&there, "3.13", &[v("2.1.0"), v("2.2.6")]).expect("nothing is left");
    assert!(why.ends_with("and Python 3.13 has no such NumPy: the oldest with a wheel is 2.1.0"), "{why}");
    assert_eq!(no_numpy_left(&there, "3.12", &[v("1.26.4")]), None);
}

fn plan(changes: &[(&str, &str, &str)], as_before: usize) -> Plan {
    let change = |(name, from, to): &(&str, &str, &str)| Change {
        name: (*name).to_owned(),
        from: Some(v(from)),
        to: v(to),
        requested: false,
        why: String::new(),
    };
    let proof = Proof {
        resolver: "uv".to_owned(),
        resolutions: 1,
        wheels: 1,
        bytes: 0,
        judged: 1,
        as_before: vec![String::new(); as_before],
    };
    Plan { changes: changes.iter().map(change).collect(), keep: Vec::new(), proof: Some(proof) }
}

#[test]
fn plans_are_ordered_by_how_little_they_change() {
    let newer = plan(&[("a", "1.0", "1.1")], 0);
    let older = plan(&[("numpy", "2.2.6", "1.26.4")], 0);
    let two = plan(&[("a", "1.0", "1.1"), ("b", "1.0", "1.1")], 0);
    let contradicting = plan(&[("a", "1.0", "1.1")], 1);
    let unproved = Plan { proof: None, ..plan(&[("a", "1.0", "1.0")], 0) };
    let order = [&newer, &older, &two, &contradicting, &unproved];
    assert!(order.windows(2).all(|pair| pair[0].cost() < pair[1].cost()));
}

#[test]
fn a_way_that_moves_more_than_a_proved_plan_is_not_worth_trying() {
    let there = vec![standing("a", true, "<2", None), standing("b", false, "", None)];
    let ways = aims(&situation("2.2.6", there), &[v("1.26.4"), v("2.2.6"), v("2.3.5")]);
    let proved = [plan(&[("a", "1.0", "1.1")], 0)];
    let worth: Vec<bool> = ways.iter().map(|way| !dominated(way, &proved)).collect();
    assert_eq!(
        worth,
        [true, false, false],
        "the NumPy alone is another way; a newer NumPy with `a` is more of the same"
    );
}
