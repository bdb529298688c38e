import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { judgeEnvelope } from './criteria.js';
import { envelopePlot } from './envelope-plot.js';
import { envelopeReport } from './envelope-report.js';
import { SIZES } from './settings.js';
import { simulate } from './simulate.js';
import { ArmThreads } from './spread-arms.js';

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  seed: { type: 'string', default: 'envelope-operating/1' },
  out: { type: 'string', default: 'docs/envelope-operating' },
} as const;

const read = (): ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'] => {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    const named = `${(error as Error).message}; there are --quick, --seed TEXT and --out PATH`;
    process.stderr.write(`study envelope-operating: ${named}\n`);
    process.exit(2);
  }
};

const { quick, seed, out } = read();
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const threads = new ArmThreads(availableParallelism());
const extent = { seed, arms: quick ? 100 : 1_000, sizes: SIZES };
const findings = await simulate((parts) => threads.run(parts), extent, say);
await threads.close();

const criteria = judgeEnvelope(findings);
const command = `npm run study -- envelope-operating${quick ? ' --quick' : ''}`;
mkdirSync(dirname(out), { recursive: true });
writeFileSync(`${out}.md`, envelopeReport({ ...extent, command, findings, criteria }, `${basename(out)}.svg`));
writeFileSync(`${out}.svg`, envelopePlot(findings.planted));
say(`${out}.md and ${out}.svg are written`);
for (const { criterion, outcome, worst, hits, trials } of criteria)
  say(`${outcome}: ${criterion} (${worst}: ${hits} of ${trials})`);
process.exitCode = criteria.some(({ outcome }) => outcome === 'refuted') ? 1 : 0;
