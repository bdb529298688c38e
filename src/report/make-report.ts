import { capability, generalQuality } from '#experiment/domain/curve.js';
import { allocationFigure } from './allocation-figure.js';
import { curveFigure } from './curve-figure.js';
import { armStories, type ArmStory } from './domain/arm-story.js';
import { costPart } from './domain/cost-part.js';
import { cyclePart } from './domain/cycle-part.js';
import { deviationPart } from './domain/deviation-part.js';
import { section, type Block, type Figure, type Report } from './domain/document.js';
import { envelopePart } from './domain/envelope-part.js';
import { checkPart, headPart } from './domain/head-part.js';
import { htmlOf } from './domain/html.js';
import { markdownOf } from './domain/markdown.js';
import { registrationPart } from './domain/registration-part.js';
import { resultPart, resultsOf } from './domain/result-part.js';
import { studentPart } from './domain/student-part.js';
import { asOfTold, registeredIn, type Told } from './domain/told.js';
import { doseFigure, paretoFigure } from './effect-figures.js';
import { forestFigure } from './forest-figure.js';
import { standing } from './picture.js';
import { STYLE } from './report-style.js';

const shown = (...figures: readonly (Figure | undefined)[]): readonly Block[] =>
  figures.flatMap((figure): readonly Block[] => (figure ? [{ kind: 'figure', figure }] : []));

const curvesPart = (stories: readonly ArmStory[]): readonly Block[] => {
  const figures = shown(
    curveFigure(stories, capability),
    curveFigure(stories, generalQuality),
    paretoFigure(stories),
    doseFigure(stories),
    allocationFigure(stories),
  );
  return figures.length === 0 ? [] : [section('curves', 'Curves, gains and losses'), ...figures];
};

/** What became of runs, which students are not. */
const runParts = (stories: readonly ArmStory[], cycles: number): readonly Block[] => [
  ...curvesPart(stories),
  ...cyclePart(stories, cycles),
  ...envelopePart(stories),
];

/** What is to be said of an experiment, before it is written out. A pure function of its records. */
export const makeReport = (told: Told): Report => {
  const { registration } = registeredIn(told);
  const stories = armStories(told);
  const results = resultsOf(told);
  const { experiment, cycles, distillation } = registration;
  return {
    experiment,
    asOf: asOfTold(told),
    blocks: [
      ...headPart(told, results),
      ...resultPart(told, shown(forestFigure(told, results))),
      ...(distillation ? studentPart(told) : runParts(stories, cycles)),
      ...registrationPart(told),
      ...deviationPart(told),
      ...(distillation ? [] : costPart(stories)),
      ...checkPart(registration),
    ],
  };
};

/** Raised whenever the same records would give other bytes than before: a golden test holds them. */
export const FORMAT = 'report/1';

/** A report as files: `name` with its content. The pictures lie beside the Markdown, which shows them. */
export type ReportFiles = Readonly<{
  html: string;
  markdown: string;
  figures: readonly Readonly<{ name: string; svg: string }>[];
}>;

export const writeReport = (report: Report): ReportFiles => ({
  html: htmlOf(report, STYLE),
  markdown: markdownOf(report),
  figures: report.blocks.flatMap((block) =>
    block.kind === 'figure' ? { name: block.figure.name, svg: standing(block.figure.title, block.figure.svg) } : [],
  ),
});
