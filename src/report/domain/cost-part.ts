import { countedName, type ArmStory } from './arm-story.js';
import { said, section, sentence, type Block, type Row, type Sentence } from './document.js';
import { ofType } from './told.js';

const MS = 1_000;

const rowOf = (story: ArmStory): Row => {
  const updates = story.runs.flatMap(({ events }) => ofType(events, 'UpdateProduced'));
  const env = updates.map(({ event }) => event.data.env);
  const wall = env.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0) / MS;
  const core = env.reduce((sum, { elapsedMs, threads }) => sum + elapsedMs * threads, 0) / MS;
  const threads = [...new Set(env.map((one) => one.threads))].sort((a, b) => a - b);
  const backends = [...new Set(env.map(({ backend }) => backend))].sort();
  const tokens = updates.reduce((sum, { event }) => sum + event.data.tokens, 0);
  const cells = [
    countedName(story),
    String(updates.length),
    (tokens / 1e6).toFixed(2),
    wall.toFixed(1),
    core.toFixed(1),
    threads.join(', ') || '–',
    backends.join(', ') || '–',
  ];
  return { cells, cites: updates.map(({ cite }) => cite) };
};

/** What reports must not be added up without. */
const sharedRuns = (stories: readonly ArmStory[]): readonly Sentence[] => {
  const others = [...new Set(stories.flatMap(({ sharedWith }) => sharedWith ?? []))];
  return others.map((other) => sentence(`Runs of ${other} were made once, and stand in its report too.`));
};

/** What it took, by the clocks of the machines that trained: no outcome, and another machine takes another time. */
export const costPart = (stories: readonly ArmStory[]): readonly Block[] => [
  section('cost', 'What it took'),
  said(
    sentence(
      'Time is no outcome: it is what the trainers said of themselves, no verdict reads it, and a replay takes another. ' +
        'Core seconds are the time of an update by its threads, busy or not. Bases are counted with their arm.',
    ),
    ...sharedRuns(stories),
  ),
  {
    kind: 'table',
    table: {
      caption: 'Training by arm',
      head: ['Arm', 'Updates', 'Million tokens', 'Seconds', 'Core seconds', 'Threads', 'Trained by'],
      right: [1, 2, 3, 4],
      rows: stories.map(rowOf),
    },
  },
];
