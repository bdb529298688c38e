import { NONE } from '#distillation/domain/config.js';
import type { Begun, Step } from '#distillation/domain/distillation.js';
import { nothingToTeach } from '#distillation/domain/document.js';
import type { Downstream } from '#distillation/domain/events.js';
import { comparisonText } from '#distillation/domain/wording.js';
import { share } from './format.js';
import type { Screen } from './screen.js';

const bits = (value: number | null): string => (value === null ? 'not finite' : value.toFixed(3));

const rowOf = (name: string, { families, exactMean, generalBitsPerByte }: Downstream): readonly string[] => [
  name,
  ...Object.values(families).map(({ items, exact }) => share(exact / items)),
  share(exactMean),
  bits(generalBitsPerByte),
];

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

const sayTeacher = (screen: Screen, begun: Begun): void => {
  const worse = nothingToTeach(begun);
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
