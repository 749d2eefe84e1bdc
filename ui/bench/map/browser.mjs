// Serves the built bench under the page's content policy and opens Chromium with or without software WebGL.
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { chromium } from 'playwright-core';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "font-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** Where the built bench lies. */
export const output = process.env.BENCH_OUT ?? join(tmpdir(), 'tapmap-map-bench');

/** Builds the bench. */
export function build() {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const vite = fileURLToPath(new URL('../../node_modules/vite/bin/vite.js', import.meta.url));
  execFileSync(process.execPath, [vite, 'build', '-c', `${here}vite.config.ts`, '--logLevel', 'warn'], {
    stdio: 'inherit',
    env: { ...process.env, BENCH_OUT: output },
  });
}

/** Serves a folder on a free port; resolves with its address and a way to stop. */
export async function serve(folder) {
  const cache = new Map();
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, 'http://x').pathname);
    const file = join(folder, path === '/' ? 'index.html' : path);
    try {
      if (!cache.has(file)) cache.set(file, brotliCompressSync(await readFile(file)));
    } catch {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-encoding': 'br',
      'content-security-policy': POLICY,
    });
    response.end(cache.get(file));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}

/** Flags per renderer: no graphics process at all, or WebGL by the software driver. */
const FLAGS = {
  canvas: ['--disable-gpu'],
  webgl2: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
};

/** Starts Chromium for a renderer. */
export function launch(renderer) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--hide-scrollbars', ...FLAGS[renderer]],
  });
}

/** Opens the bench and waits until land and marks are drawn. The policy forbids waitForFunction, so it polls. */
export async function open(browser, address, query, viewport = { width: 1440, height: 900 }, scale = 1) {
  const page = await browser.newPage({ viewport, deviceScaleFactor: scale });
  page.on('pageerror', (error) => console.error('page error:', error.message));
  page.on('console', (message) => message.type() !== 'log' && console.error('console:', message.text()));
  await page.goto(`${address}?${query}`);
  const until = Date.now() + 60_000;
  while (!(await page.evaluate(() => document.body.dataset.ready === 'yes'))) {
    if (Date.now() > until) throw new Error(`the bench did not get ready: ${query}`);
    await page.waitForTimeout(20);
  }
  return page;
}
