import { Injectable } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsOptional, Matches } from 'class-validator';
import { AsOfQuery } from '#doors/as-of-query.js';
import { settleAsOf } from '#doors/as-of.js';
import { InvalidRequest } from '#doors/dispatch.js';
import { Views } from '#doors/read-model.js';
import { NAME, type RunConfig } from '#run/domain/config.js';
import { differingSetting, measuredOf } from './domain/arm.js';
import { envelopeOf, type Measured } from './domain/envelope.js';
import { factsOf, type Fact } from './domain/fact.js';
import { isReported, resultsNeeded, SOURCES, type Source } from './domain/readings.js';
import { envelopeView, type EnvelopeView } from './envelope.view.js';
import { Kept } from '#doors/kept.js';
import { RunFacts } from './run-facts.js';

export const MOST_RUNS = 64;
const MOST_KEPT = 64;

const asNames = ({ value }: Readonly<{ value: unknown }>): unknown =>
  typeof value === 'string' ? value.split(',').filter((name) => name !== '') : value;

export class EnvelopeQuery extends AsOfQuery {
  @ApiPropertyOptional({
    description: `further runs of the same arm with other seeds, at most ${MOST_RUNS}, with commas between`,
    type: 'string',
    example: 'seed-2,seed-3',
  })
  @IsOptional()
  @Transform(asNames)
  @IsArray()
  @ArrayMaxSize(MOST_RUNS)
  @Matches(NAME, { each: true })
  readonly runs?: readonly string[];

  @ApiPropertyOptional({
    enum: SOURCES,
    description: "what the curves are measured on; default: report once every run's look is complete, gate until then",
  })
  @IsOptional()
  @IsIn(SOURCES)
  readonly source?: Source;
}

type Loaded = Readonly<{ run: string; config: RunConfig; facts: readonly Fact[] }>;
type Answer = Omit<EnvelopeView, 'asOf'>;

const refuse = (run: string, why: string): InvalidRequest => {
  const allowed = 'runs of one arm that differ in their seeds';
  return new InvalidRequest(`runs: ${run} ${why}; allowed are ${allowed}`, { field: 'runs', value: run, allowed }, 400);
};

/** @throws InvalidRequest when the runs are not one arm with different seeds */
const checkOneArm = ([first, ...others]: readonly Loaded[]): void => {
  const seeds = new Map(first ? [[first.config.seed, first.run]] : []);
  for (const { run, config } of others) {
    const setting = first && differingSetting(first.config, config);
    if (setting) throw refuse(run, `differs from ${first.run} in ${setting}`);
    const twin = seeds.get(config.seed);
    if (twin !== undefined) throw refuse(run, `has the seed ${config.seed} of ${twin}, so it is the same run again`);
    seeds.set(config.seed, run);
  }
};

/** The convergence envelope of one run, or of an arm by several seeds. */
@Injectable()
export class EnvelopeQuestions {
  private readonly byPosition = new Kept<Answer>(MOST_KEPT);
  /** Facts are only ever added: how many there are says which. */
  private readonly byFacts = new Kept<Answer>(MOST_KEPT);

  constructor(
    private readonly facts: RunFacts,
    private readonly views: Views,
  ) {}

  /** @throws NotFound, InvalidRequest */
  async of(run: string, { runs = [], source, asOf: asked }: EnvelopeQuery): Promise<EnvelopeView> {
    const asOf = await settleAsOf(this.views, asked);
    const names = [...new Set([run, ...runs])].sort();
    const key = JSON.stringify([source ?? '', asOf, ...names]);
    return { ...(await this.byPosition.of(key, () => this.answer(names, source, asOf))), asOf };
  }

  private async answer(names: readonly string[], asked: Source | undefined, asOf: number): Promise<Answer> {
    const loaded = await Promise.all(names.map(async (run) => this.load(run, asOf)));
    checkOneArm(loaded);
    const source = asked ?? (loaded.every(({ facts }) => isReported(facts)) ? 'report' : 'gate');
    const trainBytes = await this.facts.trainBytes(asOf);
    const key = JSON.stringify([source, ...loaded.map(({ run, facts }) => [run, facts.length]), ...trainBytes]);
    return this.byFacts.of(key, () => this.compute(loaded, source, trainBytes));
  }

  private async compute(
    loaded: readonly Loaded[],
    source: Source,
    trainBytes: ReadonlyMap<string, number>,
  ): Promise<Answer> {
    const measured: Measured[] = [];
    for (const { facts } of loaded) {
      const scored = await this.facts.scored(resultsNeeded(facts, source));
      const one = measuredOf(facts, { source, trainBytes, unitsOf: (hash) => scored.get(hash) });
      if (one) measured.push(one);
    }
    return envelopeView(envelopeOf(measured), source);
  }

  private async load(run: string, asOf: number): Promise<Loaded> {
    const facts = await this.facts.of(run, asOf);
    const [start] = factsOf(facts, 'start');
    if (!start) throw new RangeError(`run ${run}: its first event is not RunStarted`);
    return { run, config: start.config, facts };
  }
}
