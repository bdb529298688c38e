import { Float, Int, ObjectType } from '@nestjs/graphql';
import { Shown } from '#doors/shown.js';
import type { Started } from '#run/domain/run.js';
import { lastCycle } from '#run/domain/run.js';
import { guessesOf, observe, scoutedUpTo, unseen } from './domain/competence.js';
import { QUANTITIES } from './domain/forecast.js';
import { heldAgainst, skillOf, type HeldCycle } from './domain/skill.js';
import { skillSentence } from './domain/wording.js';

@ObjectType('ReplayWeight')
export class ReplayWeightView {
  @Shown(() => String)
  readonly domain!: string;
  @Shown(() => Int, { description: 'share of the replayed sequences in millionths' })
  readonly ppm!: number;
}

/** The sequences that the last update could be shown again. */
@ObjectType('EpisodicMemory')
export class EpisodicView {
  @Shown(() => Int)
  readonly cycle!: number;
  @Shown(() => String, { description: 'SHA-256 of the artifact that lists them' })
  readonly sequences!: string;
  @Shown(() => Int)
  readonly count!: number;
  @Shown(() => ReplayWeightView, { isArray: true })
  readonly replayWeights!: readonly ReplayWeightView[];
}

/** What is believed of a domain from the scout suite. */
@ObjectType('Competence')
export class CompetenceView {
  @Shown(() => String)
  readonly domain!: string;
  @Shown(() => Float, { description: "loss as a share of a guess's loss; 0: nothing left to learn" })
  readonly lossShare!: number;
  @Shown(() => Float, { description: 'standard deviation of that belief' })
  readonly sd!: number;
}

const OF =
  'skillGain (share of the loss of a guess), generalChangeBitsPerByte, klToChampionNatsPerByte, or acceptance (a probability)';

@ObjectType('Forecast')
export class ForecastView {
  @Shown(() => Int)
  readonly cycle!: number;
  @Shown(() => String, { description: OF })
  readonly of!: string;
  @Shown(() => Float, { description: 'mean, or probability' })
  readonly forecast!: number;
  @Shown(() => Float, { nullable: true, description: 'null of a probability' })
  readonly sd!: number | null;
  @Shown(() => Float, { description: "the same from the run's own past alone" })
  readonly climatology!: number;
  @Shown(() => Float, { nullable: true })
  readonly climatologySd!: number | null;
  @Shown(() => Float, { nullable: true, description: 'what came, 1 for an ACCEPT; null where it is not known (yet)' })
  readonly came!: number | null;
}

@ObjectType('ForecastScore')
export class ForecastScoreView {
  @Shown(() => String, { description: OF })
  readonly of!: string;
  @Shown(() => String, { description: 'crps or brier, lower is better; log (nats), higher is better' })
  readonly score!: string;
  @Shown(() => Int, { description: 'forecasts whose outcome is known' })
  readonly count!: number;
  @Shown(() => Float, { description: 'mean score of the forecasts' })
  readonly forecast!: number;
  @Shown(() => Float, { description: "mean score of the run's own past" })
  readonly climatology!: number;
  @Shown(() => Float, {
    nullable: true,
    description: 'by which share of its score the forecast is better, of log by how many nats; negative: worse',
  })
  readonly skill!: number | null;
}

/** What a run remembers of its own past, and how well it foresaw what came. */
@ObjectType('Memory')
export class MemoryView {
  @Shown(() => String)
  readonly run!: string;
  @Shown(() => EpisodicView, { nullable: true, description: 'null where no update was shown a sequence again' })
  readonly episodic!: EpisodicView | null;
  @Shown(() => CompetenceView, { isArray: true })
  readonly competence!: readonly CompetenceView[];
  @Shown(() => ForecastView, { isArray: true, description: 'by cycle; empty where the run makes none' })
  readonly forecasts!: readonly ForecastView[];
  @Shown(() => ForecastScoreView, { isArray: true })
  readonly skill!: readonly ForecastScoreView[];
  @Shown(() => String)
  readonly sentence!: string;
  @Shown(() => Int, { description: 'the position of the log that the answer is as of' })
  readonly asOf!: number;
}

const episodicOf = (run: Started): EpisodicView | null => {
  const proposal = run.cycles.findLast((cycle) => cycle.proposal?.memory)?.proposal;
  if (!proposal?.memory) return null;
  const { sequences, count, replayWeightsPpm } = proposal.memory;
  const replayWeights = Object.entries(replayWeightsPpm).map(([domain, ppm]) => ({ domain, ppm }));
  return { cycle: proposal.cycle, sequences, count, replayWeights };
};

const competenceOf = (run: Started): readonly CompetenceView[] => {
  const seen = scoutedUpTo(run, lastCycle(run));
  const beliefs = [...seen.values()].reduce(observe, unseen(guessesOf(run.config).keys()));
  return [...beliefs].map(([domain, { mean, variance }]) => ({ domain, lossShare: mean, sd: Math.sqrt(variance) }));
};

const rowsOf = ({ cycle, quantities, acceptance }: HeldCycle): readonly ForecastView[] => [
  ...QUANTITIES.map((of) => {
    const { forecast, climatology, came } = quantities[of];
    return {
      cycle,
      of,
      forecast: forecast.mean,
      sd: forecast.sd,
      climatology: climatology.mean,
      climatologySd: climatology.sd,
      came,
    };
  }),
  {
    cycle,
    of: 'acceptance',
    forecast: acceptance.forecast,
    sd: null,
    climatology: acceptance.climatology,
    climatologySd: null,
    came: acceptance.came === null ? null : Number(acceptance.came),
  },
];

/** Everything about a run's memory that follows from its events. */
export const memoryView = (run: Started): Omit<MemoryView, 'asOf'> => {
  const held = heldAgainst(run);
  const skill = skillOf(held);
  return {
    run: run.config.run,
    episodic: episodicOf(run),
    competence: competenceOf(run),
    forecasts: held.flatMap(rowsOf),
    skill,
    sentence: skillSentence(run.config.memory, skill),
  };
};
