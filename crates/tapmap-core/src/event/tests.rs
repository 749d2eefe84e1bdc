//! Facts about significant events.

use super::*;

const TODAY: i32 = 20_000;

fn used(value: &str, app: &str, back: i32, second: i64) -> DayUse {
    DayUse {
        day: Day(TODAY - back),
        value: value.into(),
        app: Some(app.into()),
        flows: 1,
        mapped: 1,
        sent: 0,
        received: 0,
        first_seen: Some(Timestamp::from_millis(second * 1000)),
        last_seen: None,
        imported: false,
    }
}

/// A week and a day of one app, so that it is known what is usual.
fn usual() -> Vec<DayUse> {
    (0..8).map(|back| used("firefox", "firefox", back, 0)).collect()
}

fn told(events: &[Event]) -> Vec<String> {
    let reason = |reason: &Reason| {
        let back = reason.returned_after.map(|days| format!(" after {days}")).unwrap_or_default();
        format!("{} {}{back}", reason.facet.word(), reason.value)
    };
    events
        .iter()
        .map(|event| {
            let reasons: Vec<String> = event.reasons.iter().map(reason).collect();
            format!("{} {}: {}", TODAY - event.day.0, event.app.as_deref().unwrap_or("?"), reasons.join(", "))
        })
        .collect()
}

fn of(uses: &[(Facet, Vec<DayUse>)]) -> Vec<String> {
    told(&events(uses, Day(TODAY - 29), Day(TODAY), LEARNING_DAYS))
}

#[test]
fn what_one_flow_brought_is_one_event() {
    let mut apps = usual();
    apps.push(used("installer", "installer", 0, 90));
    let countries = vec![used("JP", "installer", 0, 90), used("JP", "firefox", 0, 95)];
    let ports = vec![used("8443", "firefox", 0, 99)];
    let uses = [(Facet::Port, ports), (Facet::Country, countries), (Facet::App, apps)];
    assert_eq!(
        of(&uses),
        ["0 installer: app installer, country JP", "0 firefox: port 8443"]
            .map(|line| { line.to_owned() })
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
    );
}

#[test]
fn nothing_is_told_while_it_is_learned_what_is_usual() {
    for (days, expected) in [(6, 0), (7, 1)] {
        let mut apps: Vec<DayUse> = (1..=days).map(|back| used("a", "a", back, 0)).collect();
        apps.push(used("b", "b", 0, 0));
        assert_eq!(of(&[(Facet::App, apps)]).len(), expected, "{days} days");
    }
}

#[test]
fn a_month_of_absence_makes_a_return() {
    for (absent, expected) in
        [(29, None), (30, Some("0 b: app b after 30")), (31, Some("0 b: app b after 31"))]
    {
        let mut apps = usual();
        apps.extend([used("b", "b", absent, 0), used("b", "b", 0, 5)]);
        let uses = [(Facet::App, apps)];
        let told = of(&uses);
        let today: Vec<&str> =
            told.iter().map(String::as_str).filter(|line| line.starts_with("0 ")).collect();
        assert_eq!(today.first().copied(), expected, "{absent} days");
    }
}

#[test]
fn the_app_that_was_first_owns_the_event() {
    let uses = [
        (Facet::App, usual()),
        (Facet::Operator, vec![used("Alpha", "b", 0, 20), used("Alpha", "a", 0, 10)]),
    ];
    let events = events(&uses, Day(TODAY), Day(TODAY), LEARNING_DAYS);
    assert_eq!(told(&events), ["0 a: operator Alpha"]);
    assert_eq!(events[0].reasons[0].flows, 2);
}

#[test]
fn only_the_days_that_were_asked_for_are_told() {
    let mut apps: Vec<DayUse> = (0..20).map(|back| used("a", "a", back, 0)).collect();
    apps.extend([used("b", "b", 5, 0), used("c", "c", 2, 0)]);
    let uses = [(Facet::App, apps)];
    assert_eq!(told(&events(&uses, Day(TODAY - 3), Day(TODAY), LEARNING_DAYS)), ["2 c: app c"]);
}
