/** LATENCY: what was recorded of events that took long (latency-events.ts), and the histograms of all commands (histogram.ts). */
import type { Client } from './client.js';
import type { Command, Handlers } from './command.js';
import { noSamples } from './error.js';
import { help } from './help.js';
import type { LatencyHistogram } from './histogram.js';
import { diagnosis } from './latency-doctor.js';
import { latencyGraph } from './latency-graph.js';
import type { latency } from './spec/latency.js';

export const handlers: Handlers<typeof latency> = {
  'latency|doctor': doctor,
  'latency|graph': graph,
  'latency|help': help,
  'latency|histogram': histogram,
  'latency|history': history,
  'latency|latest': latest,
  'latency|reset': reset,
};

function doctor(c: Client): void {
  const { events } = c.server.timing;
  c.out.verbatim('txt', diagnosis(events.all(), c.server.settings, Math.floor(c.now / 1000)));
}

function graph(c: Client): void {
  const name = c.argv[2].toString();
  const event = c.server.timing.events.get(name);
  if (event === undefined) throw noSamples(name);
  c.out.verbatim('txt', latencyGraph(event, Math.floor(c.now / 1000)));
}

/** Of the commands named, of all that ran without names. A container stands for its sub-commands; what is no command is left out. */
function histogram(c: Client): void {
  const { out } = c;
  const { byName } = c.server.commands;
  const mark = out.defer();
  let n = 0;
  const tell = (command: Command): void => {
    if (command.histogram === undefined) return;
    out.bulkText(command.name);
    histogramReply(c, command.histogram);
    n++;
  };
  if (c.argc === 2) for (const command of byName.values()) tell(command);
  for (let i = 2; i < c.argc; i++) {
    const command = byName.get(c.argv[i].toString().toLowerCase());
    if (command === undefined) continue;
    tell(command);
    if (command.subcommands !== undefined) for (const sub of command.subcommands.values()) tell(sub);
  }
  out.endMap(mark, n);
}

function histogramReply(c: Client, recorded: LatencyHistogram): void {
  const { out } = c;
  out.map(2);
  out.bulkText('calls');
  out.int(recorded.total);
  out.bulkText('histogram_usec');
  const mark = out.defer();
  let n = 0;
  recorded.cumulated((us, count) => {
    out.int(us);
    out.int(count);
    n++;
  });
  out.endMap(mark, n);
}

function history(c: Client): void {
  const event = c.server.timing.events.get(c.argv[2].toString());
  const { out } = c;
  if (event === undefined) return out.array(0);
  out.array(event.samples.length);
  for (const { at, ms } of event.samples) {
    out.array(2);
    out.int(at);
    out.int(ms);
  }
}

function latest(c: Client): void {
  const events = c.server.timing.events.all();
  const { out } = c;
  out.array(events.length);
  for (const { name, samples, max } of events) {
    const { at, ms } = samples[samples.length - 1];
    out.array(4);
    out.bulkText(name);
    out.int(at);
    out.int(ms);
    out.int(max);
  }
}

function reset(c: Client): void {
  const { events } = c.server.timing;
  const names: string[] = [];
  for (let i = 2; i < c.argc; i++) names.push(c.argv[i].toString());
  if (c.argc === 2) for (const { name } of events.all()) names.push(name);
  let forgotten = 0;
  for (const name of names) if (events.forget(name)) forgotten++;
  c.out.int(forgotten);
}
