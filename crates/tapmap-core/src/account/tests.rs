//! Facts about the account of what was seen.

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn kernel(active_opens: u64, passive_opens: u64, established: u64) -> KernelCount {
    KernelCount { active_opens, passive_opens, established }
}

#[test]
fn the_kernel_is_counted_from_its_second_answer_on() {
    let mut account = Account::default();
    account.note_kernel(kernel(1000, 50, 7), at(0));
    assert_eq!(account.total().unwrap().kernel_opened, None);
    account.note_kernel(kernel(1003, 52, 8), at(1));
    let total = account.total().unwrap();
    assert_eq!((total.kernel_opened, total.kernel_closed), (Some(5), Some(4)));
}

#[test]
fn counters_that_began_anew_count_nothing() {
    let mut account = Account::default();
    account.note_kernel(kernel(1000, 50, 7), at(0));
    account.note_kernel(kernel(3, 0, 2), at(1));
    let total = account.total().unwrap();
    assert_eq!((total.kernel_opened, total.kernel_closed), (Some(0), Some(5)));
}

#[test]
fn each_hour_has_its_own_tally_and_two_days_are_kept() {
    let mut account = Account::default();
    for hour in 0..60 {
        account.note_kernel(kernel(hour * 10, 0, 0), at(i64::try_from(hour).unwrap() * 3600));
    }
    assert_eq!(account.periods().count(), 48);
    assert!(account.periods().all(|period| period.kernel_opened == Some(10)));
    assert_eq!(account.total().unwrap().kernel_opened, Some(480));
}

#[test]
fn lost_observations_are_counted() {
    let mut account = Account::default();
    let gap = |reason, lost| Change::Lost(crate::Gap { from: at(0), until: at(1), reason, lost });
    let items = vec![gap(GapReason::Overrun, Some(7)), gap(GapReason::Asleep, None)];
    account.note(&Changes { seq: 1, at: at(1), items });
    let total = account.total().unwrap();
    assert_eq!((total.overruns, total.lost), (1, 7));
}
