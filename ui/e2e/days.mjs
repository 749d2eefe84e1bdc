// What the page tells of the history: insights, report, events, the timeline, and the rows behind each.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openContext, openPage, startProgram, startRemembering, until } from './harness.mjs';
import { checkAccessible, hash, test } from './suite.mjs';

/** A recording. */
const LATELY = fileURLToPath(new URL('lately.toml', import.meta.url));

/** A test against the made-up month; `program.day` is its last day. */
function testDays(name, options, run) {
  test(name, {}, async () => {
    const program = await startRemembering();
    const session = await openContext(program, options);
    try {
      await run(session, program);
      assert.deepEqual(session.breaches, []);
    } finally {
      await session.context.close();
      await program.stop();
    }
  });
}

const shows = (page, what, selector) =>
  until(page, what, (selector) => document.querySelector(selector) !== null, selector);
const textOf = (page, selector) => page.locator(selector).first().innerText();
/** Waits until the map is drawn; what this computer does now may be nothing. */
const mapThere = (page) => shows(page, 'the map is drawn', '.map[data-renderer]');
/** Opens a view by the program's own link, so that the page may change something. */
async function openChanging(session, program, view) {
  const page = await openPage(session, program, program.link.slice(program.url.length));
  await page.evaluate((view) => (location.hash = view), view);
  return page;
}
/** How many recorded connections the panel lists, once it has them. */
const rowsShown = (page) =>
  until(page, 'connections are listed', () => document.querySelectorAll('.side .flow').length);

testDays('insights tell what is new, frequent and unusual, and show its connections', {}, async (session, program) => {
  const page = await openPage(session, program, '/#insights');
  await shows(page, 'the insights are there', '[data-part=new] .habit');
  const fresh = await textOf(page, '[data-part=new]');
  for (const word of ['rclone', 'Example Storage', 'Kenya', 'Japan', 'Sakura']) assert.match(fresh, new RegExp(word));
  assert.doesNotMatch(fresh, /Thunderbird/);
  const frequent = page.locator('[data-part=frequent] .habit', { hasText: 'Thunderbird' });
  assert.match(await frequent.locator('svg').getAttribute('aria-label'), /^30 of 30 days/);
  assert.match(await textOf(page, '[data-part=surprises]'), /Spotify[\s\S]*40 connections today[\s\S]*usually about 8/);

  await page.locator('[data-part=new] .habit', { hasText: 'rclone' }).click();
  assert.equal(await rowsShown(page), 5);
  assert.match(await hash(page), /rows=app/);
  const flow = await textOf(page, '.side .flow');
  assert.match(flow, /bucket\.storage\.example[\s\S]*rclone · Nairobi, Kenya · Example Storage[\s\S]*34\.1\.12\.7:443/);

  await page.click('.side button:text("in the table")');
  await until(page, 'the table is filtered', () => location.hash.startsWith('#table?app=rclone'));
});

testDays('what went on while nobody was there lists its connections', {}, async (session, program) => {
  const page = await openPage(session, program, '/#insights');
  await shows(page, 'the absence is there', '[data-part=away] li button');
  const told = await textOf(page, '[data-part=away]');
  assert.match(told, /screen locked/);
  assert.match(told, /Firefox[\s\S]*connections, \d+ new then/);
  const first = page.locator('[data-part=away] li button', { hasText: 'Thunderbird' });
  const count = Number(/(\d+) connections?/.exec(await first.innerText())[1]);
  await first.click();
  assert.equal(await rowsShown(page), count);
  await checkAccessible(page, 'while nobody was there');
});

testDays('every sentence of a report shows the rows behind it', {}, async (session, program) => {
  const page = await openPage(session, program, `/#report/${program.day}`);
  await shows(page, 'the report is there', '.sentence button');
  const sentences = page.locator('.sentence');
  const count = await sentences.count();
  assert.ok(count >= 8, `${count} sentences`);
  for (let index = 0; index < count; index += 1) {
    const sentence = sentences.nth(index);
    await sentence.locator('button').first().click();
    await sentence.locator('tbody tr').first().waitFor();
  }
  const today = sentences.filter({ hasText: 'New on this day' });
  const named = await today.locator('tbody th button').allInnerTexts();
  // What the browser itself turned to may be among them.
  for (const value of ['rclone', 'Example Storage', 'Sakura', 'Kenya', 'Japan'])
    assert.ok(named.includes(value), value);

  await today.locator('th button', { hasText: 'Japan' }).click();
  assert.equal(await rowsShown(page), 3);
  assert.match(await textOf(page, '.side .flow'), /shop\.example[\s\S]*Osaka, Japan/);
});

