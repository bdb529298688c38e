import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { FULL, QUICK } from './candidates.js';
import { gateReport } from './gate-report.js';
import { gatePlot } from './plot.js';
import { studyCandidates } from './real-candidates.js';
import { LineageThreads } from './spread-lineages.js';
import { operatingCurve, putOnTrial, unitsBeside } from './trials.js';

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  seed: { type: 'string', default: 'gate/1' },
  out: { type: 'string', default: 'docs/gate' },
} as const;

const read = (): ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'] => {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    process.stderr.write(`study gate: ${(error as Error).message}; there are --quick, --seed TEXT and --out PATH\n`);
    process.exit(2);
  }
};

const { quick, seed, out } = read();
const size = quick
  ? { lineages: 100, wrongLineages: 50, simulations: 200, extent: QUICK, blocks: 200 }
  : { lineages: 2_000, wrongLineages: 200, simulations: 1_000, extent: FULL, blocks: 300 };
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const threads = new LineageThreads(availableParallelism());
say('simulated lineages: the gate and three wrong ones');
const trials = await putOnTrial((setting, lineages) => threads.run(setting, lineages), { seed, ...size });
await threads.close();
const [gate] = trials;
if (!gate) throw new Error('no gate was put on trial');
for (const { gate: tried, findings } of trials)
  say(`  ${tried.name}: ${findings.map(({ outcome }) => outcome).join(', ')}`);

say('real candidates: training a base and a champion');
const real = await studyCandidates({
  file: { run: 'gate-study', distractors: [] },
  seed,
  extent: size.extent,
  blocks: size.blocks,
  threads: 0,
  onJudged: (done, all) => (done % 20 === 0 || done === all) && say(`  ${done} of ${all} judged`),
});

const command = `npm run study gate${quick ? ' -- --quick' : ''}`;
const units = unitsBeside(gate.counts.harmless, seed);
mkdirSync(dirname(out), { recursive: true });
writeFileSync(`${out}.md`, gateReport({ seed, command, trials, units, real }, `${basename(out)}.svg`));
writeFileSync(`${out}.svg`, gatePlot(operatingCurve(seed, size.simulations), real.judged));
say(`${out}.md and ${out}.svg are written`);
const refuted = gate.findings.filter(({ outcome }) => outcome === 'refuted');
const passed = trials.slice(1).filter(({ findings }) => findings.every(({ outcome }) => outcome !== 'refuted'));
for (const { criterion } of refuted) say(`REFUTED of the gate: ${criterion}`);
for (const { gate: wrong } of passed) say(`NOT refuted, though wrong: a gate that ${wrong.name}`);
process.exitCode = refuted.length + passed.length > 0 ? 1 : 0;
