// The page's state as runes: a thin layer over the plain functions beside it. It holds what the
// program said, what the reader chose, and what follows from both.
import { Live, type Connection } from '../api/live';
import { chooseOwnPlace, fetchStatus, forgetOwnPlace, mayChange, sentenceOf } from '../api/client';
import type { Gap, Listener, NewPreferences, OwnPlace, Preferences, Status } from '../api/types';
import type { RendererKind } from '../map/types';
import { applyFilters, filterListeners, isFiltered, NO_FILTERS, toggled, type Facet } from './filter';
import { isElsewhere, type Flow } from './flow';
import { countryName } from './format';
import type { Model } from './model';
import type { Past } from './past';
import { countryCounts, placesOf } from './places';
import { formatRoute, HOME, parseRoute, type Route, type Selection } from './route';

/** The colour sets. */
export type Theme = 'dark' | 'light';

const THEME_KEY = 'tapmap-theme';
const ASKED_KEY = 'tapmap-asked-place';
/** After this long without news what is shown is greyed, in milliseconds. */
const STALE_AFTER = 10_000;
const STATUS_EVERY = 30_000;
const CLOCK_EVERY = 10_000;
/** A list with more rows than this is filtered and sorted anew at most so often, in milliseconds, so that it scrolls smoothly. */
const LONG_LIST = 2000;
const LONG_LIST_EVERY = 1000;

const systemIsLight = matchMedia('(prefers-color-scheme: light)');

/** The one state of the page. */
class Page {
  route = $state.raw<Route>(HOME);
  status = $state.raw<Status | null>(null);
  connection = $state.raw<Connection>({ phase: 'loading' });
  ownPlace = $state.raw<OwnPlace | null>(null);
  listeners = $state.raw<readonly Listener[]>([]);
  gaps = $state.raw<readonly Gap[]>([]);
  theme = $state<Theme>('dark');
  paused = $state(false);
  /** Whether the map waits for a click that says where this computer is. */
  picking = $state(false);
  askedPlace = $state(sessionStorage.getItem(ASKED_KEY) !== null);
  /** What the reader was refused, in a sentence. */
  refusal = $state<string | null>(null);
  /** Whether single keys work outside the map too; kept by the program. */
  singleKeys = $state(true);
  now = $state(Date.now());
  /** The program's clock at the last change, milliseconds since 1970; 0 before the first snapshot. */
  at = $state(0);
  /** Which renderer drew the map, for the note beside it and for tests. */
  renderer = $state<RendererKind | null>(null);
  /** The sheets of narrow windows. */
  facetsOpen = $state(false);
  keysOpen = $state(false);

  /** How many events came since the reader last looked at them, and how often any did. */
  news = $state({ unseen: 0, tellings: 0 });

  /** The last connection to the internet and when it was seen, while none is open. */
  last = $state.raw<{ flow: Flow; at: number } | null>(null);

  /** The stretch of the past that is shown, once it is there. */
  past = $state.raw<Past | null>(null);

  private received = $state.raw<readonly Flow[]>([]);
  private receivedEnded = $state.raw<readonly Flow[]>([]);
  private model: Model | null = null;
  private live: Live | null = null;
  private scheduled = false;
  private published = -Infinity;
  private known = new Set<string>();
  private born = new Map<string, number>();

  /** What is open, or what was in the stretch of the past that is shown. */
  readonly flows = $derived.by(() => {
    if (this.past) return this.past.flows;
    return this.route.own ? this.received : this.received.filter((flow) => !flow.own);
  });
  /** What ended lately; known only while the table or the coverage is shown. */
  readonly ended = $derived(this.route.own ? this.receivedEnded : this.receivedEnded.filter((flow) => !flow.own));
  readonly endedKept = $derived(this.receivedEnded.length);
  /** What the view lists: what is open, and in the table, when asked for, what ended lately. */
  readonly listed = $derived(
    this.route.ended && this.route.view === 'table' && !this.past ? [...this.flows, ...this.ended] : this.flows,
  );
  readonly filtered = $derived(applyFilters(this.listed, this.route.filters));
  readonly shown = $derived(this.filtered.shown);
  readonly narrowed = $derived(isFiltered(this.route.filters));
  readonly places = $derived.by(() => {
    const places = placesOf(this.flows, new Set(this.shown), countryName, this.born);
    // All of the past has closed; none of it is to look less than the rest.
    return this.past ? places.map((place) => ({ ...place, open: place.count })) : places;
  });
  readonly shownPlaces = $derived(this.places.filter((place) => !place.dim && place.kind !== 'anycast').length);
  readonly countries = $derived(countryCounts(this.shown));
  readonly openPorts = $derived(
    filterListeners(
      this.route.own ? this.listeners : this.listeners.filter((listener) => !listener.own),
      this.route.filters,
    ),
  );
  /** The moment that ages are told from: a recording stands in its own time. */
  readonly moment = $derived(this.status?.mode === 'replay' && this.at > 0 ? this.at : this.now);
  readonly loaded = $derived(this.connection.phase !== 'loading' && this.at > 0);
  readonly stale = $derived(
    this.connection.phase === 'lost' && this.now - (this.connection.lastUpdate ?? this.connection.since) > STALE_AFTER,
  );
  readonly gone = $derived(this.connection.phase === 'lost' && this.now - this.connection.since > STALE_AFTER);

