import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { said } from '../ledger/children.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const TRAINER = join(ROOT, 'build', 'native', 'trainer');
const here = (name: string): string => join(ROOT, 'test', 'bench', 'trainer', name);

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: 'step,threads,matmul,length' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const wants = (part: string): boolean => values.only.split(',').includes(part);
const python = process.env['PYTHON'] ?? 'python3';

const say = (line = ''): void => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
const figure = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
const columns = (cells: readonly string[]): string =>
  cells.map((cell, at) => (at === 0 ? cell.padEnd(24) : cell.padStart(18))).join('');
const median = (figures: readonly number[]): number => {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
};

type Model = Readonly<{ width: number; layers: number; length?: number; batch?: number }>;
type Product = Readonly<{ name: string; rows: number; columns: number; depth: number; gflops: number }>;
type Measured = Readonly<{
  tokensPerSecond: number;
  evaluateTokensPerSecond: number;
  products: readonly Product[];
  peakMemoryBytes: number;
  weightsSha256: string;
}>;
type Native = Model & Readonly<{ isa: string; threads: number }>;

const ofModel = ({ width, layers, length = 256, batch = 8 }: Model): Readonly<Record<string, number>> => ({
  'd-model': width,
  layers,
  seq: length,
  batch,
});

const trainer = async ({ isa, threads, ...model }: Native): Promise<Measured> => {
  const options = { ...ofModel(model), steps: Number(values.steps), threads, isa };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return JSON.parse(await said(TRAINER, ['bench', '--json', ...words])) as Measured;
};

const hasPython = (module: string): boolean =>
  spawnSync(python, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0;

const torch = async ({ width, layers }: Model, threads: number, compiled: boolean): Promise<number> => {
  const options = { width, layers, threads, steps: Number(values.steps) };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const output = await said(python, [here('torch_mamba2.py'), ...words, ...(compiled ? ['--compile'] : [])]);
  return (JSON.parse(output) as { tokensPerSecond: number }).tokensPerSecond;
};

/** Medians over rounds in which everything is measured once, in turn. */
const inRounds = async (measures: Readonly<Record<string, () => Promise<number>>>): Promise<Record<string, number>> => {
  const found: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round += 1)
    for (const [name, measure] of Object.entries(measures)) (found[name] ??= []).push(await measure());
  return Object.fromEntries(Object.entries(found).map(([name, figures]) => [name, median(figures)]));
};

const MODELS: readonly Model[] = [
  { width: 64, layers: 2 },
  { width: 128, layers: 4 },
  { width: 256, layers: 4 },
];
const named = ({ width, layers }: Model): string => `d ${width}, ${layers} layers`;

const steps = async (isas: readonly string[], withTorch: boolean): Promise<unknown> => {
  const threads = Math.min(2, availableParallelism());
  const own = [...isas, 'forward only'];
  const peers = withTorch ? ['PyTorch eager', 'PyTorch compiled'] : [];
  say(columns([`tokens a second, ${threads} threads`, ...own, ...peers, ...(withTorch ? ['ratio to it'] : [])]));
  const table: Record<string, Record<string, number>> = {};
  for (const model of MODELS) {
    const ofIsa = (isa: string) => async () => (await trainer({ ...model, isa, threads })).tokensPerSecond;
    const found = await inRounds({
      ...Object.fromEntries(isas.map((isa) => [isa, ofIsa(isa)])),
      'forward only': async () => (await trainer({ ...model, isa: isas[0] ?? '', threads })).evaluateTokensPerSecond,
      ...(withTorch && {
        'PyTorch eager': () => torch(model, threads, false),
        'PyTorch compiled': () => torch(model, threads, true),
      }),
    });
    table[named(model)] = found;
    const best = found[isas[0] ?? ''] ?? NaN;
    const ratio = withTorch ? [`${figure(best / (found['PyTorch compiled'] ?? NaN))}x`] : [];
    say(columns([named(model), ...[...own, ...peers].map((name) => figure(found[name] ?? NaN)), ...ratio]));
  }
  say('  T 256, batch 8; goals at d 128: 45 k with AVX-512, 33 k with AVX2, 3x PyTorch compiled');
  return table;
};

