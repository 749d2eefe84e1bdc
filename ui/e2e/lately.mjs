// What the table, the details and the coverage tell of names, ends, guesses and what is not seen.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { openContext, openPage, startProgram, until } from './harness.mjs';
import { checkAccessible, hash, numberOf, test } from './suite.mjs';

/** Names, ends, a guess and a container, written by hand. */
const LATELY = fileURLToPath(new URL('lately.toml', import.meta.url));

/** A test against the hand-written hours rather than the demo. */
function testLately(name, run) {
  test(name, {}, async () => {
    const program = await startProgram('--replay', LATELY);
    const session = await openContext(program);
    try {
      await run(session, program);
      assert.deepEqual(session.breaches, []);
    } finally {
      await session.context.close();
      await program.stop();
    }
  });
}

/** The texts of a table's rows by their column, as they are on screen. */
const rowsOf = (page) =>
  page.evaluate(() => {
    const heads = [...document.querySelectorAll('.grid [role=columnheader]')].map((head) => head.textContent.trim());
    return [...document.querySelectorAll('.grid .row')].map((row) =>
      Object.fromEntries([...row.children].map((cell, index) => [heads[index], cell.textContent.trim()])),
    );
  });

const rowCount = (page, count) =>
  until(
    page,
    `the table has ${count} rows`,
    (count) => document.querySelector('.grid')?.getAttribute('aria-rowcount') === `${count + 1}`,
    count,
  );

testLately('what ended is listed when it is asked for', async (session, program) => {
  const page = await openPage(session, program, '/#table');
  await until(page, 'the ends are counted', () => document.querySelector('.toggle b')?.textContent === '3');
  await rowCount(page, 9);
  await page.click('.toggle');
  await rowCount(page, 12);
  assert.match(await hash(page), /ended=1/);
  await page.reload();
  await rowCount(page, 12);

  const ended = (await rowsOf(page)).filter((row) => row.Ended !== '');
  assert.ok(ended.every((row) => /^ended \d+ s ago$/.test(row.Ended)));
  const of = (app) => ended.find((row) => row.App.includes(app));
  assert.equal(of('git').State, 'closed, waiting for stray packets');
  assert.equal(of('git').Duration, '1 s');
  assert.equal(of('possibly Chromium').State, 'opened and closed between two looks');
  assert.equal(of('possibly Chromium').Sent, '300 B');

  const facet = page.locator('[aria-label="Apps"] .row', { hasText: 'Chromium' });
  assert.equal(numberOf(await facet.locator('.number').textContent()), 2, 'a guess counts for no app');
  await facet.click();
  await rowCount(page, 2);
  await facet.click();
  await page.fill('.search input', 'name:shop');
  await rowCount(page, 3);
  await page.fill('.search input', '');

  await page.click('.grid [role=columnheader]:text("Ended")');
  await until(page, 'what ended last comes first', () =>
    document.querySelector('.grid .row .cell.ended')?.textContent.includes('ended'),
  );
  await checkAccessible(page, 'what ended');
});

testLately('names, guesses and what is not seen are told', async (session, program) => {
  const page = await openPage(session, program, '/#table?ended=1');
  await rowCount(page, 12);
  const details = async (row, what) => {
    await page.click(`.grid .row:has-text("${row}")`);
    return until(
      page,
      `the details tell of ${what}`,
      (what) => {
        const panel = document.querySelector('.side')?.textContent;
        return panel?.includes(what) && panel;
      },
      what,
    );
  };
  assert.match(await details('www.example.org', 'TLS handshake'), /Certain/);
  assert.match(await details('64 kB', 'shop.example.com → shop.edge.example.net'), /a DNS answer to this app/);
  assert.match(await details('or 1 other', 'one of: b.example.net, a.example.net'), /remembered/);
  assert.match(await details('asking, no answer', 'neither accepted nor refused'), /named by the kernel/);
  await details('possibly Chromium', 'A guess');
  assert.equal(await page.locator('.side dd.guess').count(), 1);
  await checkAccessible(page, 'a guess');
  await details('172.17.0.2', 'container shop');
  assert.ok(!(await details('psql', 'Other end')).includes('Name'), 'no name within this computer');
  await details('chronyd', 'not visible in this mode');
  await page.click('.side dd.unseen .link >> nth=0');
  await until(page, 'what can be seen is told', () => document.querySelector('.coverage h1'));
  await until(page, 'with the account', () =>
    document.querySelector('.coverage')?.textContent.includes('ended: 2 with'),
  );
});

