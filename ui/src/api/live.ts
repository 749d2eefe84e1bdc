// Keeps a model up to date: one snapshot, then the stream of changes. Of several open tabs one
// holds the stream and passes it on, because a browser opens only six connections to one program;
// a hidden tab holds none.
import { applyDelta, fromSnapshot, type Model } from '../state/model';
import { fetchSnapshot, streamUrl, type Wanted } from './client';
import type { Delta } from './types';

/** How the page stands with the program. Times are `Date.now()`. */
export type Connection =
  | { readonly phase: 'loading' }
  | { readonly phase: 'live' }
  | { readonly phase: 'lost'; readonly since: number; readonly lastUpdate: number | null };

/** What the page hears. */
export interface LiveEvents {
  /** The model changed; called at most once per message. */
  changed(model: Model): void;
  connection(connection: Connection): void;
  /** So many events came that were not told before. */
  news(count: number): void;
}

/** What the leading tab tells the others; `want` is what another tab asks of it. */
type Relay =
  | { readonly kind: 'delta'; readonly epoch: string; readonly after: number; readonly text: string }
  | { readonly kind: 'resync' }
  | { readonly kind: 'news'; readonly count: number }
  | { readonly kind: 'want'; readonly wanted: Wanted }
  | { readonly kind: 'up' }
  | { readonly kind: 'down' };

const LOCK = 'tapmap-stream';
const RETRY_MS = [500, 1000, 2000, 4000, 8000];
const NOTHING: Wanted = { counters: false, ended: false };

const either = (a: Wanted, b: Wanted): Wanted => ({
  counters: a.counters || b.counters,
  ended: a.ended || b.ended,
});
/** Whether `a` holds all that `b` wants. */
const holds = (a: Wanted, b: Wanted) => (a.counters || !b.counters) && (a.ended || !b.ended);

/** The page's line to the program. */
export class Live {
  private model: Model | null = null;
  private source: EventSource | null = null;
  private relay: BroadcastChannel | null = null;
  private release: (() => void) | null = null;
  private queue: AbortController | null = null;
  private early: { delta: Delta; after: number }[] = [];
  private loading = false;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lostSince: number | null = null;
  private lastUpdate: number | null = null;
  /** What this tab shows, and what others asked for since the stream began. */
  private wanted = NOTHING;
  private wantedByOthers = NOTHING;

  constructor(private readonly events: LiveEvents) {}