const oneAndTwo = async (isa: string): Promise<unknown> => {
  const model = { width: 128, layers: 4 };
  const rate = (threads: number) => async () => (await trainer({ ...model, isa, threads })).tokensPerSecond;
  const found = await inRounds({ one: rate(1), two: rate(2) });
  say(`\none thread ${figure(found['one'] ?? NaN)}, two threads ${figure(found['two'] ?? NaN)} tokens a second: `);
  say(`  ${figure((found['two'] ?? NaN) / (found['one'] ?? NaN))}x, the same weights`);
  return found;
};

type Blas = Readonly<{ gflops: readonly number[]; blas: string }>;

const blas = async (products: readonly Product[]): Promise<Blas> => {
  // Settings that are there for older builds slow a current one.
  for (const name of ['OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE']) delete process.env[name];
  process.env['OPENBLAS_NUM_THREADS'] = '1';
  const shapes = products.map((product) => `${product.rows}x${product.columns}x${product.depth}`);
  return JSON.parse(await said(python, [here('numpy_matmul.py'), ...shapes])) as Blas;
};

const matmul = async (isa: string, withNumpy: boolean): Promise<unknown> => {
  const rows: { own: readonly Product[]; peer: Blas | undefined }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { products } = await trainer({ width: 128, layers: 4, isa, threads: 1 });
    rows.push({ own: products, peer: withNumpy ? await blas(products) : undefined });
  }
  const peerName =
    rows[0]?.peer?.blas
      .replace(/^scipy-/, '')
      .split('.')
      .slice(0, 3)
      .join('.') ?? 'no peer';
  say(`\n${columns(['gigaflops, one thread', isa, peerName, 'ratio'])}`);
  return rows[0]?.own.map(({ name, ...shape }, at) => {
    const own = median(rows.map((row) => row.own[at]?.gflops ?? NaN));
    const peer = median(rows.map((row) => row.peer?.gflops[at] ?? NaN));
    say(columns([name, figure(own), withNumpy ? figure(peer) : '-', withNumpy ? `${figure(own / peer)}x` : '-']));
    return { name, ...shape, gflops: own, peer };
  });
};

/** Memory of a step by its length: what a token costs is the slope between two lengths. */
const lengths = async (isa: string): Promise<unknown> => {
  const measured = [];
  for (const length of [256, 1024, 4096]) {
    const model = { width: 128, layers: 4, length, batch: 8 };
    measured.push({ length, ...(await trainer({ ...model, isa, threads: 1 })) });
  }
  const [first, , last] = measured;
  const bytes = ((last?.peakMemoryBytes ?? NaN) - (first?.peakMemoryBytes ?? NaN)) / (4096 - 256);
  say(`\n${columns(['one thread, by length', 'tokens a second', 'most memory'])}`);
  for (const { length, tokensPerSecond, peakMemoryBytes } of measured)
    say(columns([`T ${length}`, figure(tokensPerSecond), `${figure(peakMemoryBytes / 1e6)} MB`]));
  say(`  ${figure(bytes / 1000)} kB a token of the sequence that is under way`);
  return measured.map(({ length, tokensPerSecond, peakMemoryBytes }) => ({ length, tokensPerSecond, peakMemoryBytes }));
};

type Backends = Readonly<{ checks: unknown; isa: readonly Readonly<{ name: string; available: boolean }>[] }>;

const main = async (): Promise<void> => {
  const { isa } = JSON.parse(await said(TRAINER, ['backends', '--json'])) as Backends;
  // The best one first.
  const isas = isa.filter(({ name, available }) => available && name !== 'reference').map(({ name }) => name);
  const [best = 'reference'] = isas;
  const withTorch = hasPython('torch');
  const withNumpy = hasPython('numpy');
  say(
    `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, load ${figure(loadavg()[0] ?? 0)}; ${rounds} rounds\n`,
  );
  if (!withTorch) say(`PyTorch is left out: ${python} has none; name a Python that has it in PYTHON\n`);
  if (!withNumpy) say(`OpenBLAS is left out: ${python} has no numpy\n`);
  const found = {
    ...(wants('step') && { steps: await steps(isas, withTorch) }),
    ...(wants('threads') && { threads: await oneAndTwo(best) }),
    ...(wants('matmul') && { matmul: await matmul(best, withNumpy) }),
    ...(wants('length') && { lengths: await lengths(best) }),
  };
  if (values.json) process.stdout.write(`${JSON.stringify(found)}\n`);
};

await main();
