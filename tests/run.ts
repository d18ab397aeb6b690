/** Runs every test file under dist/tests as a process of its own, shows what failed, and prints `N passed, N failed` last. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const here = new URL('.', import.meta.url).pathname;
let passed = 0;
let failed = 0;
for (const file of (readdirSync(here, { recursive: true }) as string[]).sort()) {
  if (!file.endsWith('.test.js')) continue;
  const { stdout, status } = spawnSync(process.execPath, [here + file], {
    encoding: 'utf8',
    env: { ...process.env, TAP: '1' },
  });
  const bad = (stdout.match(/^not ok /gm) ?? []).length;
  passed += (stdout.match(/^ok /gm) ?? []).length;
  failed += bad === 0 && status !== 0 ? 1 : bad;
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${file}`);
  if (status !== 0) console.log(stdout);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
