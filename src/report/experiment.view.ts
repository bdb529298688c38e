import { Float, Int, ObjectType } from '@nestjs/graphql';
import { pageOf } from '#doors/page.js';
import { Shown } from '#doors/shown.js';
import { figuresSaid } from '#experiment/domain/conclusion-wording.js';
import { looksOf } from '#experiment/domain/registration.js';
import { modelSize, powerWarning } from './domain/registration-part.js';
import { resultsOf, type Result } from './domain/result-part.js';
import { isNegative } from './domain/result-words.js';
import { claimWords } from '#experiment/domain/registration-wording.js';
import { isExamined, ofType, registeredIn, type Told } from './domain/told.js';

const best = 'positive where the arm is better';

@ObjectType('Hypothesis')
export class HypothesisView {
  @Shown(() => String)
  readonly hypothesis!: string;
  @Shown(() => String, { description: 'in the words of whoever registered it' })
  readonly claim!: string;
  @Shown(() => String, { description: 'what was registered, in a sentence' })
  readonly registered!: string;
  @Shown(() => String)
  readonly arm!: string;
  @Shown(() => String, { description: 'another arm, or anchor' })
  readonly against!: string;
  @Shown(() => String)
  readonly metric!: string;
  @Shown(() => String, { description: 'superior, equivalent, non-inferior or inferior' })
  readonly expected!: string;
  @Shown(() => String, {
    nullable: true,
    description: 'that, or inconclusive, at the last look; null before the first',
  })
  readonly outcome!: string | null;
  @Shown(() => Boolean, { description: 'shown not to hold as registered' })
  readonly negative!: boolean;
  @Shown(() => Int, { nullable: true, description: 'seeds with a reading on both sides' })
  readonly n!: number | null;
  @Shown(() => String, { nullable: true, description: 'points, or percent of the bits per byte of the anchor' })
  readonly unit!: string | null;
  @Shown(() => Float, { nullable: true, description: best })
  readonly estimate!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly low!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly high!: number | null;
  @Shown(() => Float, { nullable: true, description: 'of the registered claim, corrected over its family by Holm' })
  readonly pHolm!: number | null;
  @Shown(() => String, { nullable: true, description: 'effect, interval, p, n and size of the models' })
  readonly sentence!: string | null;
  @Shown(() => Int, { nullable: true, description: 'position of its last conclusion' })
  readonly position!: number | null;
}

@ObjectType('PublishedReport')
export class PublishedReportView {
  @Shown(() => Int, { description: 'position of its record' })
  readonly position!: number;
  @Shown(() => String, { description: 'SHA-256 of the HTML, an artifact' })
  readonly html!: string;
  @Shown(() => String, { description: 'SHA-256 of the Markdown, an artifact' })
  readonly markdown!: string;
  @Shown(() => String, { description: 'which wording and drawing made it' })
  readonly format!: string;
}

/** A registered experiment and what its hypotheses came to. */
@ObjectType('Experiment')
export class ExperimentView {
  @Shown(() => String)
  readonly experiment!: string;
  @Shown(() => String)
  readonly question!: string;
  @Shown(() => String, { nullable: true, description: 'that it is underpowered, or has few seeds' })
  readonly warning!: string | null;
  @Shown(() => Int, { description: 'position of its registration' })
  readonly position!: number;
  @Shown(() => String, { description: 'RFC 3339, by the clock of whoever wrote it' })
  readonly at!: string;
  @Shown(() => String)
  readonly by!: string;
  @Shown(() => String, {
    description: 'leaf hash of its registration, which the seeds follow from unless it is paired',
  })
  readonly leaf!: string;
  @Shown(() => String, {
    nullable: true,
    description: 'the experiment from whose registration its seeds follow; null: its own',
  })
  readonly pairedWith!: string | null;
  @Shown(() => Int, { description: '1 until it is amended' })
  readonly version!: number;
  @Shown(() => String, { isArray: true })
  readonly arms!: readonly string[];
  @Shown(() => Int)
  readonly seeds!: number;
  @Shown(() => Int)
  readonly cycles!: number;
  @Shown(() => Int)
  readonly runsPlanned!: number;
  @Shown(() => Int)
  readonly runsBegun!: number;
  @Shown(() => Int)
  readonly runsCompleted!: number;
  @Shown(() => Int)
  readonly looksPlanned!: number;
  @Shown(() => Int)
  readonly looksTaken!: number;
  @Shown(() => HypothesisView, {
    isArray: true,
    description: 'in the order in which they were registered, none left out',
  })
  readonly hypotheses!: readonly HypothesisView[];
  @Shown(() => PublishedReportView, { isArray: true })
  readonly reports!: readonly PublishedReportView[];
}

export class ExperimentPage extends pageOf(ExperimentView) {}

const hypothesisView = (told: Told, result: Result, size: string): HypothesisView => {
  const { hypothesis, looks } = result;
  const last = looks.at(-1);
  const concluded = last?.concluded;
  const { arm, against, metric, expects, claim } = hypothesis;
  return {
    hypothesis: hypothesis.hypothesis,
    claim,
    registered: `Registered: ${claimWords(registeredIn(told).registration, hypothesis)}.`,
    arm,
    against,
    metric,
    expected: expects,
    outcome: concluded?.outcome ?? null,
    negative: isNegative(told, result),
    n: concluded?.n ?? null,
    unit: concluded?.unit ?? null,
    estimate: concluded?.estimate ?? null,
    low: concluded?.interval?.low ?? null,
    high: concluded?.interval?.high ?? null,
    pHolm: concluded?.p?.holm ?? null,
    sentence: concluded ? figuresSaid(concluded, size) : null,
    position: last?.cites[0]?.position ?? null,
  };
};

type Counts = Pick<ExperimentView, 'runsPlanned' | 'runsBegun' | 'runsCompleted'>;

/** Of runs, or of the distillations that it has in their place. */
const runCounts = ({ runs, students }: Told): Counts => ({
  runsPlanned: runs.length + students.length,
  runsBegun: [...runs, ...students].filter(({ events }) => events.length > 0).length,
  runsCompleted:
    runs.filter(({ events }) => ofType(events, 'RunCompleted').length > 0).length + students.filter(isExamined).length,
});

export const experimentView = (told: Told): ExperimentView => {
  const size = modelSize(told);
  const state = registeredIn(told);
  const { registration, version, looks } = state;
  const first = told.experiment[0];
  return {
    experiment: registration.experiment,
    question: registration.question.trim(),
    warning: powerWarning(registration) ?? null,
    position: first?.cite.position ?? 0,
    at: first?.at ?? '',
    by: first?.by ?? '',
    leaf: told.leaf,
    pairedWith: registration.pairedWith ?? null,
    version,
    arms: registration.arms.map(({ arm }) => arm),
    seeds: registration.seeds,
    cycles: registration.cycles,
    ...runCounts(told),
    looksPlanned: looksOf(registration).length,
    looksTaken: looks.length,
    hypotheses: resultsOf(told).map((result) => hypothesisView(told, result, size)),
    reports: ofType(told.experiment, 'ReportPublished').map(({ event, cite }) => {
      const { html, markdown, format } = event.data;
      return { position: cite.position, html, markdown, format };
    }),
  };
};
