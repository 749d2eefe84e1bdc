//! Events as they come: which of them were not told yet.

use std::{collections::BTreeSet, sync::Arc};

use tapmap_core::{Day, Event, Facet, Reason, ReasonKind};

use super::EventPage;

/// Remembers what was told, so that everything is told once.
#[derive(Debug, Default)]
pub struct News {
    told: Option<BTreeSet<Told>>,
}

/// One thing that was new, on its day and by its app.
type Told = (Day, Option<Arc<str>>, ReasonKind, Facet, Arc<str>);

impl News {
    /// Of all events those that were not told before, each with only what is new about it since. The first
    /// time there are none: what was there before is no news.
    pub fn of(&mut self, mut page: EventPage) -> EventPage {
        let is_first = self.told.is_none();
        let told = self.told.get_or_insert_default();
        for event in &mut page.events {
            let Event { day, app, reasons, .. } = event;
            let is_new = |reason: &Reason| {
                let value = Arc::clone(&reason.value);
                told.insert((*day, app.clone(), reason.kind, reason.facet, value))
            };
            reasons.retain(is_new);
        }
        page.events.retain(|event| !is_first && !event.reasons.is_empty());
        page.count = page.events.len();
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(sites: &[&str]) -> EventPage {
        let reason = |site: &&str| Reason {
            kind: ReasonKind::Site,
            facet: Facet::Name,
            value: Arc::from(*site),
            returned_after: None,
            flows: 1,
        };
        let reasons = sites.iter().map(reason).collect();
        let events = vec![Event { day: Day(20_000), at: None, app: Some("firefox".into()), reasons }];
        EventPage { events, ..EventPage::default() }
    }

    #[test]
    fn everything_is_told_once_and_what_was_there_before_never() {
        let mut news = News::default();
        let mut told = |sites: &[&str]| -> Vec<String> {
            let page = news.of(page(sites));
            assert_eq!(page.count, page.events.len());
            let reasons = page.events.iter().flat_map(|event| &event.reasons);
            reasons.map(|reason| reason.value.to_string()).collect()
        };
        assert_eq!(told(&["a.org"]), [""; 0]);
        assert_eq!(told(&["a.org", "b.org", "c.org"]), ["b.org", "c.org"]);
        assert_eq!(told(&["a.org", "b.org", "c.org"]), [""; 0]);
        assert_eq!(told(&["c.org", "d.org"]), ["d.org"]);
    }
}
