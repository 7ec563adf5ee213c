use super::*;
use lab_kit::Experiment;

/// What becomes of an experiment whose claims fail like this.
fn verdict(findings: &[Finding], stall_ms: u64) -> Verdict {
    let experiment = Experiment::new("x", "?");
    let judged = Judged {
        plan: experiment.plan(),
        findings,
        comparison: &Comparison::Other,
        incomplete: None,
        stall_ns: stall_ms * 1_000_000,
        waited_ns: 0,
        over_time: false,
        strict: false,
    };
    judged.verdict()
}

fn early(ms: u64) -> Finding {
    let early_ns = Some(ms * 1_000_000);
    Finding { early_ns, ..Finding::new(false, "", "") }
}

#[test]
fn a_timer_is_early_by_no_more_than_the_machine_stood_still() {
    let why = match verdict(&[early(12)], 13) {
        Verdict::Inconclusive(why) => why,
        other => panic!("{other:?}"),
    };
    assert!(why.contains("less than the 13 ms"), "{why}");
    let fails = |findings: &[Finding]| verdict(findings, 13).name();
    assert_eq!(fails(&[early(14)]), "claim-failed");
    // Another claim that fails has nothing to do with a clock.
    let other = Finding::new(false, "", "");
    assert_eq!(fails(&[early(12), other.clone()]), "claim-failed");
    assert_eq!(fails(&[early(12).and(other)]), "claim-failed");
    assert_eq!(fails(&[early(12).and(early(20))]), "claim-failed");
    let holds = Finding::new(true, "", "");
    assert_eq!(fails(&[holds.and(early(12))]), "inconclusive");
}
