import { NONE } from '#distillation/domain/config.js';
import type { Begun, Step } from '#distillation/domain/distillation.js';
import type { Comparison, Downstream } from '#distillation/domain/events.js';
import { ALL_FAMILIES, GENERAL } from '#distillation/domain/transfer.js';
import { share, signed } from './format.js';
import type { Screen } from './screen.js';

/** What --json answers of a distillation: alignment and transfer in fields of their own. */
export const documentOf = ({ config, experiment, inputs, teacher, aborted, students }: Begun): object => ({
  config,
  experiment,
  inputs,
  teacher: teacher ?? null,
  aborted: aborted ?? null,
  arms: config.arms.map(({ arm }) => {
    const { trained = null, aborted: ended = null, alignment = null, transfer = null } = students[arm] ?? {};
    return { arm, trained, aborted: ended, alignment, transfer };
  }),
});

const bits = (value: number | null): string => (value === null ? 'not finite' : value.toFixed(3));

const rowOf = (name: string, { families, exactMean, generalBitsPerByte }: Downstream): readonly string[] => [
  name,
  ...Object.values(families).map(({ items, exact }) => share(exact / items)),
  share(exactMean),
  bits(generalBitsPerByte),
];

const MEASURES: Readonly<Record<string, string>> = {
  [ALL_FAMILIES]: 'all families',
  [GENERAL]: 'bits per byte of general text',
};

const WHY: Readonly<Record<NonNullable<Comparison['why']>, string>> = {
  undecided: 'neither a difference nor that it is smaller than what is of interest is shown',
  zeroVariance: 'all differences are the same, so nothing says how sure that is',
  notFinite: 'a figure of one of the two is not finite',
};

/** "superior in selective-copy by +9.00 points (99.6%: +2.10 to +15.90)". */
const comparisonText = ({ measure, outcome, unit, estimate, interval, why }: Comparison): string => {
  const said = `${outcome} in ${MEASURES[measure] ?? measure}`;
  const because = why === null ? '' : `: ${WHY[why]}`;
  if (estimate === null || interval === null) return `${said}${because}`;
  const { level, low, high } = interval;
  const bounds = low === null || high === null ? 'no bounds' : `${signed(low, 2)} to ${signed(high, 2)}`;
  return `${said} by ${signed(estimate, 2)} ${unit} (${Number((100 * level).toPrecision(4))}%: ${bounds})${because}`;
};

/** What is to be done next. */
export const stepWords = (step: Exclude<Step, { kind: 'rest' }>): string => {
  switch (step.kind) {
    case 'capture':
      return 'train the teacher, and trace what it says';
    case 'train':
      return `train student ${step.arm.arm}`;
    case 'align':
      return `compare the hidden states of student ${step.arm.arm} with the teacher's`;
    case 'transfer':
      return `examine what student ${step.arm.arm} can do`;
  }
};

/** What was not finite, and what is not to be had because of it. */
const sayAborted = (screen: Screen, { config, aborted, students }: Begun): void => {
  if (aborted)
    screen.paragraph(`${aborted.message}; there is no teacher, and so no student`, '  teacher aborted  ', 'bad');
  for (const { arm } of config.arms) {
    const ended = students[arm]?.aborted;
    const rest = arm === NONE ? 'no student has anything to be held against' : 'there is no such student';
    if (ended) screen.paragraph(`${ended.message}; ${rest}`, `  ${arm} aborted  `, 'bad');
  }
};

/** Where the teacher gives no more answers than a student that nobody taught, there is nothing to pass on. */
const sayTeacher = (screen: Screen, { teacher, students }: Begun): void => {
  const none = students[NONE]?.transfer?.downstream;
  if (!teacher || !none) return;
  const families = Object.entries(teacher.downstream.families);
  const worse = families
    .filter(([name, { exact }]) => exact <= (none.families[name]?.exact ?? 0))
    .map(([name]) => name);
  if (worse.length > 0)
    screen.paragraph(
      `it is no better than the student without a teacher in ${worse.join(', ')}: there it has nothing to teach`,
      '  teacher  ',
      'warn',
    );
};

const sayTransfer = (screen: Screen, begun: Begun): void => {
  const { config, teacher, students } = begun;
  if (!teacher) return;
  screen.title('Transfer: what each can do (exact answers by generation), and general bits per byte');
  const done = config.arms.flatMap(({ arm }) => {
    const transfer = students[arm]?.transfer;
    return transfer ? [transfer] : [];
  });
  screen.table({
    head: ['', ...Object.keys(teacher.downstream.families), 'mean', 'bits per byte'],
    rows: [rowOf('teacher', teacher.downstream), ...done.map(({ arm, downstream }) => rowOf(arm, downstream))],
    flexible: 0,
    right: Object.keys(teacher.downstream.families).map((_, at) => at + 1),
  });
  sayTeacher(screen, begun);
  for (const { arm, against, comparisons } of done)
    for (const one of comparisons) screen.paragraph(comparisonText(one), `  ${arm} against ${against}  `);
};

const sayAlignment = (screen: Screen, { config, students }: Begun): void => {
  const measured = config.arms.flatMap(({ arm }) => students[arm]?.alignment ?? []);
  if (measured.length === 0) return;
  screen.title(
    'Alignment: how well hidden states tell the teacher’s on held-out sequences; no sign of what a student can do',
  );
  screen.table({
    head: ['', 'R²', 'relative error', 'CKA'],
    rows: measured.map(({ arm, r2, relativeError, cka }) =>
      [arm, r2, relativeError, cka].map((value) => (typeof value === 'number' ? value.toFixed(3) : value)),
    ),
    flexible: 0,
    right: [1, 2, 3],
  });
};

/** A distillation as far as it is. */
export const sayDistillation = (screen: Screen, begun: Begun): void => {
  const { config, experiment } = begun;
  const { distillation, seed, student, sequence } = config;
  const tokens = student.training.steps * student.training.batch * sequence;
  const whose = experiment === null ? 'exploratory' : `of experiment ${experiment}`;
  screen.paragraph(
    `${whose}, seed ${seed}, ${config.arms.length} arms at ${tokens.toLocaleString('en')} student tokens each`,
    `${screen.tint('bold', `Distillation ${distillation}`)}: `,
  );
  sayAborted(screen, begun);
  sayTransfer(screen, begun);
  sayAlignment(screen, begun);
};
