import { Injectable } from '@nestjs/common';
import { pageFrom, placeSchema, settleAsOf } from '#doors/as-of.js';
import type { BulkQuery } from '#doors/bulk.js';
import { Kept } from '#doors/kept.js';
import type { Page } from '#doors/page.js';
import { NotFound } from '#doors/problem.js';
import { Views } from '#doors/read-model.js';
import { distillationStream } from '#distillation/domain/distillation.js';
import { experimentStream } from '#experiment/domain/experiment.js';
import { Log } from '#ledger/log.js';
import { runStream } from '#run/domain/run.js';
import type { Told } from './domain/told.js';
import { experimentView, type ExperimentView } from './experiment.view.js';
import { readTold } from './read-told.js';
import type { MadeReport } from './report-of.js';

type Known = Readonly<{ experiment: string; position: number }>;

/** Experiments are few and their records many: each is read once for a position of the log. */
const EXPERIMENTS_KEPT = 16;

const registeredAt = ({ experiment }: Told): number => experiment[0]?.cite.position ?? 0;

const PREFIX = `${experimentStream.name}-`;

/** Registered experiments and what they came to, straight from the log. */
@Injectable()
export class ExperimentQuestions {
  private readonly told = new Kept<Told | undefined>(EXPERIMENTS_KEPT);
  /** The last that was read of each, and up to which position it is known to be all. */
  private readonly latest = new Map<string, Readonly<{ told: Told; asOf: number }>>();
  private readonly reports = new WeakMap<Told, Promise<MadeReport>>();

  constructor(
    private readonly log: Log,
    private readonly views: Views,
  ) {}

  /** In the order of their registration. */
  list(query: BulkQuery): Promise<Page<ExperimentView>> {
    return pageFrom<Told, number, ExperimentView>(this.views, query, {
      kind: 'experiments',
      key: placeSchema,
      rows: async (asOf, limit, after = 0) => {
        const known = (await this.known(asOf)).filter(({ position }) => position > after).slice(0, limit);
        return Promise.all(known.map(({ experiment }) => this.read(experiment, asOf)));
      },
      keyOf: registeredAt,
      show: experimentView,
    });
  }

  /** The position that everything asked for as of it is answered as of. */
  settled(asked?: number): Promise<number> {
    return settleAsOf(this.views, asked);
  }

  /** @throws NotFound */
  async one(experiment: string, asked?: number): Promise<ExperimentView> {
    const asOf = await this.settled(asked);
    return experimentView(await this.read(experiment, asOf));
  }

  /** @throws NotFound */
  async report(experiment: string, asked?: number): Promise<MadeReport> {
    const asOf = await this.settled(asked);
    const told = await this.read(experiment, asOf);
    const made = this.reports.get(told) ?? import('./report-of.js').then(({ madeOf }) => madeOf(told));
    this.reports.set(told, made);
    return made;
  }

  private async known(asOf: number): Promise<readonly Known[]> {
    const found: Known[] = [];
    for await (const { position, record } of this.log.readAll({ types: ['ExperimentRegistered'] })) {
      if (position > asOf) break;
      found.push({ experiment: record.stream.slice(PREFIX.length), position });
    }
    return found;
  }

  private async read(experiment: string, asOf: number): Promise<Told> {
    const told = await this.told.of(`${experiment} ${asOf}`, () => this.toldAsOf(experiment, asOf));
    if (told) return told;
    const names = (await this.known(asOf)).map((one) => one.experiment);
    const there = names.length > 0 ? `there are: ${names.join(', ')}` : 'there is none';
    throw new NotFound(`experiment ${experiment}: not registered as of position ${asOf}; ${there}`);
  }

  /** Nothing is read twice for records that are not of the experiment. */
  private async toldAsOf(experiment: string, asOf: number): Promise<Told | undefined> {
    const known = this.latest.get(experiment);
    const later = known !== undefined && known.asOf <= asOf;
    const same = later && !(await this.concerned(experiment, known, asOf));
    const told = same ? known.told : await readTold(this.log, experiment, asOf + 1);
    if (told && (later || !known)) this.latest.set(experiment, { told, asOf });
    return told;
  }

  /** Whether anything was recorded since that a report of it reads. */
  private async concerned(
    experiment: string,
    { told, asOf: from }: Readonly<{ told: Told; asOf: number }>,
    to: number,
  ): Promise<boolean> {
    const streams = new Set([
      PREFIX + experiment,
      ...told.runs.map(({ planned }) => `${runStream.name}-${planned.run}`),
      ...told.students.map(({ planned }) => `${distillationStream.name}-${planned.run}`),
    ]);
    for await (const { position, record } of this.log.readAll({ from: from + 1 })) {
      if (position > to) return false;
      if (streams.has(record.stream) || record.type === 'CorpusRegistered') return true;
    }
    return false;
  }
}
