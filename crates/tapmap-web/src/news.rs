//! Tells what is new as it comes: to the pages that are open, and to whoever subscribes.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tapmap_engine::remembered::{self, EventQuery, News};
use tokio::{sync::broadcast, time::MissedTickBehavior};

use crate::{
    App, Problem,
    routes::{history, marks},
    wire::{Event, Events, MarkKind},
};

/// How often it is looked for what is new.
const LOOK: Duration = Duration::from_mins(1);
/// How many tellings a subscriber may lag behind.
const LAG: usize = 16;

/// Who hears what is new, and what was told.
#[derive(Debug)]
pub(crate) struct Announcer {
    news: Arc<Mutex<News>>,
    subscribers: broadcast::Sender<Arc<[Event]>>,
}

impl Default for Announcer {
    fn default() -> Self {
        Self { news: Arc::default(), subscribers: broadcast::channel(LAG).0 }
    }
}

impl App {
    /// What is new as it comes, without what is muted: for deliveries beside the page, such as the notifications
    /// of a desktop.
    pub fn subscribe_news(&self) -> broadcast::Receiver<Arc<[Event]>> {
        self.announcer().subscribers.subscribe()
    }

    /// Looks for what is new and tells it; the first time it only takes note of what is there. [`App::run`]
    /// does this each minute while anybody listens.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub async fn tell_news(&self) -> Result<(), Problem> {
        let (learning_days, site) = (self.learning_days(), self.site());
        let news = Arc::clone(&self.announcer().news);
        let page = history::read_now(self, move |reader, now| {
            let query = EventQuery { learning_days, ..EventQuery::all(site) };
            let page = remembered::events(reader, &query, now)?;
            Ok(news.lock().unwrap_or_else(PoisonError::into_inner).of(page))
        });
        let mut events = Events::of(&page.await?, &marks::held(self).await?.0, self.country_name()).items;
        events.retain(|event| event.mark.as_ref().is_none_or(|mark| mark.kind != MarkKind::Muted));
        if !events.is_empty() {
            self.hub().announce(&events);
            // Nobody listening is no failure.
            drop(self.announcer().subscribers.send(events.into()));
        }
        Ok(())
    }

    /// Tells what is new, for ever.
    pub(crate) async fn keep_telling(&self) {
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let is_heard = self.hub().has_pages() || self.announcer().subscribers.receiver_count() > 0;
            if !is_heard || self.history().is_none() {
                continue;
            }
            if let Err(problem) = self.tell_news().await {
                tracing::warn!(?problem, "what is new cannot be told");
            }
        }
    }
}
