// What the files of browser tests share: how a test is written, and checks that several make.
import assert from 'node:assert/strict';
import axe from 'axe-core';
import { openContext } from './harness.mjs';

export const tests = [];

/** A test with a session of its own; anything the guard saw fails it. */
export function test(name, options, run) {
  tests.push({
    name,
    run: async (program) => {
      const session = await openContext(program, options);
      try {
        await run(session, program);
        assert.deepEqual(session.breaches, [], 'nothing may be asked of others and no policy broken');
      } finally {
        await session.context.close();
      }
    },
  });
}

export const numberOf = (text) => Number(text.replace(/\D/g, ''));
export const shownCount = (page) =>
  page.evaluate(() => document.querySelector('.facets h2 b').textContent).then(numberOf);
export const hash = (page) => page.evaluate(() => location.hash);

/** Fails on anything that a checker of accessibility finds. */
export async function checkAccessible(page, state) {
  // A paused page keeps its rows while they are looked at.
  await page.evaluate(() => document.querySelector('.live[aria-pressed=false]')?.click());
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
  );
  const told = violations.map(
    ({ id, nodes }) =>
      `${state}: ${id}: ${nodes
        .map((node) => node.html)
        .slice(0, 3)
        .join(' | ')}`,
  );
  assert.deepEqual(told, []);
}
