// What the browser tests stand on: the real program, the system's Chromium, and a guard that fails
// a test on any request to another host, any breach of the content policy and any error.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const PROGRAM = process.env.TAPMAP_BIN ?? '../target/release/tapmap';
/** The example of tapmap-history that writes a made-up month. */
const MONTH = process.env.TAPMAP_MONTH ?? join(dirname(PROGRAM), 'examples/month');
const CHROMIUM = process.env.TAPMAP_CHROMIUM ?? '/usr/bin/chromium';
/** How long a state may take to come, in milliseconds, on a slow machine under load. */
const PATIENCE = 30_000;

const FLAGS = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Chromium draws WebGL in software only when it is asked to. */
const RENDERER_FLAGS = {
  canvas: ['--disable-gpu'],
  webgl2: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
};

/** Starts the program and waits until it says where its page is. */
export const startProgram = (...options) => startIn(mkdtempSync(join(tmpdir(), 'tapmap-e2e-')), options);

/** Starts the program with a made-up month of history that ends now, and watches this computer. */
export async function startRemembering() {
  const folder = mkdtempSync(join(tmpdir(), 'tapmap-e2e-'));
  const until = Date.now();
  // Of the last day, what came before now; at most two hours of it.
  const from = Math.max(until - 7_200_000, until - (until % 86_400_000));
  execFileSync(MONTH, [join(folder, 'history.db'), String(from), String(until)]);
  return { day: new Date(until).toISOString().slice(0, 10), ...(await startIn(folder, [])) };
}

async function startIn(folder, options) {
  const uiFolder = process.env.TAPMAP_UI_DIR ? ['--ui-dir', process.env.TAPMAP_UI_DIR] : [];
  const args = [...options, '--no-browser', '--data-dir', folder, ...uiFolder];
  if (!options.includes('--port')) args.push('--port', '0');
  // Days are counted in the zone of the computer; a test knows only this one.
  const env = { ...process.env, TZ: 'UTC' };
  const child = spawn(PROGRAM, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const said = [];
  const found = new Promise((resolve, reject) => {
    const read = (line) => {
      said.push(line);
      const link = /http:\/\/\S+\/open\?key=\S+/.exec(line)?.[0];
      if (link) resolve({ link, url: new URL(link).origin });
    };
    createInterface({ input: child.stdout }).on('line', read);
    createInterface({ input: child.stderr }).on('line', read);
    child.once('error', reject);
    exited.then((code) => reject(new Error(`the program ended with ${code}:\n${said.join('\n')}`)));
  });
  const { link, url } = await found;
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  return { link, url, stop };
}

/**
 * When something was first painted in each of several first visits, milliseconds after navigation, in a browser of its
 * own: what earlier tests left running would be measured too.
 */
export async function firstPaints(url, visits) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...RENDERER_FLAGS.canvas] });
  const paints = [];
  try {
    // The first visit of a browser pays for its start, so it is not counted.
    for (let visit = 0; visit <= visits; visit += 1) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      const page = await context.newPage();
      await page.goto(url);
      const ask = () => performance.getEntriesByName('first-paint')[0]?.startTime;
      const paint = await until(page, 'something was painted', ask);
      if (visit > 0) paints.push(paint);
      await context.close();
    }
  } finally {
    await browser.close();
  }
  return paints.sort((a, b) => a - b);
}

const browsers = new Map();

/** The browser that can draw with a renderer, started once. */
async function browserFor(renderer) {
  if (!browsers.has(renderer)) {
    const args = [...FLAGS, ...RENDERER_FLAGS[renderer]];
    browsers.set(renderer, await chromium.launch({ executablePath: CHROMIUM, args }));
  }
  return browsers.get(renderer);
}

export async function closeBrowsers() {
  for (const browser of browsers.values()) await browser.close();
}

/** A fresh profile whose pages are watched; `breaches` holds what a test must not cause. */
export async function openContext(program, { renderer = 'canvas', theme = 'dark', width = 1440, height = 900 } = {}) {
  const browser = await browserFor(renderer);
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const breaches = [];
  const ignored = [];
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== program.url && protocol !== 'data:' && protocol !== 'blob:') breaches.push(`request to ${origin}`);
  });
  context.on('console', (message) => {
    if (message.type() !== 'error' && !/policy|trusted/i.test(message.text())) return;
    if (!ignored.some((pattern) => pattern.test(message.text()))) breaches.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => breaches.push(`error: ${error.error().stack}`));
  return { context, breaches, ignore: (pattern) => ignored.push(pattern) };
}

/** Asks the page again and again until a function in it says something true. No waiting by eval: the policy forbids it. */
export async function until(page, what, ask, argument) {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const answer = await page.evaluate(ask, argument);
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 20)));
  }
}

/** Opens an address of the page and waits until it shows data. */
export async function openPage(session, program, address) {
  const page = await session.context.newPage();
  await page.goto(program.url + address);
  await until(page, 'the page shows what is open', () => document.querySelector('.counts b, .live') !== null);
  return page;
}

/** Waits until the map is drawn and the facets are filled. */
export async function mapDrawn(page) {
  await until(page, 'the map is drawn', () => document.querySelector('.map')?.getAttribute('data-renderer'));
  await until(page, 'the facets are filled', () => document.querySelectorAll('.facets .row').length > 3);
}
