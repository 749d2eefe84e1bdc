// Takes pictures of the map in all projections, themes and both renderers. Usage: node shots.mjs FOLDER [filter]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch, open, output, serve } from './browser.mjs';

const [folder = '/tmp/map-shots', filter = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const { address, stop } = await serve(output);

/** Name and query, and what is done before the picture. */
const SHOTS = ['canvas', 'webgl2'].flatMap((renderer) =>
  ['dark', 'light'].flatMap((theme) => [
    ...['flat', 'globe', 'distance'].map((projection) => ({ renderer, theme, name: projection, projection })),
    { renderer, theme, name: 'europe', projection: 'flat', fly: [{ longitude: 10, latitude: 50 }, 2.6] },
    {
      renderer,
      theme,
      name: 'near',
      projection: 'flat',
      fly: [{ longitude: 7, latitude: 51 }, 4],
      select: 'Frankfurt',
    },
    { renderer, theme, name: 'pacific', projection: 'flat', fly: [{ longitude: 178, latitude: 0 }, 0.4] },
    { renderer, theme, name: 'homeless', projection: 'flat', extra: '&homeless' },
    { renderer, theme, name: 'step', projection: 'flat', steps: 2 },
  ]),
);

for (const renderer of ['canvas', 'webgl2']) {
  const list = SHOTS.filter((s) => s.renderer === renderer && `${renderer}-${s.theme}-${s.name}`.includes(filter));
  if (list.length === 0) continue;
  const browser = await launch(renderer);
  for (const shot of list) {
    const query = `panels&renderer=${renderer}&theme=${shot.theme}&projection=${shot.projection}${shot.extra ?? ''}`;
    const page = await open(browser, address, query);
    await page.evaluate(async ({ fly, select, steps }) => {
      const { map } = window.bench;
      if (fly) map.flyTo(...fly);
      if (select) map.select(select);
      for (let i = 0; i < (steps ?? 0); i++) map.step(1);
      const until = performance.now() + 8000;
      while (fly?.[1] > 1 && !map.stats().fine && performance.now() < until)
        await new Promise((done) => setTimeout(done, 50));
      await new Promise((done) => setTimeout(done, 900));
    }, shot);
    const kind = await page.evaluate(() => window.bench.map.renderer);
    const name = `${renderer}-${shot.theme}-${shot.name}.png`;
    await page.screenshot({ path: join(folder, name) });
    console.log(name, kind, JSON.stringify(await page.evaluate(() => window.bench.violations)));
    await page.close();
  }
  await browser.close();
}
stop();
