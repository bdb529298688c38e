import type { CurveEnvelope } from '#experiment/domain/envelope.js';
import { causeSentence, curveSentence, envelopeSentence } from '#experiment/domain/wording.js';
import { measuredRuns, type ArmStory } from './arm-story.js';
import { counted, heading, said, section, sentence, type Block, type Cite, type Table } from './document.js';

const evidenceOf = (story: ArmStory): readonly Cite[] => measuredRuns(story).flatMap(({ evidence }) => evidence);

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

/** Said by the arm's own sentence already. */
const isInHeadline = ({ curve, metric }: CurveEnvelope): boolean => curve === 'accepted' && metric.unit === 'accuracy';

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
        ...envelope.attribution.map((found) => sentence(causeSentence(found), ...evidence)),
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