  /** Begins; returns what ends it. */
  start(): () => void {
    const onVisibility = () => (document.hidden ? this.close() : this.open());
    document.addEventListener('visibilitychange', onVisibility);
    addEventListener('pagehide', () => this.close());
    addEventListener('pageshow', (event) => event.persisted && this.open());
    if (!document.hidden) this.open();
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      this.close();
    };
  }

  /** Says what this tab shows of that which is sent only then. */
  show(wanted: Wanted): void {
    const had = this.wanted;
    if (holds(had, wanted) && holds(wanted, had)) return;
    this.wanted = wanted;
    // What moved or ended while nobody was told is in a new snapshot alone.
    if (!holds(had, wanted)) {
      this.tell({ kind: 'want', wanted });
      if (this.model) this.resync();
    } else if (this.source) {
      this.stopListening();
      this.listen();
    }
  }

  private open(): void {
    if (this.relay) return;
    this.relay = new BroadcastChannel(LOCK);
    this.relay.onmessage = (message: MessageEvent<Relay>) => this.hear(message.data);
    void this.load();
    this.lead();
  }

  private close(): void {
    clearTimeout(this.timer);
    this.queue?.abort();
    this.release?.();
    this.release = null;
    this.source?.close();
    this.source = null;
    this.relay?.close();
    this.relay = null;
  }

  /** Waits for its turn to hold the stream, and holds it until this tab is hidden or closed. */
  private lead(): void {
    const turn = new AbortController();
    this.queue = turn;
    const hold = () =>
      new Promise<void>((resolve) => {
        this.release = resolve;
        this.listen();
      });
    // Refused only when the turn is given up, which is what `close` does.
    navigator.locks.request(LOCK, { signal: turn.signal }, hold).catch(() => {});
  }

  private async load(): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    try {
      const asked = this.wanted;
      const model = fromSnapshot(await fetchSnapshot(asked));
      const isShort = !holds(asked, this.wanted);
      const missed = isShort || this.early.some(({ delta, after }) => applyDelta(model, delta, after) === 'gap');
      this.model = model;
      this.early = [];
      this.loading = false;
      if (missed) return await this.load();
      this.updated(model);
      this.listen();
    } catch {
      this.loading = false;
      this.failed(() => void this.load());
    }
  }

  /** Opens the stream where the model stands, when this tab leads and has a model. */
  private listen(): void {
    if (!this.release || !this.model || this.source) return;
    const wanted = either(this.wanted, this.wantedByOthers);
    const source = new EventSource(streamUrl(this.model.epoch, this.model.seq, wanted));
    this.source = source;
    source.addEventListener('hello', (event) => {
      const { epoch } = JSON.parse(event.data as string) as { epoch: string };
      if (epoch === this.model?.epoch) this.heardFrom();
      else this.resync();
      this.tell({ kind: 'up' });
    });
    source.addEventListener('d', (event) => {
      const text = event.data as string;
      const after = this.model?.seq ?? 0;
      this.tell({ kind: 'delta', epoch: this.model?.epoch ?? '', after, text });
      this.take(JSON.parse(text) as Delta, after);
    });
    source.addEventListener('news', (event) => {
      const { items } = JSON.parse(event.data as string) as { items: unknown[] };
      this.tell({ kind: 'news', count: items.length });
      this.events.news(items.length);
    });
    source.addEventListener('resync', () => {
      this.tell({ kind: 'resync' });
      this.resync();
    });
    source.onerror = () => {
      // The browser would come back by itself, but from the place where this stream began.
      this.stopListening();
      this.tell({ kind: 'down' });
      this.failed(() => (this.model ? void this.load() : undefined));
    };
  }

  private stopListening(): void {
    this.source?.close();
    this.source = null;
    this.wantedByOthers = NOTHING;
  }

  private hear(message: Relay): void {
    if (message.kind === 'want') return this.addWanted(message.wanted);
    if (this.source) return;
    if (message.kind === 'delta') {
      if (this.model && message.epoch !== this.model.epoch) this.resync();
      else this.take(JSON.parse(message.text) as Delta, message.after);
    } else if (message.kind === 'news') this.events.news(message.count);
    else if (message.kind === 'resync') this.resync();
    else if (message.kind === 'up') {
      this.heardFrom();
      if (!holds(NOTHING, this.wanted)) this.tell({ kind: 'want', wanted: this.wanted });
    } else this.failed(() => void this.load());
  }

  /** Another tab shows more: the stream of this one, when it leads, must carry that too. */
  private addWanted(wanted: Wanted): void {
    if (!this.source) return;
    const others = either(this.wantedByOthers, wanted);
    const isCarried = holds(either(this.wanted, this.wantedByOthers), wanted);
    if (!isCarried) this.stopListening();
    this.wantedByOthers = others;
    if (!isCarried) this.listen();
  }

  private take(delta: Delta, after: number): void {
    if (this.loading || !this.model) {
      this.early.push({ delta, after });
      return;
    }
    const outcome = applyDelta(this.model, delta, after);
    if (outcome === 'applied') this.updated(this.model);
    else if (outcome === 'gap') this.resync();
  }

  private resync(): void {
    this.stopListening();
    void this.load();
  }

  private updated(model: Model): void {
    this.lastUpdate = Date.now();
    this.heardFrom();
    this.events.changed(model);
  }

  private heardFrom(): void {
    this.failures = 0;
    this.lostSince = null;
    this.events.connection({ phase: 'live' });
  }

  private failed(again: () => void): void {
    this.lostSince ??= Date.now();
    this.events.connection({ phase: 'lost', since: this.lostSince, lastUpdate: this.lastUpdate });
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(again, wait);
  }

  private tell(message: Relay): void {
    this.relay?.postMessage(message);
  }
}
