//! The report as Markdown (`CommonMark` with GitHub's tables). What comes from outside is escaped.

use super::{
    super::insights::strip, class, compared_rows, compared_title, gap, heading, lists, marks, only,
    unobserved,
};
use crate::render::harmless;
use std::fmt::Write as _;
use tapmap_web::wire::{PartKind, Report, Sentence};

/// The report as Markdown.
pub(crate) fn markdown(report: &Report) -> String {
    let mut text = format!("# Daily activity report of {}\n", report.day);
    if !report.filter.is_empty() {
        let _written = write!(text, "\n{}\n", escaped(&only(&report.filter)));
    }
    for section in &report.sections {
        let sentences: Vec<String> = section.sentences.iter().map(sentence).collect();
        let _written = write!(text, "\n## {}\n\n{}\n", heading(section.subject), sentences.join(" "));
    }
    if !report.unobserved.is_empty() {
        let _written = write!(text, "\n{}\n\n", unobserved(report));
        for line in report.unobserved.iter().map(gap) {
            let _written = writeln!(text, "- {line}");
        }
    }
    for list in lists(report).into_iter().filter(|list| !list.items.is_empty()) {
        let covers = if list.covers { " Together |" } else { "" };
        let rule = if list.covers { "---|" } else { "" };
        let _written = write!(
            text,
            "\n### {}\n\n| {} | Last 30 days | Days | Class |{covers}\n|---|---|--:|---|{rule}\n",
            list.title,
            list.one.to_lowercase()
        );
        for (item, mark) in list.items.iter().zip(marks(&list)) {
            let habit = &item.habit;
            let together = if list.covers { format!(" {mark} |") } else { String::new() };
            let _written = writeln!(
                text,
                "| {} | {} | {}/30 | {} |{together}",
                escaped(&habit.label),
                strip(&habit.strip, &report.observed_strip),
                habit.days,
                class(item.recurrence)
            );
        }
    }
    if let Some(comparison) = &report.comparison {
        let head = "| what | value | day | other |\n|---|---|--:|--:|";
        let _written = write!(text, "\n### {}\n\n{head}\n", compared_title(report, comparison));
        for [kind, value, flows, other] in compared_rows(comparison) {
            let _written = writeln!(text, "| {kind} | {} | {flows} | {other} |", escaped(&value));
        }
    }
    text
}

/// A sentence with its values set apart.
fn sentence(sentence: &Sentence) -> String {
    let part = |part: &tapmap_web::wire::Part| match part.kind {
        PartKind::Value => format!("**{}**", escaped(&part.text)),
        PartKind::Words | PartKind::Number => part.text.clone(),
    };
    sentence.parts.iter().map(part).collect()
}

/// A text in which nothing means anything to Markdown: a backslash before each mark of ASCII (`CommonMark`
/// 0.31 §2.4), which also keeps HTML out.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for character in harmless(text).chars() {
        if character.is_ascii_punctuation() {
            safe.push('\\');
        }
        safe.push(character);
    }
    safe
}
