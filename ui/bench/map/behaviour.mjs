// Drives the map in a browser and checks what only a browser can show, in both renderers: which one drew, that both
// find the same, pointer and wheel, movement that ends, a lost graphics context, sizes.
// Usage: node behaviour.mjs [folder for pictures]
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { build, launch, open, output, serve } from './browser.mjs';

const folder = process.argv[2];
build();
const { address, stop } = await serve(output);
const frames = (page) => page.evaluate(() => window.bench.map.stats().frames);
const view = (page) => page.evaluate(() => window.bench.map.view());
const picture = async (page, name) => folder && page.screenshot({ path: join(folder, name) });

/** Waits until no frame has been drawn for a while; fails when that never happens. */
async function settle(page) {
  // A frame of the software driver may take longer than one look, hence several.
  for (let i = 0, last = -1, same = 0; i < 120; i++) {
    const now = await frames(page);
    same = now === last ? same + 1 : 0;
    if (same === 4) return;
    last = now;
    await page.waitForTimeout(250);
  }
  assert.fail('the map never comes to rest');
}

/** What `hit` and `step` find, at 50 points in each projection. */
async function hits(page) {
  const found = [];
  for (const projection of ['flat', 'globe', 'distance']) {
    await page.evaluate((name) => window.bench.map.setProjection(name), projection);
    await settle(page);
    const here = await page.evaluate(() => {
      const { map } = window.bench;
      const points = Array.from({ length: 50 }, (_, i) => map.hit(300 + ((i * 173) % 800), 100 + ((i * 97) % 650)));
      const steps = [map.step(1), map.step(1)];
      map.blur();
      return [...points, ...steps];
    });
    found.push(...here);
  }
  return found;
}

const found = {};
for (const renderer of ['canvas', 'webgl2']) {
  const browser = await launch(renderer);
  const still = await open(browser, address, `panels&renderer=${renderer}`);
  assert.equal(
    await still.evaluate(() => window.bench.map.renderer),
    renderer,
    'the renderer that was asked for draws',
  );
  found[renderer] = await hits(still);
  await still.close();

  const page = await open(browser, address, `panels&motion&renderer=${renderer}`);
  await settle(page);

  // Dragging moves the world with the pointer.
  const start = await view(page);
  await page.mouse.move(700, 450);
  await page.mouse.down();
  await page.mouse.move(760, 450, { steps: 4 });
  await page.mouse.up();
  await settle(page);
  const dragged = await view(page);
  assert.ok(dragged.longitude < start.longitude - 5, 'dragging to the right looks further west');

  // The wheel zooms at the pointer.
  const geo = () => page.evaluate(() => window.bench.map.screenToGeo(700, 450));
  const held = await geo();
  await page.mouse.move(700, 450);
  await page.mouse.wheel(0, -400);
  await settle(page);
  assert.ok((await view(page)).zoom > dragged.zoom + 0.5, 'the wheel zooms in');
  const now = await geo();
  assert.ok(Math.abs(now.longitude - held.longitude) < 0.2 && Math.abs(now.latitude - held.latitude) < 0.2);

  // Hover and click tell the page what is there.
  await page.evaluate(() => window.bench.map.fit());
  await settle(page);
  const target = await page.evaluate(() => {
    const { map } = window.bench;
    window.told = {};
    map.onhover = (hit) => (window.told.hover = hit);
    map.onselect = (hit) => (window.told.click = hit);
    const hit = map.step(1);
    map.blur();
    return hit;
  });
  await page.mouse.move(target.x, target.y);
  await page.mouse.down();
  await page.mouse.up();
  const told = await page.evaluate(() => window.told);
  assert.deepEqual(told.hover.keys, target.keys);
  assert.deepEqual(told.click.keys, target.keys);
  await page.mouse.move(5, 5);
  await settle(page);

  // A newcomer moves, and the movement ends; one that is gone fades, and that ends too.
  await page.evaluate(() => window.bench.addPlace());
  await page.waitForTimeout(450);
  await picture(page, `${renderer}-newcomer.png`);
  await settle(page);
  const arcs = await page.evaluate(() => window.bench.map.stats().drawnArcs);
  await page.evaluate(() => window.bench.removePlace());
  await settle(page);
  assert.equal(await page.evaluate(() => window.bench.map.stats().drawnArcs), arcs - 1);

  // Changing projection moves and ends.
  for (const projection of ['globe', 'distance', 'flat']) {
    await page.evaluate((name) => window.bench.map.setProjection(name), projection);
    await page.waitForTimeout(300);
    await picture(page, `${renderer}-towards-${projection}.png`);
    await settle(page);
    assert.equal((await view(page)).projection, projection);
  }

  // A lost context is replaced by Canvas 2D, with the same picture.
  if (renderer === 'webgl2') {
    const lost = await page.evaluate(async () => {
      const gl = document.querySelector('#map canvas').getContext('webgl2');
      gl.getExtension('WEBGL_lose_context').loseContext();
      await new Promise((done) => setTimeout(done, 500));
      return window.bench.map.renderer;
    });
    assert.equal(lost, 'canvas');
    await settle(page);
    await picture(page, 'after-loss.png');
  }

  // A new size is taken over.
  await page.setViewportSize({ width: 800, height: 600 });
  // The browser tells of the new size when it next lays the page out.
  await page.waitForFunction(() => [...document.querySelectorAll('canvas')].every((canvas) => canvas.width === 800));
  await settle(page);
  const size = await page.evaluate(() => [...document.querySelectorAll('canvas')].map((c) => [c.width, c.height]));
  assert.deepEqual(size, [
    [800, 600],
    [800, 600],
  ]);
  assert.deepEqual(await page.evaluate(() => window.bench.violations), []);
  await page.close();

  const sharp = await open(browser, address, `renderer=${renderer}&theme=light`, { width: 700, height: 450 }, 2);
  await settle(sharp);
  assert.equal(await sharp.evaluate(() => document.querySelector('canvas').width), 1400);
  await picture(sharp, `${renderer}-sharp.png`);

  // Without a wish the software driver is recognised and Canvas 2D taken.
  const auto = await open(browser, address, 'theme=dark');
  assert.equal(await auto.evaluate(() => window.bench.map.renderer), 'canvas');
  await browser.close();
  console.log(`${renderer}: pointer, wheel, movement, sizes and choice of renderer are right`);
}
stop();
const kinds = found.canvas.filter(Boolean).map((hit) => hit.type);
const count = (type) => kinds.filter((kind) => kind === type).length;
assert.ok(count('place') > 5 && count('country') > 5, 'the points hit marks and countries');
assert.deepEqual(found.webgl2, found.canvas, 'both renderers find the same');
console.log(`both find the same ${count('place')} marks and ${count('country')} countries at 150 points`);
