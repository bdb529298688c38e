import { NONE } from '#distillation/domain/config.js';
import type { DistillationEvent, Downstream } from '#distillation/domain/events.js';
import { counted, said, section, sentence, type Block, type Cite, type Row, type Sentence } from './document.js';
import { ofType, poorIn, type Placed, type Told } from './told.js';

type Lesson = Told['students'][number];
type Shown = Readonly<{ downstream: Downstream; cite: Cite }>;

const exactIn = ({ families }: Downstream): readonly string[] =>
  Object.values(families).map(({ items, exact }) => `${((100 * exact) / items).toFixed(1)}%`);

const rowOf = (number: number, who: string, { downstream, cite }: Shown): Row => ({
  cells: [
    `${number}, ${who}`,
    ...exactIn(downstream),
    `${(100 * downstream.exactMean).toFixed(1)}%`,
    downstream.generalBitsPerByte?.toFixed(3) ?? 'not finite',
  ],
  cites: [cite],
});

const taughtBy = (events: readonly Placed<DistillationEvent>[]): Shown | undefined => {
  const [teacher] = ofType(events, 'TracesCaptured');
  return teacher && { downstream: teacher.event.data.downstream, cite: teacher.cite };
};

/** Whether each seed's teacher had anything to pass on; one that is no better than the student without it had not. */
const teachers = (lessons: readonly Lesson[]): readonly Sentence[] =>
  lessons.flatMap((lesson): readonly Sentence[] => {
    const { planned, events } = lesson;
    const teacher = taughtBy(events);
    const none = ofType(events, 'TransferConcluded').find(({ event }) => event.data.arm === NONE);
    if (!teacher || !none) return [];
    const poor = poorIn(lesson);
    return poor.length === 0
      ? []
      : [
          sentence(
            `The teacher of seed ${planned.number} gives no more exact answers than the student without one in ${poor.join(', ')}: there it had nothing to teach.`,
            teacher.cite,
            none.cite,
          ),
        ];
  });

const transferTable = (lessons: readonly Lesson[], families: readonly string[]): Block => ({
  kind: 'table',
  table: {
    caption: 'Exact answers by generation, and bits per byte of general text, of every teacher and student',
    head: ['Seed, who', ...families, 'All families', 'Bits per byte'],
    right: [...families.map((_, at) => at + 1), families.length + 1, families.length + 2],
    rows: lessons.flatMap(({ planned: { number }, events }) => {
      const teacher = taughtBy(events);
      const students = ofType(events, 'TransferConcluded').map(({ event, cite }) =>
        rowOf(number, event.data.arm, { downstream: event.data.downstream, cite }),
      );
      return [...(teacher ? [rowOf(number, 'teacher', teacher)] : []), ...students];
    }),
  },
});

const alignmentTable = (lessons: readonly Lesson[]): Block => ({
  kind: 'table',
  table: {
    caption: "How well a student's hidden states tell its teacher's, on held-out sequences",
    head: ['Seed, arm', 'R²', 'Relative error', 'Debiased CKA'],
    right: [1, 2, 3],
    rows: lessons.flatMap(({ planned: { number }, events }) =>
      ofType(events, 'AlignmentMeasured').map(({ event, cite }) => {
        const { arm, r2, relativeError, cka } = event.data;
        return {
          cells: [`${number}, ${arm}`, ...[r2, relativeError, cka].map((one) => one.toFixed(3))],
          cites: [cite],
        };
      }),
    ),
  },
});

/** What became of teachers and students, transfer and alignment apart. */
export const studentPart = ({ students }: Told): readonly Block[] => {
  const begun = students.filter(({ events }) => events.length > 0);
  const [first] = begun.flatMap(({ events }) => ofType(events, 'DistillationStarted'));
  const teacher = begun.map(({ events }) => taughtBy(events)).find((one) => one !== undefined);
  if (!first || !teacher) return [];
  const { student, sequence } = first.event.data.config;
  const tokens = student.training.steps * student.training.batch * sequence;
  return [
    section('transfer', 'What students can do'),
    said(
      sentence(
        `${counted(begun.length, 'teacher')}, one for each seed, and its students, which all read ${tokens} tokens. An answer counts where greedy decoding gives it to the last byte.`,
        ...begun.flatMap(({ events }) => events[0]?.cite ?? []),
      ),
      ...teachers(begun),
    ),
    transferTable(begun, Object.keys(teacher.downstream.families)),
    section('alignment', 'How hidden states are aligned'),
    said(sentence('Alignment is of the representation alone: it is no sign of what a student can do.')),
    alignmentTable(begun),
  ];
};