testDays('what is marked as known is no news until that is taken back', {}, async (session, program) => {
  const page = await openChanging(session, program, 'insights');
  const fresh = page.locator('[data-part=new] .habit', { hasText: 'rclone' });
  await fresh.waitFor();
  await page.getByRole('button', { name: 'Mark rclone as known' }).first().click();
  await page.locator('dialog textarea').fill('my backup');
  await checkAccessible(page, 'the dialog');
  await page.locator('dialog button[type=submit]').click();
  await fresh.waitFor({ state: 'detached' });
  await page.locator('[data-part=marks] li', { hasText: 'my backup' }).waitFor();
  await page.locator('[data-part=new] button', { hasText: '1 known' }).first().click();
  await fresh.waitFor();

  // Muted, its event is folded away.
  await page.getByRole('button', { name: 'rclone is known' }).first().click();
  await page.locator('dialog label', { hasText: 'Muted' }).click();
  await page.locator('dialog button[type=submit]').click();
  await page.locator('.toast', { hasText: 'marked as muted' }).waitFor();
  await page.getByRole('link', { name: 'Events' }).click();
  await page.locator('.event', { hasText: 'LibreOffice' }).waitFor();
  assert.equal(await page.locator('.event', { hasText: 'rclone' }).count(), 0);
  await page.locator('button', { hasText: '1 muted event' }).click();
  await page.locator('.event', { hasText: 'rclone' }).waitFor();

  await page.locator('.toast button', { hasText: 'Undo' }).click();
  await page.locator('.event', { hasText: 'rclone' }).getByText('Known').waitFor();
});

testDays('events are narrowed by the filter of the flows, and half a filter says so', {}, async (session, program) => {
  const page = await openPage(session, program, '/#events');
  await page.locator('.event', { hasText: 'LibreOffice' }).waitFor();
  await page.locator('.search input').last().fill('country:JP');
  await page.locator('.event', { hasText: 'LibreOffice' }).waitFor({ state: 'detached' });
  assert.match(await textOf(page, '.event'), /Firefox[\s\S]*Japan/);
  await page.locator('.search input').last().fill('city:Oslo');
  await page.locator('#events-refused', { hasText: 'Events have no city.' }).waitFor();
  // The browser notes every refusal.
  assert.equal(session.breaches.splice(0).length, 1);
});

testDays('history is erased with a way back', {}, async (session, program) => {
  const page = await openChanging(session, program, 'about');
  await page.locator('[data-part=remembered] p', { hasText: 'since' }).waitFor();
  await page.locator('[data-part=remembered] button').click();
  await page.locator('dialog label', { hasText: 'What one app did' }).click();
  await page.locator('dialog input[type=text]').fill('Firefox');
  await page.locator('dialog button[type=submit]').click();
  await page.locator('.toast button', { hasText: 'Undo' }).waitFor();
  await page.getByRole('link', { name: 'Events' }).click();
  await page.locator('.event', { hasText: 'LibreOffice' }).waitFor();
  assert.equal(await page.locator('.event', { hasText: 'Firefox' }).count(), 0);
  await page.locator('.toast button', { hasText: 'Undo' }).click();
  await page.locator('.toast').waitFor({ state: 'detached' });
  await page.reload();
  await page.locator('.event', { hasText: 'Firefox' }).first().waitFor();
});