  /** Begins to listen to the program and to the address bar; returns what ends both. */
  start(): () => void {
    this.readAddress();
    this.readTheme();
    addEventListener('popstate', () => this.readAddress());
    addEventListener('hashchange', () => this.readAddress());
    systemIsLight.addEventListener('change', () => this.readTheme());
    const live = (this.live = new Live({
      changed: (model) => this.take(model),
      connection: (connection) => this.setConnection(connection),
      news: (count) => this.hearNews(count),
    }));
    this.tellWhatIsShown();
    const stop = live.start();
    const clock = setInterval(() => this.tick(), 1000);
    const asking = setInterval(() => !document.hidden && void this.readStatus(), STATUS_EVERY);
    void this.readStatus();
    return () => {
      clearInterval(clock);
      clearInterval(asking);
      stop();
    };
  }

  /** Changes what stands in the address. `replace` leaves no step for the back button. */
  go(change: Partial<Route>, replace = false): void {
    this.route = { ...this.route, ...change };
    if (this.route.view === 'events' && this.news.unseen > 0) this.news = { ...this.news, unseen: 0 };
    this.tellWhatIsShown();
    void this.readPast();
    const address = formatRoute(this.route);
    if (address === location.hash) return;
    if (replace) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
  }

  /** Leaves the past. */
  showPresent(): void {
    this.go({ period: null, selection: null });
  }

  select(selection: Selection): void {
    this.go({ selection });
  }

  toggle(facet: Facet, key: string, add = false): void {
    this.go({ filters: toggled(this.route.filters, facet, key, add) });
  }

  search(query: string): void {
    this.go({ filters: { ...this.route.filters, query } }, true);
  }

  clearFilters(): void {
    this.go({ filters: NO_FILTERS });
  }

  /** Shows only what appears from this moment. */
  watchFromNow(): void {
    this.go({ filters: { ...this.route.filters, since: Math.max(this.at, Date.now()) }, selection: null });
  }

  stopWatching(): void {
    this.go({ filters: { ...this.route.filters, since: null } });
  }

  togglePause(): void {
    this.paused = !this.paused;
    if (!this.paused) this.publish();
  }

  toggleTheme(): void {
    const theme = this.theme === 'dark' ? 'light' : 'dark';
    this.setTheme(theme);
    this.keep({ theme });
  }

  setSingleKeys(on: boolean): void {
    this.singleKeys = on;
    this.keep({ single_keys: on });
  }

  /** The browser keeps a copy of the theme, so that the next page is painted in it at once. */
  private setTheme(theme: Theme): void {
    localStorage.setItem(THEME_KEY, theme);
    this.readTheme();
  }

  /** Has the program keep a choice; a page that may change nothing keeps it as long as it is open. */
  private keep(change: Partial<NewPreferences>): void {
    if (this.mayChange) void this.attempt(async () => (await import('../api/preferences')).keepPreferences(change));
  }

  /** Takes what the program kept where that is news: a choice made here since stays. */
  private adopt({ theme, single_keys }: Preferences): void {
    const known = this.status?.preferences;
    if (theme && theme !== known?.theme) this.setTheme(theme);
    if (single_keys !== known?.single_keys) this.singleKeys = single_keys;
  }

  /** Does not ask for this computer's place again in this tab. */
  dismissPlace(): void {
    this.askedPlace = true;
    sessionStorage.setItem(ASKED_KEY, '1');
  }

  get mayChange(): boolean {
    return mayChange();
  }

  async choosePlace(latitude: number, longitude: number): Promise<void> {
    this.picking = false;
    await this.attempt(async () => {
      this.ownPlace = await chooseOwnPlace(latitude, longitude);
    });
  }

  async forgetPlace(): Promise<void> {
    await this.attempt(async () => {
      this.ownPlace = await forgetOwnPlace();
    });
  }

  private async attempt(change: () => Promise<unknown>): Promise<void> {
    try {
      await change();
      this.refusal = null;
    } catch (error) {
      this.refusal = sentenceOf(error);
    }
  }

