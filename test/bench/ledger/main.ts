import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { filledFolder } from '../service/filled-folder.js';
import type { Spread } from '../service/measure.js';
import { rebuild } from '../service/start.js';
import { measureAppending, medianOf, ratioTo, WRITERS, type Appended } from './appending.js';
import { childSays } from './children.js';
import { Peers } from './peers.js';
import type { StoreName } from './stores.js';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: 'append,follow,read,verify,rebuild' },
    json: { type: 'string' },
  },
});
const [events, seconds, rounds] = [Number(values.events), Number(values.seconds), Number(values.rounds)];
const wants = (part: string): boolean => values.only.split(',').includes(part);

const say = (line = ''): void => void process.stdout.write(`${line}\n`);
const figure = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
const spread = ({ p50, p99, most }: Spread): string =>
  `p50 ${figure(p50)} ms, p99 ${figure(p99)} ms, most ${figure(most)} ms`;
const columns = (cells: readonly string[]): string =>
  cells.map((cell, at) => (at === 0 ? cell.padEnd(26) : cell.padStart(18))).join('');
const machine = (): string =>
  `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, load ${figure(loadavg()[0] ?? 0)}, Node ${process.version}`;

const NAMES: Readonly<Record<StoreName, string>> = {
  ledger: 'ledger (LMDB), signing',
  postgres: 'PostgreSQL, INSERT each',
  emmett: 'Emmett on PostgreSQL',
};

const tellAppending = (appended: readonly Appended[]): void => {
  const many = WRITERS.map((count) => `${count} ${count === 1 ? 'writer' : 'writers'}`);
  const of = (name: StoreName, writers: number): Appended | undefined =>
    appended.find((one) => one.name === name && one.writers === writers);
  say(columns(['durable events a second', ...many, 'cpu us each', 'most memory']));
  for (const name of new Set(appended.map((one) => one.name))) {
    const cells = WRITERS.map((writers) => {
      const [peer, own] = [of(name, writers), of('ledger', writers)];
      if (!peer) return '-';
      const ratio = name === 'ledger' || !own ? '' : ` (${figure(ratioTo(peer, own))}x)`;
      return `${figure(medianOf(peer.perSecond))}${ratio}`;
    });
    const own = appended.filter((one) => one.name === name);
    const cpu = own.map(({ cpuUs }) => figure(medianOf(cpuUs))).join(' / ');
    say(columns([NAMES[name], ...cells, cpu, `${Math.max(...own.flatMap(({ mostMb }) => mostMb))} MB`]));
  }
  say('  in brackets: how many times as many the ledger does in the same round; medians of the rounds');
  say('  cpu: by 1 / 16 / 64 writers, with that of the server');
  say('  goals: 64 writers 2x PostgreSQL and 5x Emmett on it; one writer 0.5x and more than 1x');
};

const append = async (scratch: string): Promise<unknown> => {
  const peers = await Peers.start();
  try {
    for (const { name, why } of peers.absent) say(`${name} is left out: ${why}`);
    const all = [{ name: 'ledger' as const, place: scratch }, ...peers.present];
    const appended = await measureAppending(all, scratch, { rounds, seconds });
    tellAppending(appended);
    return appended;
  } finally {
    await peers.stop();
  }
};

const PACE = 200;
const follow = async (scratch: string): Promise<unknown> => {
  type Said = Readonly<{ append: Spread; heard: Spread; signed: Spread }>;
  const length = String(Math.max(5, seconds * 2));
  const found = await childSays<Said>('following-child.js', join(scratch, 'followed'), length, String(PACE));
  say(`one writer, ${PACE} events a second:`);
  say(`  append to durable                ${spread(found.append)}`);
  say(`  append to a subscriber's hands   ${spread(found.heard)}`);
  say(`  append to signed checkpoint      ${spread(found.signed)}; goal p99 1,000 ms`);
  return found;
};

type Read = Readonly<{ bytes: number; parsed: number; checked: number; parseAlone: number; mostMb: number }>;
const read = async (data: string): Promise<unknown> => {
  const found: Read[] = [];
  for (let round = 0; round < rounds; round += 1) found.push(await childSays<Read>('reading-child.js', data));
  const middle = (of: (one: Read) => number): string => figure(medianOf(found.map(of)));
  say(`read by one thread: ${middle(({ bytes }) => bytes)} events/s as bytes`);
  say(`  decoded: ${middle(({ parsed }) => parsed)} events/s; goal 100,000`);
  const ratio = middle(({ parsed, parseAlone }) => parsed / parseAlone);
  say(`  JSON.parse alone: ${middle(({ parseAlone }) => parseAlone)} events/s, decoded is ${ratio}x`);
  say(`  and checked against the shape of each event: ${middle(({ checked }) => checked)} events/s`);
  say(`  at most ${middle(({ mostMb }) => mostMb)} MB`);
  return found;
};

type Verify = Readonly<{ events: number; artifacts: number; verifyMs: number; publishMs: number; mostMb: number }>;
const verify = async (data: string, scratch: string): Promise<unknown> => {
  const found: Verify[] = [];
  for (let round = 0; round < rounds; round += 1)
    found.push(await childSays<Verify>('verifying-child.js', data, join(scratch, `published-${round}`)));
  const [{ events: count, artifacts }] = found as [Verify];
  const [verifyMs, publishMs] = [
    medianOf(found.map((one) => one.verifyMs)),
    medianOf(found.map((one) => one.publishMs)),
  ];
  const mostMb = medianOf(found.map((one) => one.mostMb));
  say(
    `verify ${figure(count)} records, root and ${figure(artifacts)} artifacts: ${figure(verifyMs / 1000)} s, ` +
      `${figure((1000 * count) / verifyMs)} records/s, at most ${mostMb} MB; goal 100,000 records/s`,
  );
  say(`publish them from nothing: ${figure(publishMs / 1000)} s, ${figure((1000 * count) / publishMs)} records/s`);
  return found;
};

say(machine());
const scratch = await mkdtemp(join(tmpdir(), 'bench-'));
const found: Record<string, unknown> = { machine: machine(), events, seconds, rounds };
try {
  if (wants('append')) found['append'] = await append(scratch);
  if (wants('follow')) found['follow'] = await follow(scratch);
  if (wants('read') || wants('verify') || wants('rebuild')) {
    const data = fileURLToPath(new URL(`../../../bench/${events}-events`, import.meta.url));
    const filled = await filledFolder(data, events);
    say(`${figure(filled.events)} events of ${figure(filled.runs.length)} runs`);
    if (wants('read')) found['read'] = await read(data);
    if (wants('verify')) found['verify'] = await verify(data, scratch);
    if (wants('rebuild')) {
      const rebuilt = await rebuild(data, filled.events);
      found['rebuild'] = rebuilt;
      say(
        `read models from nothing: ${figure(rebuilt.eventsPerSecond)} events/s, ${figure(rebuilt.fromNothingMs / 1000)} s ` +
          `with making the database, at most ${rebuilt.whileMb} MB`,
      );
    }
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
say(machine());
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ ...found, after: machine() }, null, 2)}\n`);
