// Measures the map in both renderers and prints it: first marks, script time a frame while panning, frames at rest.
// Fails when a limit is passed, when anything is drawn at rest, or on a violation of the content policy.
import { build, launch, open, output, serve } from './browser.mjs';

build();

/** Limits in milliseconds: navigation to marks by renderer, and script a frame on the flat map. */
const FIRST_MARKS = { canvas: 400, webgl2: 1200 };
const FLAT_FRAME = 3;

const failures = [];
const check = (good, message) => good || failures.push(message);
const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
const at = (list, share) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) * share)];

const { address, stop } = await serve(output);
for (const renderer of ['canvas', 'webgl2']) {
  const browser = await launch(renderer);
  const firsts = [];
  const lands = [];
  for (let i = 0; i < 4; i++) {
    const page = await open(browser, address, `panels&renderer=${renderer}`);
    const [marks, land, kind] = await page.evaluate(() => {
      const { marksMs, landMs, map } = window.bench;
      return [marksMs, landMs, map.renderer];
    });
    check(kind === renderer, `asked for ${renderer}, drawn by ${kind}`);
    if (i > 0) firsts.push(marks); // the first start warms the browser
    if (i > 0) lands.push(land);
    await page.close();
  }
  const first = at(firsts, 0.5);
  console.log(`${renderer}: first marks ${first.toFixed(0)} ms, with land ${at(lands, 0.5).toFixed(0)} ms`);
  check(first <= FIRST_MARKS[renderer], `${renderer}: first marks after ${first.toFixed(0)} ms`);

  for (const projection of ['flat', 'globe', 'distance']) {
    const page = await open(browser, address, `heavy&panels&renderer=${renderer}&projection=${projection}`);
    await page.waitForTimeout(1000);
    const times = await page.evaluate(() => window.bench.pan(60));
    const { drawnArcs, drawnMarkers } = await page.evaluate(() => window.bench.map.stats());
    const text = `mean ${mean(times).toFixed(2)}, median ${at(times, 0.5).toFixed(2)}, p95 ${at(times, 0.95).toFixed(2)}`;
    console.log(`${renderer}, ${projection}, ${drawnMarkers} marks, ${drawnArcs} arcs: script ${text} ms a frame`);
    if (projection === 'flat') {
      // The median: on a busy machine the mean measures the neighbours.
      check(at(times, 0.5) <= FLAT_FRAME, `${renderer}: ${at(times, 0.5).toFixed(2)} ms a frame on the flat map`);
    }
    await page.waitForTimeout(600);
    const before = await page.evaluate(() => window.bench.map.stats().frames);
    await page.waitForTimeout(2000);
    const drawn = (await page.evaluate(() => window.bench.map.stats().frames)) - before;
    check(drawn === 0, `${renderer}, ${projection}: ${drawn} frames at rest`);
    if (projection === 'flat') console.log(`${renderer}: ${drawn} frames in two seconds at rest`);
    const violations = await page.evaluate(() => window.bench.violations);
    check(violations.length === 0, `${renderer}: content policy: ${violations.join(', ')}`);
    await page.close();
  }
  await browser.close();
}
stop();
for (const failure of failures) console.error(`FAILED ${failure}`);
process.exit(failures.length > 0 ? 1 : 0);