testDays('what is saved can leave out what is private, and shows what', {}, async (session, program) => {
  const page = await openPage(session, program, '/#events');
  await page.getByRole('button', { name: 'Save as CSV' }).click();
  await page.locator('dialog label', { hasText: 'Without what is private' }).click();
  await page.locator('dialog dd', { hasText: 'site-1' }).waitFor();
  assert.match(await textOf(page, 'dialog dt'), /\.example$/);
  await checkAccessible(page, 'the dialog');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('dialog button[type=submit]')]);
  const csv = await readFile(await download.path(), 'utf8');
  assert.match(csv, /^day,at,app,kind,facet,value/);
  assert.match(csv, /site-1/);
  assert.ok(!csv.includes('.example'), csv);
});

testDays('a report leads to the day before and back, and survives a reload', {}, async (session, program) => {
  const page = await openPage(session, program, '/#report');
  await shows(page, 'the countries are on the map', '[data-part=countries] circle');
  const countries = await page.locator('[data-part=countries] circle title').allTextContents();
  assert.ok(countries.includes('Germany: 30 days') && countries.includes('Japan: 1 day'), countries.join());
  await shows(page, 'the report is there', 'a[rel=prev]');
  await page.click('a[rel=prev]');
  const before = new Date(Date.parse(program.day) - 86_400_000).toISOString().slice(0, 10);
  await until(page, 'the day before is there', () => document.querySelector('a[rel=next]') !== null);
  assert.equal(await hash(page), `#report/${before}`);
  await page.reload();
  await shows(page, 'the day before is there', 'a[rel=next]');
  assert.match(await textOf(page, '.report h1'), new RegExp(String(Number(before.slice(8)))));
  assert.match(await textOf(page, '[data-part=providers]'), /50 %: \d+ providers?[\s\S]*Mozilla/);
});

testDays('two days are held against each other', {}, async (session, program) => {
  const other = new Date(Date.parse(program.day) - 86_400_000).toISOString().slice(0, 10);
  const page = await openPage(session, program, `/#report?compare=${other}`);
  await page.locator('[data-part=comparison] tr', { hasText: 'rclone' }).waitFor();
  const cells = await page.locator('[data-part=comparison] tr', { hasText: 'rclone' }).locator('td').allInnerTexts();
  assert.match(cells[0], /^5 /);
  assert.match(cells[1], /^0 /);
  await page.locator('input[type=date]').fill('');
  await page.locator('[data-part=comparison]').waitFor({ state: 'detached' });
});

testDays('what keeps time has a picture of its hours', {}, async (session, program) => {
  const page = await openPage(session, program, '/#insights');
  await page.getByRole('button', { name: '30 days, hour by hour' }).first().click();
  const label = await page.locator('figure svg').getAttribute('aria-label');
  assert.match(label, /^Picture of 30 days by hours: on \d+ days?, mostly from \d+:00/);
  assert.ok((await page.locator('figure svg rect').count()) > 0);
});

testDays('events are listed by day, searched and narrowed', {}, async (session, program) => {
  const page = await openPage(session, program, '/#events');
  await shows(page, 'the events are there', '.events [data-id]');
  const all = await page.locator('.events [data-id]').count();
  // Ports that are open on the testing computer itself may stand before them.
  assert.match(await textOf(page, '.events'), /Firefox|rclone/);
  await page.click('.events .kinds button:text("Countries")');
  const countries = await page.locator('.events [data-id]').count();
  assert.ok(countries > 0 && countries < all, `${countries} of ${all}`);
  await page.click('.events .kinds button:text("Countries")');
  await page.fill('.events input', 'nairobi-is-no-value');
  await until(page, 'nothing fits', () => /No event fits/.test(document.querySelector('.count')?.textContent ?? ''));
  await page.fill('.events input', 'rclone');
  await shows(page, 'the event is found', '.events [data-id]');
  await page.click('.events [data-id] .app');
  assert.equal(await rowsShown(page), 5);
  await page.click('.events [data-id] button:text("New country Kenya")');
  await until(page, 'the country is asked for', () => /country/.test(decodeURIComponent(location.hash)));
  assert.equal(await rowsShown(page), 5);
});

