//! What is said of some of the connections only lists and counts no others: each filter and each query in it
//! is narrowed by the filter that it was asked with.

use super::{
    absences::Absences,
    insights::{Habit, Insights, Rhythms},
    report::{Report, Sentence},
    values::escaped,
};

/// What leads from an answer to the rows behind it.
enum Link<'a> {
    Filter(&'a mut String),
    Query(&'a mut String),
}

impl Link<'_> {
    fn narrow(self, filter: &str) {
        match self {
            Self::Filter(text) => *text = format!("{text} {filter}"),
            Self::Query(text) => text.push_str(&parameter(filter)),
        }
    }

    fn widen(self, filter: &str) {
        let (text, end) = match self {
            Self::Filter(text) => (text, format!(" {filter}")),
            Self::Query(text) => (text, parameter(filter)),
        };
        text.truncate(text.strip_suffix(&end).map_or(text.len(), str::len));
    }
}

fn parameter(filter: &str) -> String {
    format!("&filter={}", escaped(filter))
}

macro_rules! narrows {
    ($Answer:ty) => {
        impl $Answer {
            /// The same as an answer about what a filter chooses.
            #[must_use]
            pub fn within(mut self, filter: &str) -> Self {
                if !filter.is_empty() {
                    self.each_link(&mut |link| link.narrow(filter));
                    filter.clone_into(&mut self.filter);
                }
                self
            }

            /// Leaves the filter that it was asked with out, also where its links have it.
            pub fn forget_filter(&mut self) {
                let filter = std::mem::take(&mut self.filter);
                if !filter.is_empty() {
                    self.each_link(&mut |link| link.widen(&filter));
                }
            }
        }
    };
}

narrows!(Report);
narrows!(Insights);
narrows!(Rhythms);
narrows!(Absences);

impl Report {
    fn each_link(&mut self, visit: &mut dyn FnMut(Link<'_>)) {
        let sentences = self.sections.iter_mut().flat_map(|section| &mut section.sentences);
        sentences.for_each(|sentence| sentence.each_link(visit));
        let lists = [&mut self.apps, &mut self.providers, &mut self.countries, &mut self.ports];
        lists.into_iter().flatten().for_each(|item| visit(Link::Filter(&mut item.habit.filter)));
        let compared = self.comparison.iter_mut().flat_map(|it| &mut it.facets).flat_map(|it| &mut it.items);
        compared.for_each(|item| visit(Link::Filter(&mut item.filter)));
    }
}

impl Sentence {
    fn each_link(&mut self, visit: &mut dyn FnMut(Link<'_>)) {
        let filters = self.parts.iter_mut().filter_map(|part| part.filter.as_mut());
        filters.for_each(|filter| visit(Link::Filter(filter)));
        self.claims.iter_mut().for_each(|claim| visit(Link::Query(&mut claim.query)));
    }
}

impl Insights {
    fn each_link(&mut self, visit: &mut dyn FnMut(Link<'_>)) {
        let facets = self.facets.iter_mut();
        let habits = facets.flat_map(|facet| facet.new_today.iter_mut().chain(&mut facet.most_frequent));
        habits.for_each(|habit: &mut Habit| visit(Link::Filter(&mut habit.filter)));
        for surprise in &mut self.surprises {
            visit(Link::Filter(&mut surprise.filter));
            visit(Link::Query(&mut surprise.query));
        }
    }
}

impl Absences {
    fn each_link(&mut self, visit: &mut dyn FnMut(Link<'_>)) {
        let apps = self.items.iter_mut().flat_map(|absence| &mut absence.apps);
        apps.for_each(|active| visit(Link::Filter(&mut active.filter)));
    }
}

impl Rhythms {
    fn each_link(&mut self, visit: &mut dyn FnMut(Link<'_>)) {
        self.items.iter_mut().for_each(|rhythm| visit(Link::Filter(&mut rhythm.filter)));
    }
}
