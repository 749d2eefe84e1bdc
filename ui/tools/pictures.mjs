// Takes the README's picture: the demo as it looks in Chromium, once its arcs have been drawn.
// TAPMAP_BIN names the program. The file is docs/picture.png.
import { fileURLToPath } from 'node:url';
import { closeBrowsers, mapDrawn, openContext, openPage, startProgram, until } from '../e2e/harness.mjs';

const program = await startProgram('demo');
const { context } = await openContext(program, { width: 1440, height: 900 });
const page = await openPage({ context }, program, '/?renderer=canvas#map');
await mapDrawn(page);
await until(page, 'the fine outlines are there', () =>
  performance.getEntriesByType('resource').some(({ name, responseEnd }) => name.endsWith('.bin') && responseEnd > 0),
);
// Reduced motion draws arcs at once; two frames and the map is at rest.
await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
await page.screenshot({ path: fileURLToPath(new URL('../../docs/picture.png', import.meta.url)) });
await closeBrowsers();
await program.stop();
