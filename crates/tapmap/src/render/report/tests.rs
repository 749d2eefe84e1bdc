//! A report of hostile names in every form.

use super::*;
use proptest::prelude::*;
use tapmap_web::wire::{FacetComparison, Habit, Part, PartKind, ReportSection, Sentence};

fn item(label: &str, days: u32, covered_percent: f64) -> ReportItem {
    let used: String = (0..30).map(|back| if back < 30 - days { '0' } else { '1' }).collect();
    ReportItem {
        habit: Habit {
            value: label.into(),
            label: label.to_owned(),
            days,
            strip: used,
            flows: 1,
            flows_today: 1,
            sent_today: 0,
            received_today: 0,
            first_today: None,
            last_seen: None,
            filter: String::new(),
            mark: None,
        },
        recurrence: Recurrence::Recurring,
        share_percent: covered_percent,
        covered_percent,
    }
}

fn report(name: &str) -> Report {
    let bare = |text: &str, kind| Part {
        text: text.to_owned(),
        kind,
        facet: None,
        value: None,
        claim: None,
        filter: None,
    };
    let sentence = Sentence {
        text: format!("1 app used the network: {name}."),
        parts: vec![
            bare("1", PartKind::Number),
            bare(" app used the network: ", PartKind::Words),
            bare(name, PartKind::Value),
            bare(".", PartKind::Words),
        ],
        claims: vec![],
    };
    Report {
        filter: String::new(),
        day: "2026-11-25".to_owned(),
        begins: "2026-11-24T23:00:00.000Z".to_owned(),
        until: "2026-11-25T12:00:00.000Z".to_owned(),
        earlier: None,
        later: None,
        history_days: 30,
        observed_days: 12,
        observed_strip: "000000000000000000111111111111".to_owned(),
        unobserved_ms: 0,
        unobserved: vec![],
        sections: vec![ReportSection { subject: Subject::Apps, sentences: vec![sentence] }],
        apps: vec![item(name, 9, 100.0)],
        providers: vec![item("Alpha", 9, 60.0), item("Beta", 6, 100.0)],
        countries: vec![],
        ports: vec![],
        classes: vec![],
        comparison: None,
    }
}

#[test]
fn the_log_shows_days_and_how_far_they_cover() {
    let text = text(&report("firefox"), true, None);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    assert_eq!(lines[0], "Daily activity report of 2026-11-25");
    assert_eq!(lines[2..4], ["Apps", "1 app used the network: firefox."]);
    let firefox = "firefox  ··················□□□■■■■■■■■■  9/30  recurring";
    assert!(lines.contains(&firefox), "{text}");
    assert!(lines.iter().any(|line| line.starts_with("Alpha") && line.ends_with("60 %, half")), "{text}");
    assert!(
        lines.iter().any(|line| line.starts_with("Beta") && line.ends_with("100 %, four fifths")),
        "{text}"
    );
    assert!(!super::text(&report("firefox"), false, None).contains('■'));
}

#[test]
fn every_form_puts_another_day_beside_it() {
    let item = ComparedValue {
        value: "NO".into(),
        label: "<Norway>".to_owned(),
        flows: 7,
        sent: 0,
        received: 0,
        flows_other: 11,
        sent_other: 0,
        received_other: 0,
        filter: String::new(),
    };
    let facets = vec![FacetComparison { facet: Facet::Country, items: vec![item] }];
    let comparison = Some(Comparison { other: "2026-11-20".to_owned(), facets });
    let report = Report { comparison, ..report("firefox") };
    let forms = [text(&report, false, None), markdown(&report), html(&report)];
    for form in &forms {
        assert!(form.contains("Connections on 2026-11-25 and on 2026-11-20"), "{form}");
    }
    assert!(forms[1].contains("| country | \\<Norway\\> | 7 | 11 |"), "{}", forms[1]);
    assert!(forms[2].contains("<td>&lt;Norway&gt;</td><td class=\"number\">7</td>"), "{}", forms[2]);
}

#[test]
fn lines_are_cut_between_words() {
    assert_eq!(wrapped("one two three", 7), "one two\nthree\n");
    assert_eq!(wrapped("incomprehensible is", 7), "incomprehensible\nis\n");
}

#[test]
fn the_page_stands_by_itself() {
    let page = html(&report("firefox"));
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    for word in ["<script", "http://", "https://", "src=", "href=", "url("] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("<td>firefox</td><td><svg"));
    assert!(page.contains("aria-label=\"on 9 of 30 days\""));
}

/// What is left of a page when our own tags are taken out.
fn without_tags(page: &str) -> String {
    let mut text = String::new();
    let mut within = false;
    for character in page.chars() {
        match character {
            '<' => within = true,
            '>' if within => within = false,
            other if !within => text.push(other),
            _ => {}
        }
    }
    text
}

proptest! {
    #[test]
    fn no_name_breaks_out_of_the_page(name in "\\PC{0,40}|[<>&\"'/a-z=! -]{0,40}") {
        let (page, plain) = (html(&report(&name)), html(&report("x")));
        let tags = |page: &str| page.matches('<').count();
        prop_assert_eq!(tags(&page), tags(&plain));
        prop_assert_eq!(without_tags(&page).contains('<'), false);
    }

    #[test]
    fn no_name_means_anything_in_markdown(name in "[-a-z<>|*_`#\\[\\]()!&;\\\\]{1,40}") {
        let text = markdown(&report(&name));
        let row = text.lines().find(|line| line.ends_with("| 9/30 | recurring |")).unwrap();
        let cell = row.strip_prefix("| ").unwrap().split(" | ·").next().unwrap();
        let mut characters = cell.chars();
        let mut read = String::new();
        while let Some(character) = characters.next() {
            if character == '\\' {
                read.push(characters.next().unwrap());
            } else {
                prop_assert!(!character.is_ascii_punctuation(), "{} in {}", character, cell);
                read.push(character);
            }
        }
        prop_assert_eq!(read, name);
    }
}
