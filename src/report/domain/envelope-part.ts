import type { CurveEnvelope } from '#experiment/domain/envelope.js';
import type { Cause } from '#experiment/domain/attribution.js';
import { causeSentence, curveSentence, envelopeSentence } from '#experiment/domain/wording.js';
import type { RunEvent } from '#run/domain/events.js';
import { measuredRuns, type ArmStory } from './arm-story.js';
import { counted, heading, said, section, sentence, type Block, type Cite, type Table } from './document.js';
import { ofType, type Placed } from './told.js';

const evidenceOf = (story: ArmStory): readonly Cite[] => measuredRuns(story).flatMap(({ evidence }) => evidence);

/** Said by the arm's own sentence already. */
const isInHeadline = ({ curve, metric }: CurveEnvelope): boolean => curve === 'accepted' && metric.unit === 'accuracy';

/** What is counted for a cause besides what the curve follows from; of the tail, where only its cycles count. */
const behindCause = (events: readonly Placed<RunEvent>[], cause: Cause, from: number): readonly Cite[] => {
  const verdicts = ofType(events, 'VerdictReached').filter(({ event }) => event.data.cycle >= from);
  const stops = [...ofType(events, 'RegimeBackedOff'), ...ofType(events, 'AdaptationStalled')];
  const read = [...ofType(events, 'CycleProposed'), ...ofType(events, 'UpdateProduced')];
  const behind = {
    GATE: [...verdicts, ...stops],
    POWER: verdicts,
    CEILING: [],
    DATA: [...ofType(events, 'RunStarted'), ...read],
    DYNAMICS: [...verdicts, ...stops],
  };
  return behind[cause].map(({ cite }) => cite);
};

const evidenceOfCause = (story: ArmStory, cause: Cause): readonly Cite[] => {
  const accepted = story.envelope.curves.find(isInHeadline);
  const from = accepted?.tail?.fromCycle ?? 0;
  return [...evidenceOf(story), ...measuredRuns(story).flatMap(({ events }) => behindCause(events, cause, from))];
};

const nameOf = ({ curve, metric }: CurveEnvelope): string =>
  `${curve === 'proposal' ? 'Proposed' : 'Accepted'} ${metric.metric}`;

const statesTable = (stories: readonly ArmStory[]): Table => ({
  caption: 'State of every curve of every arm',
  head: ['Arm', ...(stories[0]?.envelope.curves.map(nameOf) ?? []), 'Seeds', 'Stalled', 'Due to'],
  right: [5],
  rows: stories.map((story) => {
    const { curves, stalled, attribution, runs } = story.envelope;
    const causes = attribution.filter(({ holds }) => holds).map(({ cause }) => cause);
    const cells = [
      story.arm,
      ...curves.map(({ points, state }) => (points.length < 2 ? '–' : state)),
      String(runs.length),
      stalled === null ? '–' : stalled ? 'yes' : 'no',
      stalled ? causes.join(', ') || 'no cause shows' : '–',
    ];
    return { cells, cites: evidenceOf(story) };
  }),
});

const ofArm = (story: ArmStory): readonly Block[] => {
  const { envelope, arm, runs } = story;
  const evidence = evidenceOf(story);
  const missing = runs.length - envelope.runs.length;
  return [
    heading(`envelope-${arm}`, arm),
    said(
      sentence(envelopeSentence(envelope), ...evidence),
      ...(missing > 0
        ? [
            sentence(
              `${counted(missing, 'run')} of this arm without a complete report ${missing === 1 ? 'is' : 'are'} not in it.`,
            ),
          ]
        : []),
    ),
    {
      kind: 'list',
      items: [
        ...envelope.curves
          .filter((curve) => curve.points.length > 1 && !isInHeadline(curve))
          .map((curve) => sentence(curveSentence(curve), ...evidence)),
        ...envelope.attribution.map((found) => sentence(causeSentence(found), ...evidenceOfCause(story, found.cause))),
      ],
    },
  ];
};

/** How each arm's curves go on, why they stop where they do, and what that means. */
export const envelopePart = (stories: readonly ArmStory[]): readonly Block[] => [
  section('envelope', 'Convergence envelope of every arm'),
  said(
    sentence(
      'A state is what the last two cycles of a curve both show: improving, compounding, peaked, plateau, oscillating, ' +
        'collapsed, or inconclusive, which means that nothing is shown for certain.',
    ),
  ),
  { kind: 'table', table: statesTable(stories) },
  ...stories.flatMap(ofArm),
];
