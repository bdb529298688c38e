import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { RankedRun } from '#experiment/domain/ranking.js';
import { Refused } from '#ledger/decider.js';
import { LogAbsent } from '#ledger/log.js';
import { dataFolder } from '#store/data-folder.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { NotRankable, rankedRun } from './oracle.js';
import { makeRun } from './own-runs.js';
import { rankingJson, rankingReport } from './ranking-report.js';
import { rankingPorts, ScratchArtifacts, type RankingPorts } from './ranking-ports.js';

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  data: { type: 'string' },
  run: { type: 'string', multiple: true },
  seeds: { type: 'string' },
  cycles: { type: 'string' },
  blocks: { type: 'string' },
  out: { type: 'string', default: 'docs/allocation-ranking' },
} as const;
const KNOWN =
  '--quick, --data FOLDER with --run NAME (as often as wanted), --seeds N, --cycles 3,6, --blocks N and --out PATH';

const refuse = (message: string): never => {
  process.stderr.write(`study allocation-ranking: ${message}; there are ${KNOWN}\n`);
  process.exit(2);
};
const read = (): ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'] => {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
};
const wholes = (name: string, given: string): readonly number[] =>
  given.split(',').map((part) => {
    const value = Number(part);
    return Number.isInteger(value) && value >= 1 ? value : refuse(`--${name}: ${part} is no whole number from 1 on`);
  });

const { quick, data, run: named = [], seeds: many, cycles: given, blocks: size, out } = read();
if ((data === undefined) !== (named.length === 0)) refuse('--data and --run go together');
const cycles = wholes('cycles', given ?? (quick ? '2,3' : '3,6'));
const [blocks = 0] = wholes('blocks', size ?? (quick ? '40' : '100'));
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const [SEEDS = 0] = wholes('seeds', many ?? (quick ? '2' : '8'));
const BASE_STEPS = quick ? 150 : 400;
/**
 * A run of this study's own: small, so that every domain can be trained on alone in a second. Its gate is lenient, since
 * progress is seen only where champions follow one another.
 */
const ownFile = (seed: number): object => ({
  run: `ranking-${seed}`,
  seed,
  cycles: Math.max(...cycles),
  policy: 'learning-progress',
  model: { dModel: 32, layers: 1, dState: 16, headDim: 32 },
  base: { steps: BASE_STEPS, batch: 16 },
  constitution: { name: 'ranking', alphaPlan: { alpha: 0.5, kMax: Math.max(...cycles) }, stall: null },
  evaluation: { blocks: 160, documents: 100, calibrationDocuments: 60 },
});

const ranked = async (ports: RankingPorts, runs: readonly string[]): Promise<readonly RankedRun[]> => {
  const found: RankedRun[] = [];
  for (const run of runs) found.push(await rankedRun(ports, { run, cycles, blocks, say }));
  return found;
};

const ofFolder = async (folder: string): Promise<readonly RankedRun[]> => {
  const { log: at, artifacts } = dataFolder(folder);
  const log = await LmdbLog.open(at, { readOnly: true });
  const ports = rankingPorts(log, new ScratchArtifacts(new FileArtifacts(artifacts)), 0);
  try {
    return await ranked(ports, named);
  } finally {
    await ports.shadow.close();
    await log.close();
  }
};

const ofOwn = async (): Promise<readonly RankedRun[]> => {
  const found: RankedRun[] = [];
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const ports = rankingPorts(new MemoryLog(), new MemoryArtifacts(), 0);
    try {
      say(`run ${seed} of ${SEEDS}`);
      found.push(...(await ranked(ports, [await makeRun(ports, ownFile(seed))])));
    } finally {
      await ports.shadow.close();
    }
  }
  return found;
};

const OWN_SETTING = [
  `${SEEDS} runs of its own, seeds 1 on: 32 dimensions, one layer, ${BASE_STEPS} steps of base, the default regime, policy learning-progress, a lenient gate (alpha .5).`,
];

try {
  const runs = data === undefined ? await ofOwn() : await ofFolder(data);
  const words = process.argv.slice(2).join(' ');
  const command = `npm run study -- allocation-ranking${words === '' ? '' : ` ${words}`}`;
  const setting = data === undefined ? OWN_SETTING : [`Runs of the data folder ${data}.`];
  const results = { command, setting, runs, blocks };
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(`${out}.md`, rankingReport(results));
  writeFileSync(`${out}.json`, rankingJson(results));
  say(`${out}.md and ${out}.json are written`);
} catch (error) {
  const known = [NotRankable, Refused, LogAbsent].some((kind) => error instanceof kind);
  if (!known) throw error;
  refuse((error as Error).message);
}