testDays('the strip below the map shows a picked time', {}, async (session, program) => {
  const page = await openPage(session, program, '/#map');
  await mapThere(page);
  await shows(page, 'the strip has bars', '.strip .bar');
  await page.click('.strip button:text("30 d")');
  await until(page, 'it tells of the month', () =>
    /in the last 30 days/.test(document.querySelector('.strip').textContent),
  );
  await shows(page, 'what went unwatched is hatched', '.strip .gap');
  // By the keyboard: the first slider to the end leaves the slot that goes on.
  await page.focus('.strip input >> nth=0');
  await page.keyboard.press('End');
  // Facets, map and table show that time, and the address holds it.
  await page.locator('.live', { hasText: 'Past' }).waitFor();
  assert.match(await hash(page), /period=\d+-\d+/);
  await page.locator('.facets .watching').waitFor();
  await page.click('.strip button:text("List them")');
  assert.ok((await rowsShown(page)) > 10);
  await page.click('.side .icon-button');
  await page.getByRole('link', { name: 'Table' }).click();
  await until(page, 'the table is of that time', () => document.querySelectorAll('.grid [role=row]').length > 10);
  await page.reload();
  await until(page, 'the table is of that time', () => document.querySelectorAll('.grid [role=row]').length > 10);
  await page.getByRole('link', { name: 'Map' }).click();
  await page.locator('.live', { hasText: 'Past' }).click();
  await page.locator('.live', { hasText: 'Live' }).waitFor();
  assert.ok(!(await hash(page)).includes('period'));

  // What was new has a cap.
  await page.click('.strip button:text("30 d")');
  await page.locator('.strip .cap').first().waitFor();
  await page.click('.side button:text("New and frequent")');
  await shows(page, 'what is new stands beside the map', '.side .habit');
  assert.match(await textOf(page, '.side'), /New today[\s\S]*rclone[\s\S]*Most frequent/);
});

for (const theme of ['dark', 'light']) {
  testDays(`axe finds nothing in what is remembered, ${theme}`, { theme }, async (session, program) => {
    const page = await openPage(session, program, '/#insights');
    await shows(page, 'the insights are there', '[data-part=new] .habit');
    await page.locator('[data-part=new] .habit').first().click();
    await rowsShown(page);
    await checkAccessible(page, 'insights');
    await page.goto(`${program.url}/#report`);
    await shows(page, 'the report is there', '.sentence button');
    for (const button of await page.locator('.sentence > button').all()) await button.click();
    await shows(page, 'the rows are there', '.sentence tbody tr');
    await checkAccessible(page, 'report');
    await page.goto(`${program.url}/#events`);
    await shows(page, 'the events are there', '.events [data-id]');
    await checkAccessible(page, 'events');
    await page.goto(`${program.url}/#map?list=habits`);
    await mapThere(page);
    await shows(page, 'the strip has bars', '.strip .bar');
    await shows(page, 'what is new stands beside the map', '.side .habit');
    await checkAccessible(page, 'map with strip and panel');
  });
}

testDays('the remembered fits a narrow window', { width: 320, height: 640 }, async (session, program) => {
  const page = await openPage(session, program, '/#insights');
  for (const [view, selector] of [
    ['insights', '[data-part=new] .habit'],
    ['report', '.sentence button'],
    ['events', '.events [data-id]'],
  ]) {
    await page.goto(`${program.url}/#${view}`);
    await shows(page, `${view} is there`, selector);
    const wide = await page.evaluate(() => {
      const region = document.querySelector('main [role=region]');
      return region.scrollWidth > region.clientWidth || document.documentElement.scrollWidth > innerWidth;
    });
    assert.equal(wide, false, `${view} scrolls sideways`);
  }
});

for (const [what, options, why] of [
  ['without history', ['--no-history'], 'switched off'],
  ['that plays a recording', ['--replay', LATELY], 'A recording is not remembered'],
]) {
  test(`a program ${what} says why nothing is remembered`, {}, async () => {
    const program = await startProgram(...options);
    const session = await openContext(program);
    // The refusal itself is what is shown.
    session.ignore(/404/);
    try {
      for (const view of ['insights', 'report', 'events']) {
        const page = await openPage(session, program, `/#${view}`);
        await until(page, `${view} says why`, (why) => document.querySelector('main').textContent.includes(why), why);
      }
      assert.deepEqual(session.breaches, []);
    } finally {
      await session.context.close();
      await program.stop();
    }
  });
}
