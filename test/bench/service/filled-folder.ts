import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { firstUnlawful } from '#audit/lawful-history.js';
import { collect, decide, Ledger, streamName } from '#ledger/ledger.js';
import type { Record } from '#ledger/record.js';
import { advanceRun } from '#loop/run-loop.js';
import { haltRun } from '#run/domain/decisions.js';
import { runStream } from '#run/domain/run.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { dataFolder } from '#store/data-folder.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { begin, rash, smallFile, smallPorts } from '../../simulation/small-run.js';
import { recordsOf, writeCopies } from './copies.js';

const SOURCE = 'measured';
const CYCLES = 5;
/** Runs that are started and halted, for commands. */
const HALTED = 200;

/** What was written, for whoever asks about it. */
export type Filled = Readonly<{
  events: number;
  /** Completed runs. */
  runs: readonly string[];
  /** Halted before their first step. */
  halted: readonly string[];
  cycles: number;
  eventsPerRun: number;
  candidates: readonly string[];
}>;

const names = (word: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${word}-${String(at + 1).padStart(5, '0')}`);

/** One real run, trained and judged, with an update that is rejected. */
const measuredRun = async (data: string, log: LmdbLog, ledger: Ledger): Promise<readonly Record[]> => {
  const ports = smallPorts({ log, artifacts: new FileArtifacts(dataFolder(data).artifacts) });
  try {
    const over = Object.assign(ports, { ledger });
    const { regime } = smallFile(SOURCE) as { regime: object };
    const regimes = [
      { fromCycle: 1, regime },
      { fromCycle: CYCLES, regime: rash },
    ];
    await begin(over, smallFile(SOURCE, { cycles: CYCLES, regime: regimes }));
    await advanceRun(over, SOURCE);
  } finally {
    await ports.shadow.close();
  }
  return recordsOf(log, SOURCE);
};

const fieldsOf = (records: readonly Record[], type: string, field: string): readonly string[] =>
  records.filter((record) => record.type === type).map(({ data }) => String(data[field]));

const lawfulOrThrow = async (log: LmdbLog, run: string): Promise<void> => {
  const unlawful = firstUnlawful(await collect(log.readStream(streamName(runStream, run))));
  if (unlawful) throw new Error(`${run}: ${JSON.stringify(unlawful)}`);
};

const fill = async (data: string, wanted: number): Promise<Filled> => {
  const log = await LmdbLog.open(dataFolder(data).log);
  try {
    const ledger = new Ledger(log, new CountedClock('2026-01-01T00:00:00.000Z'), new CountedIds());
    const records = await measuredRun(data, log, ledger);
    const started = records.findIndex(({ type }) => type === 'RunStarted');
    const halted = names('halted', Math.min(HALTED, Math.ceil(wanted / 500)));
    await writeCopies(ledger, records.slice(0, started + 1), SOURCE, halted);
    const by = { actor: { kind: 'human', id: 'ada', build: 'bench' } } as const;
    for (const run of halted) await decide(ledger, runStream, run, haltRun('to be measured', 'ada'), by);
    const runs = names('run', Math.max(1, Math.ceil((wanted - log.head()) / records.length)));
    await writeCopies(ledger, records, SOURCE, runs);
    for (const run of [SOURCE, ...runs.slice(-2), ...halted.slice(-1)]) await lawfulOrThrow(log, run);
    return {
      events: log.head(),
      runs,
      halted,
      cycles: CYCLES,
      eventsPerRun: records.length,
      candidates: fieldsOf(records, 'UpdateProduced', 'candidate'),
    };
  } finally {
    await log.close();
  }
};

/** A data folder with at least so many events, written once and taken again as it is. */
export const filledFolder = async (data: string, wanted: number): Promise<Filled> => {
  const made = `${data}/filled.json`;
  if (!existsSync(made)) {
    const unfinished = `${data}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    await writeFile(`${unfinished}/filled.json`, JSON.stringify(await fill(unfinished, wanted)));
    await rm(data, { recursive: true, force: true });
    await rename(unfinished, data);
  }
  return JSON.parse(await readFile(made, 'utf8')) as Filled;
};
