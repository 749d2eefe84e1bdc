// Runs the browser tests one after the other against the real program and says how many passed.
// TAPMAP_BIN names the program; an argument picks the tests whose name holds it.
import { closeBrowsers, startProgram } from './harness.mjs';
import { tests } from './suite.mjs';
import './tests.mjs';
import './lately.mjs';
import './days.mjs';

const wanted = process.argv[2] ?? '';
let passed = 0;
let failed = 0;

const program = await startProgram('demo');
for (const { name, run } of tests) {
  if (!name.includes(wanted)) continue;
  const start = performance.now();
  try {
    await run(program);
    passed += 1;
    console.log(`ok    ${name} (${Math.round(performance.now() - start)} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n${error.stack}`);
  }
}
await closeBrowsers();
await program.stop();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