  /** Moves the clock: each second while the program is lost or it is told how long ago something ended, else now and then. */
  private tick(): void {
    const isDue =
      this.connection.phase === 'lost' || this.listed !== this.flows || Date.now() - this.now >= CLOCK_EVERY;
    if (isDue && !document.hidden) this.now = Date.now();
  }

  async readStatus(): Promise<void> {
    try {
      const status = await fetchStatus();
      this.adopt(status.preferences);
      this.status = status;
    } catch {
      // The stream says that the program is gone; the last account of it stays.
    }
  }

  private readAddress(): void {
    const isNarrow = matchMedia('(max-width: 819px)').matches;
    const route = parseRoute(location.hash);
    this.route = location.hash === '' && isNarrow ? { ...route, view: 'table' } : route;
    if (this.route.view === 'events') this.news = { ...this.news, unseen: 0 };
    this.tellWhatIsShown();
    void this.readPast();
  }

  private hearNews(count: number): void {
    const { unseen, tellings } = this.news;
    this.news = { unseen: this.route.view === 'events' ? 0 : unseen + count, tellings: tellings + 1 };
  }

  /** Fetches the stretch of the past that the address names; without one the present is shown. */
  private async readPast(): Promise<void> {
    const { period } = this.route;
    if (period?.from === this.past?.from && period?.to === this.past?.to) return;
    if (period === null) {
      this.past = null;
      return;
    }
    try {
      const { fetchPast } = await import('../api/past');
      const past = await fetchPast(period);
      if (this.route.period?.from === past.from && this.route.period.to === past.to) this.past = past;
      this.refusal = null;
    } catch (error) {
      this.refusal = sentenceOf(error);
      this.go({ period: null }, true);
    }
  }

  /** Bytes and round-trip times stand in the table and in the details; what ended stands in the table, and is counted in the coverage. */
  private tellWhatIsShown(): void {
    const { view, selection } = this.route;
    const isTable = view === 'table';
    this.live?.show({
      counters: isTable || selection?.kind === 'flow' || selection?.kind === 'places',
      ended: isTable || view === 'coverage',
    });
  }

  private readTheme(): void {
    const chosen = localStorage.getItem(THEME_KEY);
    this.theme = chosen === 'dark' || chosen === 'light' ? chosen : systemIsLight.matches ? 'light' : 'dark';
    document.documentElement.dataset.theme = this.theme;
  }

  private setConnection(connection: Connection): void {
    const returned = this.connection.phase === 'lost' && connection.phase === 'live';
    if (this.connection.phase === connection.phase && connection.phase !== 'lost') return;
    this.connection = connection;
    if (returned) void this.readStatus();
  }

  private take(model: Model): void {
    this.model = model;
    if (this.paused || this.scheduled) return;
    this.scheduled = true;
    const isLong = this.listed.length > LONG_LIST;
    const wait = isLong ? this.published + LONG_LIST_EVERY - performance.now() : 0;
    if (wait > 0) setTimeout(() => this.publishSoon(), wait);
    else this.publishSoon();
  }

  private publishSoon(): void {
    requestAnimationFrame(() => {
      this.scheduled = false;
      if (!this.paused) this.publish();
    });
  }

  private publish(): void {
    const model = this.model;
    if (!model) return;
    this.published = performance.now();
    this.rememberPlaces(model);
    const received = [...model.flows.values()];
    this.rememberLast(received);
    this.received = received;
    // Most often nothing ended, and the table need not be sorted again for that.
    if (model.ended.size > 0 || this.receivedEnded.length > 0) this.receivedEnded = [...model.ended.values()];
    this.listeners = [...model.listeners.values()];
    this.ownPlace = model.ownPlace;
    this.gaps = [...model.gaps];
    this.at = model.at;
  }

  /** Keeps the newest connection to the internet when the last of them has closed. */
  private rememberLast(received: readonly Flow[]): void {
    if (received.some(isElsewhere)) this.last = null;
    else {
      const before = this.received.filter(isElsewhere);
      if (before.length === 0) return;
      this.last = { flow: before.reduce((a, b) => (b.firstSeen > a.firstSeen ? b : a)), at: this.at };
    }
  }

  /** Notes when a place appeared while the page was looking: its arc is drawn on from that moment. */
  private rememberPlaces(model: Model): void {
    const present = new Set<string>();
    for (const { keys } of model.flows.values()) if (keys.place !== null) present.add(keys.place);
    if (this.at > 0) {
      for (const key of present) if (!this.known.has(key)) this.born.set(key, performance.now());
      for (const key of this.born.keys()) if (!present.has(key)) this.born.delete(key);
    }
    this.known = present;
  }
}

export const page = new Page();
