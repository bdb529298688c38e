import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureCommands } from './commands.js';
import { measureFanOut } from './fan-out.js';
import { filledFolder } from './filled-folder.js';
import { ask, elapsed, memoryOf, type Rate, type Spread } from './measure.js';
import { measurePeers } from './peers.js';
import { questionsOf } from './questions.js';
import { rebuild, startService } from './start.js';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '16' },
    clients: { type: 'string', default: '100' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
  },
});
const [wanted, seconds, connections] = [Number(values.events), Number(values.seconds), Number(values.connections)];
const load = { connections, seconds };

const say = (line = ''): void => void process.stdout.write(`${line}\n`);
const figure = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
const columns = (cells: readonly string[]): string =>
  cells.map((cell, at) => (at === 0 ? cell.padEnd(40) : cell.padStart(11))).join('');
const spread = ({ p50, p99, most }: Spread): string =>
  `p50 ${figure(p50)} ms, p99 ${figure(p99)} ms, most ${figure(most)} ms`;

const row = (name: string, rate: Rate, peer: Rate): void => {
  const { p50, p99, most, perSecond, failed, cpuMs } = rate;
  const cells = [...[p50, p99, most].map(figure), figure(perSecond), figure(cpuMs), `${figure(cpuMs / peer.cpuMs)}x`];
  say(`${columns([name, ...cells])}${failed > 0 ? `  ${failed} FAILED` : ''}`);
};

const machine = (): string =>
  `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, load ${figure(loadavg()[0] ?? 0)}, Node ${process.version}`;

say(machine());
const data = fileURLToPath(new URL(`../../../bench/${wanted}-events`, import.meta.url));
const [filled, fillMs] = await elapsed(() => filledFolder(data, wanted));
const { events, runs, halted, eventsPerRun } = filled;
say(
  `${figure(events)} events, ${figure(runs.length)} runs of ${eventsPerRun} (there after ${figure(fillMs / 1000)} s)`,
);

const peers = await measurePeers(events, load);
const rebuilt = await rebuild(data, events);
say();
say(
  `read models from nothing: ${figure(rebuilt.eventsPerSecond)} events/s, ${figure(rebuilt.cpuUs)} us of processor time each; goal 20,000 events/s`,
);
say(
  `  raw inserts of one row an event into the same database: ${figure(peers.rowsPerSecond)} rows/s, ${figure(peers.cpuUs)} us each`,
);
say(`  with making the database: ${figure(rebuilt.fromNothingMs / 1000)} s, at most ${rebuilt.whileMb} MB resident`);

const { service, listensMs, readyMs } = await startService(data);
const pid = service.child.pid as number;
const asked = { url: service.url, pid };
say(`start: listens after ${figure(listensMs)} ms, ready after ${figure(readyMs)} ms`);
say(`resident after the start: ${(await memoryOf(pid)).nowMb} MB`);
say();
say(
  columns([
    `${connections} connections, ${seconds} s each`,
    'p50 ms',
    'p99 ms',
    'most ms',
    'a second',
    'cpu ms',
    'cpu/peer',
  ]),
);
row('peer: bare HTTP, one select', peers.select, peers.select);
const rates: Record<string, Rate> = {};
for (const { name, paths } of questionsOf(filled)) {
  if (!name.includes(values.only)) continue;
  await ask(asked, paths, { connections, seconds: 1 });
  rates[name] = await ask(asked, paths, load);
  row(name, rates[name], peers.select);
}
say();
const commands = await measureCommands(service, halted);
say(`command to durable event, one caller: ${spread(commands.one)}`);
say(`command to durable event, 16 callers: ${spread(commands.many)}`);
const fanOut = await measureFanOut(service, Number(values.clients), 30);
say(`a record to ${fanOut.clients} readers of events, from the command's request: ${spread(fanOut.delayMs)}`);
const memory = await memoryOf(pid);
say(`resident: ${memory.nowMb} MB now, ${memory.mostMb} MB at most`);
await service.stop();
say(machine());
if (values.json !== undefined)
  await writeFile(
    values.json,
    JSON.stringify(
      { machine: machine(), events, peers, rebuilt, listensMs, readyMs, rates, commands, fanOut, memory },
      null,
      2,
    ),
  );
