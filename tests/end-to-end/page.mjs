// Opens the page of the recorder inside the make-believe internet and finds there what expected.csv
// says: every flow in the table, every country on the map and in the facets. Usage: page.mjs URL
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { closeBrowsers, openContext, openPage, until } from '../../ui/e2e/harness.mjs';

const lines = readFileSync(new URL('expected.csv', import.meta.url), 'utf8').trim().split('\n');
const [head, ...rows] = lines.filter((line) => !line.startsWith('#')).map((line) => line.split(','));
const expected = rows.map((row) => Object.fromEntries(row.map((value, column) => [head[column], value])));
const countries = [...new Set(expected.map((flow) => flow.country).filter(Boolean))].sort();

const program = { url: new URL(process.argv[2]).origin };
const session = await openContext(program, { width: 2200, height: 1200 });

const table = await openPage(session, program, '/#table');
await until(table, 'the table has rows', () => document.querySelectorAll('.grid [role=row]').length > 5);
const shown = await table.evaluate(() =>
  [...document.querySelectorAll('.grid [role=row]')]
    .filter((row) => row.querySelector('[role=gridcell]'))
    .map((row) => [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent.trim()))
    // The browser itself is a program too, and asks for names.
    .filter((cells) => !cells[0].includes('Chromium'))
    // With full rights the recorder sees the networks of the whole machine, by their inode numbers.
    .filter((cells) => !cells.some((cell) => /^40265\d{5}$/.test(cell))),
);
const told = JSON.stringify(shown, null, 1);
for (const { app, remote_address } of expected) {
  const found = shown.filter(
    (cells) => cells.some((cell) => cell.includes(app)) && cells.some((cell) => cell.includes(remote_address)),
  );
  assert.equal(found.length, 1, `${app} to ${remote_address} once in the table:\n${told}`);
}
assert.equal(shown.length, expected.length, `no other flow in the table:\n${told}`);

const map = await openPage(session, program, '/#map');
await until(map, 'the map is drawn', () => document.querySelector('.map')?.getAttribute('data-renderer'));
await until(map, 'the facets are filled', () => document.querySelectorAll('.facets .row').length > 3);
const facets = await map.evaluate(() => document.querySelector('.facets').innerText);
for (const code of countries) assert.match(facets, new RegExp(`\\b${code}\\b`), `${code} among the countries`);
await map.focus('.map');
const places = new Set();
for (let step = 0; step < 2 * countries.length + 4; step += 1) {
  await map.keyboard.press(']');
  await until(map, 'the step is told', () =>
    [...document.querySelectorAll('[role=status]')].some((status) => / connections?$/.test(status.textContent.trim())),
  );
  const said = await map.evaluate(() =>
    [...document.querySelectorAll('[role=status]')].map((status) => status.textContent.trim()).join('\n'),
  );
  places.add(said);
}
assert.ok(places.size >= countries.length, `at least one place a country on the map: ${[...places].join(' | ')}`);

await closeBrowsers();
assert.deepEqual(session.breaches, [], 'no request to another host and no breach of the policy');
