// What stands out today, asked once a minute while the page is seen: for the view and for the panel.
import { onMount, untrack } from 'svelte';
import { fetchInsights, type Insights } from '../api/days';
import { Asked } from './asked.svelte';
import { windowStart } from './days';
import { marks } from './marks.svelte';
import { page } from './page.svelte';

/** How often it is asked again, in milliseconds. */
const EVERY = 60_000;

/** Today's insights and what is shown of them. To be made while a component is. */
export class TodaysInsights {
  private readonly asked = new Asked<Insights>();
  readonly value = $derived(this.asked.value);
  readonly error = $derived(this.asked.error);
  readonly from = $derived(this.value ? windowStart(this.value.begins) : 0);
  readonly fresh = $derived(this.value?.facets.filter(({ new_today }) => new_today.length > 0) ?? []);
  readonly frequent = $derived(this.value?.facets.filter(({ most_frequent }) => most_frequent.length > 0) ?? []);

  constructor() {
    // What is shown carries marks.
    $effect(() => {
      void [marks.changes, page.news.tellings];
      untrack(this.ask);
    });
    onMount(() => {
      const timer = setInterval(() => !document.hidden && this.ask(), EVERY);
      return () => clearInterval(timer);
    });
  }

  /** Asks now. */
  ask = (): void => void this.asked.ask(fetchInsights);
}
