/** tmp */
import { loadFamily, randomFamilies } from './random/family.js';
import { findingText, search } from './random/search.js';
import { StartedServer, stopAllOnExit } from './started-server.js';

stopAllOnExit();
const folder = new URL('../../compat-suite/random/', import.meta.url);
const args = process.argv.slice(2);
const opt = (n: string, d: string) => (args.includes(n) ? args[args.indexOf(n) + 1] : d);
const synap = `node ${new URL('../bin/synap.js', import.meta.url).pathname} --port {port} --save '' --appendonly no`;
const redis = `redis-server --port {port} --dir {dir} --save '' --appendonly no --enable-debug-command yes`;
let ours = await StartedServer.start('synap', synap);
let theirs = await StartedServer.start('redis', redis);
const pair = {
  ports: () => [ours.port, theirs.port] as const,
  revive: async () => {
    await ours.stop();
    await theirs.stop();
    ours = await StartedServer.start('synap', synap);
    theirs = await StartedServer.start('redis', redis);
  },
};
const fams = opt('--family', 'all') === 'all' ? randomFamilies(folder) : opt('--family', '').split(',');
for (const name of fams)
  for (const resp of opt('--resp', '2,3').split(',') as ('2' | '3')[]) {
    const t = Date.now();
    const f0 = loadFamily(folder, name);
    const skip = opt('--skip', 'nothing');
    const fam = { ...f0, commands: f0.commands.filter((t) => !JSON.stringify(t).includes(skip)) };
    const r = await search(pair, fam, {
      resp,
      seed: Number(opt('--seed', '1')),
      commands: Number(opt('--random', '2000')),
      patience: Number(opt('--patience', '5')),
    });
    for (const f of r.findings) console.log(findingText(f));
    console.log(
      `${name} RESP${resp} sent ${r.sent} matched ${r.matched} findings ${r.findings.length} ${Date.now() - t} ms`,
    );
  }
process.exit(0);