test('thousands of ended connections stay a handful of rows in the page', {}, async (session, program) => {
  const page = await session.context.newPage();
  await page.route('**/api/v1/snapshot?*', async (route) => {
    const response = await route.fetch();
    const snapshot = await response.json();
    const now = Date.parse(snapshot.at);
    const column = (name) => snapshot.flows[name][0];
    const row = Object.keys(snapshot.flows).length;
    const names = ['id', 'owner', 'peer', 'remote', 'service', 'protocol', 'direction', 'state', 'local_address'];
    const cells = [
      ...names,
      'local_port',
      'remote_port',
      'bytes_sent',
      'bytes_received',
      'rtt_ms',
      'first_seen',
      'own',
    ];
    assert.ok(cells.length <= row);
    snapshot.ended = Array.from({ length: 5000 }, (_, index) => [
      now - index,
      10,
      cells.map((cell) => (cell === 'id' ? `9${index}` : column(cell))),
    ]);
    await route.fulfill({ response, json: snapshot });
  });
  await page.goto(`${program.url}/#table?ended=1`);
  await until(page, 'all are counted', () => Number(document.querySelector('.grid')?.ariaRowCount) > 5000);
  assert.ok((await page.locator('.grid .row').count()) < 80);
  await page.focus('.grid');
  const start = performance.now();
  await page.keyboard.press('Control+End');
  await until(page, 'the last row is there', () => {
    const count = document.querySelector('.grid').ariaRowCount;
    return document.querySelector(`.grid .row[aria-rowindex="${count}"]`);
  });
  console.log(`      to the end of 5,000 rows in ${Math.round(performance.now() - start)} ms`);
  assert.ok((await page.locator('.grid .row').count()) < 80);
});

test('the recorder says of each part whether it works, and what would help', {}, async (session, program) => {
  const page = await session.context.newPage();
  const command = 'sudo setcap cap_net_admin+ep /usr/local/bin/tapmap';
  await page.route('**/api/v1/coverage', async (route) => {
    const response = await route.fetch();
    const coverage = await response.json();
    coverage.layers = [
      { name: 'socket_list', active: true, reason: 'The kernel lists.', adds: 'Open sockets.', command: null },
      { name: 'tcp_events', active: false, reason: 'It was refused.', adds: 'Each connection.', command },
      { name: 'landlock', active: true, reason: 'Own files only.', adds: 'Bounds.', command: null },
    ];
    coverage.gaps = [
      { from: '2026-11-25T10:00:00Z', until: '2026-11-25T10:05:00Z', reason: 'asleep', lost: null },
      { from: '2026-11-25T11:00:00Z', until: '2026-11-25T11:00:01Z', reason: 'overrun', lost: 12345 },
    ];
    coverage.folded = {
      flows: 990000,
      from: '2026-11-25T09:00:00Z',
      until: '2026-11-25T09:05:00Z',
      groups: Array.from({ length: 30 }, (_, index) => ({
        app: index === 0 ? 'scanner' : null,
        remote_address: `192.0.2.${index}`,
        flows: 33000,
        bytes_sent: 1000,
        bytes_received: 2000,
        lowest_port: 1,
        highest_port: 65535,
      })),
    };
    await route.fulfill({ response, json: coverage });
  });
  await page.goto(`${program.url}/#map`);
  await until(
    page,
    'the line below leads there',
    () => document.querySelector('.status .link')?.textContent.length > 10,
  );
  await page.click('.status .link');
  await until(page, 'the parts are told', () => document.querySelectorAll('.coverage .sign.active').length === 2);
  const told = await page.textContent('.coverage');
  for (const words of [
    'Not active',
    'It was refused.',
    'It adds:',
    'the computer slept',
    '12,345 observations lost',
    '990,000 connections ended faster',
  ]) {
    assert.ok(told.includes(words), `"${words}" is not told`);
  }
  const summed = page.locator('table[aria-labelledby=folded] tbody tr');
  assert.equal(await summed.count(), 20);
  await page.click('.coverage button:text("10 more")');
  assert.equal(await summed.count(), 30);
  await page.click('.command button');
  await until(page, 'the command is copied', () => document.querySelector('.command button').textContent === 'Copied');
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), command);
  await checkAccessible(page, 'the coverage');
});
