import type { RunEvent } from '#run/domain/events.js';
import { counted, ended, said, section, sentence, type Block, type Sentence } from './document.js';
import { isExamined, ofType, type Placed, type Told, type ToldRun, type ToldStudents } from './told.js';

/** What an event says that did not go as planned; undefined where it did. */
const saidOf = (run: string, event: RunEvent): string | undefined => {
  switch (event.type) {
    case 'RunHalted':
      return `${run} was halted: ${event.data.reason}`;
    case 'RunResumed':
      return `${run} was resumed: ${event.data.reason}`;
    case 'CycleRecovered':
      return `${run} went on after an interruption in cycle ${event.data.cycle}: ${event.data.interrupted}`;
    case 'RollbackRequested':
      return `${run} went back to ${event.data.to.slice(0, 12)}: ${event.data.reason}`;
    case 'EvaluationVoided':
      return `${run}: the evaluation of cycle ${event.data.cycle} is void: ${event.data.reason}`;
    case 'UpdateAborted':
      return `${run}: an update of cycle ${event.data.cycle} was aborted (${event.data.reason}): ${event.data.message}`;
    case 'AdaptationStalled':
      return `${run} stalled after its updates of cycles ${event.data.rejected.join(', ')} were rejected`;
    case 'RegimeBackedOff':
      return `${run} backed off its regime in cycle ${event.data.cycle}`;
    default:
      return undefined;
  }
};

const afterItsEnd = ({ planned, events }: ToldRun): readonly Sentence[] => {
  const end = events.findIndex(({ event }) => event.type === 'RunCompleted');
  const later: readonly Placed<RunEvent>[] = end < 0 ? [] : events.slice(end + 1);
  if (later.length === 0) return [];
  const text = `${planned.run} has ${counted(later.length, 'record')} after its end, which count for nothing here.`;
  return [sentence(text, ...later.map(({ cite }) => cite))];
};

const ofRun = (run: ToldRun): readonly Sentence[] => {
  const { planned, events } = run;
  if (events.length === 0)
    return [sentence(`${planned.run} (arm ${planned.arm}, seed ${planned.seed}) has not begun.`)];
  const told = events.flatMap(({ event, cite }) => {
    const text = saidOf(planned.run, event);
    return text === undefined ? [] : [sentence(ended(text), cite)];
  });
  return [...told, ...afterItsEnd(run)];
};

const ofStudents = (students: ToldStudents): readonly Sentence[] => {
  const { planned, events } = students;
  const last = events.at(-1);
  if (!last) return [sentence(`${planned.run} (seed ${planned.seed}) has not begun.`)];
  const aborted = ofType(events, 'TrainingAborted').map(({ event: { data }, cite }) => {
    const whom = data.arm === null ? 'its teacher' : `its student ${data.arm}`;
    return sentence(
      ended(`${planned.run} (seed ${planned.seed}): the training of ${whom} was aborted: ${data.message}`),
      cite,
    );
  });
  return isExamined(students)
    ? aborted
    : [
        ...aborted,
        sentence(`${planned.run} (seed ${planned.seed}) is not at its end: not every student was examined.`, last.cite),
      ];
};

const studentDeviations = ({ students }: Told): readonly Block[] => {
  const done = students.filter(isExamined);
  const items = students.flatMap(ofStudents);
  const ends = done.flatMap(({ events }) => events.at(-1)?.cite ?? []);
  return [
    section('deviations', 'What did not go as planned'),
    said(sentence(`${done.length} of ${counted(students.length, 'planned distillation')} completed.`, ...ends)),
    items.length === 0 ? said(sentence('No seed was replaced.')) : { kind: 'list', items },
  ];
};

/** Everything that did not go as planned, each where the log has it. */
export const deviationPart = (told: Told): readonly Block[] => {
  if (told.students.length > 0) return studentDeviations(told);
  const completed = told.runs.filter(({ events }) => ofType(events, 'RunCompleted').length > 0);
  const items = told.runs.flatMap(ofRun);
  const ends = completed.flatMap(({ events }) => ofType(events, 'RunCompleted').map(({ cite }) => cite));
  return [
    section('deviations', 'What did not go as planned'),
    said(sentence(`${completed.length} of ${counted(told.runs.length, 'planned run')} completed.`, ...ends)),
    items.length === 0
      ? said(sentence('Nothing was halted, interrupted, aborted, voided or rolled back, and no seed was replaced.'))
      : { kind: 'list', items },
  ];
};
