import type { Command } from 'commander';
import { constitutionInputSchema, type Constitution } from '#constitution/domain/document.js';
import {
  defaultGrid,
  operatingCharacteristics,
  plannedMetrics,
  sightSentence,
  whatTheGateSees,
} from '#constitution/domain/power.js';
import { explainIssue } from '#doors/explain-issue.js';
import { registerConstitutionAmend } from './constitution-amend.js';
import { registerConstitutionRead } from './constitution-read.js';
import { BadInput } from './failures.js';
import { checkedRunFile, readFields } from './run-file.js';
import { whole, type Session } from './session.js';

type Units = Readonly<{ documents?: number; blocks?: number }>;
type Planned = Readonly<{ constitution: Constitution; units: Units }>;

const unitCount = whole(10, 5000);

/** A run file (it has a run's name), a constitution alone, or without a file the default constitution. */
const planned = async (file: string | undefined): Promise<Planned> => {
  const fields = file === undefined ? {} : await readFields(file);
  if ('run' in fields) {
    const { constitution, evaluation } = checkedRunFile(fields);
    const { documents, blocks } = evaluation;
    return { constitution, units: { ...(documents && { documents }), ...(blocks && { blocks }) } };
  }
  const parsed = constitutionInputSchema.safeParse(fields);
  if (parsed.success) return { constitution: parsed.data, units: {} };
  throw new BadInput(explainIssue(parsed.error.issues[0], fields, constitutionInputSchema));
};

const percent = (accepted: number): string => `${Math.round(accepted * 100)}%`;

const power = async (session: Session, file: string | undefined, asked: Units): Promise<void> => {
  const { constitution, units } = await planned(file);
  const chosen = { ...units, ...asked };
  const metrics = plannedMetrics.map((metric) => ({
    ...metric,
    units: (metric.metric === 'capability' ? chosen.blocks : chosen.documents) ?? metric.units,
  }));
  const { screen } = session;
  screen.progress.working('simulating the gate with its own judge');
  const sight = whatTheGateSees(constitution, metrics);
  const grid = operatingCharacteristics(constitution, metrics);
  const { kMax } = constitution.alphaPlan;
  screen.paragraph(sightSentence(sight));
  screen.title(`Share of candidates accepted, by what they truly are (candidate k of ${kMax})`);
  const { gainsPoints, degradationsPercent, ks } = defaultGrid;
  screen.table({
    head: ['text worse by', 'k', ...gainsPoints.map((gain) => `gain ${gain}`)],
    rows: degradationsPercent.flatMap((degradation) =>
      ks.map((k) => [
        `${degradation}%`,
        String(k),
        ...gainsPoints.map((gain) => {
          const point = grid.find(
            (each) => each.k === k && each.gainPoints === gain && each.degradationPercent === degradation,
          );
          return point ? percent(point.accept) : '–';
        }),
      ]),
    ),
    right: [0, 1, 2, 3, 4, 5],
  });
  screen.say('');
  const spreads = metrics.map(({ metric, units: count, sd }) => `${metric}: ${count} units, spread ${sd}`).join('; ');
  screen.paragraph(
    `Gain: points of capability over the champion. 400 simulations a cell, judged by the project's own judge. Assumed: ${spreads}. Every k up to ${kMax} has the same share of alpha; beyond it nothing is accepted.`,
  );
  if (sight.hopeless) session.failCheck();
  screen.document({ sentence: sightSentence(sight), sight, metrics, kMax, grid });
};

export const registerConstitution = (program: Command, session: Session): void => {
  const constitution = program.command('constitution').description('the rules that a change is judged by');
  registerConstitutionRead(constitution, session);
  registerConstitutionAmend(constitution, session);
  constitution
    .command('power')
    .argument('[file]', 'a run file or a constitution; without one the default constitution')
    .description('what gain and what loss the gate can tell apart, before anything is trained')
    .option('--documents <n>', 'documents that general quality is measured on', unitCount)
    .option('--blocks <n>', 'blocks of tasks that capability is measured on', unitCount)
    .action((file: string | undefined, units: Units) => power(session, file, units));
};
