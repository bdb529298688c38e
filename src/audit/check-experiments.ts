import type { Constitution } from '#constitution/domain/document.js';
import type { DataOf as DistillationDataOf } from '#distillation/domain/events.js';
import { wrongBeginning, type InForce } from '#experiment/domain/beginning.js';
import { wrongDistillation } from '#experiment/domain/distilled.js';
import type { DataOf as ExperimentData, ExperimentEvent } from '#experiment/domain/events.js';
import {
  amendRegistration,
  experimentStream,
  registerExperiment,
  type Experiment,
  type ExperimentDecision,
  type Registered,
  type Surroundings,
} from '#experiment/domain/experiment.js';
import { concludeLook } from '#experiment/domain/look.js';
import { publishReport } from '#experiment/domain/publishing.js';
import { plannedRuns, seedsFrom } from '#experiment/domain/planned-runs.js';
import type { Registration } from '#experiment/domain/registration.js';
import { readEndings } from '#experiment/read-endings.js';
import { Refused } from '#ledger/decider.js';
import { decode } from '#ledger/ledger.js';
import type { Log, Recorded } from '#ledger/log.js';
import { leafHex } from '#ledger/merkle.js';
import type { DataOf } from '#run/domain/events.js';
import type { MadeReport } from '#report/report-of.js';
import type { Unlawful } from './domain/finding.js';

type Published = ExperimentData<'ReportPublished'>;

/** Makes the report of an experiment again from the records before a position. */
export type MakesReports = (log: Log, experiment: string, before: number) => Promise<MadeReport | undefined>;

/** `due`: what the last look has yet to be followed by; `last`: where the stream ends. */
type Known = { state: Registered; leaf: string; due: ExperimentEvent[]; last: Omit<Unlawful, 'because'> };

const refusing =
  (because: string): (() => never) =>
  () => {
    throw new Refused(because);
  };

/**
 * Experiments decided again in log order: what was registered before which run, that its runs are what it registered, and
 * what every look concluded from the reports that there were.
 */
export class ExperimentHistory {
  private readonly experiments = new Map<string, Known>();
  private readonly runs = new Set<string>();

  /** @param makesReports undefined: published reports are taken as they are recorded */
  constructor(
    private readonly log: Log,
    private readonly makesReports?: MakesReports,
  ) {}

  /** What the rules write in the place of an event; it throws Refused where they write nothing. */
  async again(id: string, recorded: Recorded): Promise<() => unknown> {
    const { record, bytes } = recorded;
    const { stream, revision, type } = record;
    const known = this.experiments.get(id);
    const before: Experiment = known?.state ?? experimentStream.initial;
    const event = decode(experimentStream.events, record);
    const due = known?.due ?? [];
    if (!known && event.type !== 'ExperimentRegistered') return refusing(`there is no experiment ${id} yet`);
    const decision = await this.decisionBehind(id, event, recorded.position);
    const leaf = known?.leaf ?? leafHex(bytes);
    const now: Known = {
      state: experimentStream.evolve(before, event) as Registered,
      leaf,
      due,
      last: { stream, revision, type },
    };
    this.experiments.set(id, now);
    if (!decision) return () => ExperimentHistory.nextDue(now, event);
    if (due[0]) return refusing(`the rules write a ${due[0].type} here`);
    return () => {
      const [first, ...rest] = decision(before);
      now.due = rest;
      return first?.data;
    };
  }

  /** Why no run may have begun so; undefined where one may. @param rules the constitution that it names */
  begin(data: DataOf<'RunStarted'>, rules: Constitution | undefined): string | undefined {
    this.runs.add(data.config.run);
    return wrongBeginning(this.inForce(), data, rules);
  }

  /** The same of a distillation. */
  beginDistillation(data: DistillationDataOf<'DistillationStarted'>): string | undefined {
    this.runs.add(data.config.distillation);
    return wrongDistillation(this.inForce(), data);
  }

  private inForce(): readonly InForce[] {
    return [...this.experiments.values()].map(({ state: { registration } }) => ({
      registration,
      leaf: this.seedLeaf(registration),
    }));
  }

  /** Looks that the log ends without the whole answer of. */
  unanswered(): readonly Unlawful[] {
    return [...this.experiments.values()].flatMap(({ due, last }) =>
      due[0] ? [{ ...last, because: `the rules write a ${due[0].type} after it` }] : [],
    );
  }

  private static nextDue(known: Known, { type }: ExperimentEvent): unknown {
    const next = known.due.shift();
    if (next?.type === type) return next.data;
    throw new Refused(
      next ? `the rules write a ${next.type} here` : 'it stands apart from a look, and only a look concludes',
    );
  }

  /** Undefined for what a look's decision wrote. */
  private async decisionBehind(
    id: string,
    event: ExperimentEvent,
    position: number,
  ): Promise<ExperimentDecision | undefined> {
    const known = this.experiments.get(id);
    switch (event.type) {
      case 'ExperimentRegistered':
      case 'RegistrationAmended': {
        const { registration } = event.data;
        return (state) => {
          if (registration.experiment !== id) throw new Refused(`the registration is of ${registration.experiment}`);
          if (event.type === 'ExperimentRegistered') return registerExperiment(registration, this.around(id))(state);
          return amendRegistration(registration, event.data.reason, this.around(id))(state);
        };
      }
      case 'ExperimentLookOpened': {
        const planned = known ? plannedRuns(known.state.registration, this.seedLeaf(known.state.registration)) : [];
        return concludeLook({ planned, endings: await readEndings(this.log, planned, position) });
      }
      case 'ReportPublished':
        return publishReport(await this.reportAgain(id, event.data, position));
      default:
        return undefined;
    }
  }

  private seedLeaf(registration: Registration): string {
    return this.experiments.get(seedsFrom(registration))?.leaf ?? '';
  }

  /** Another wording or drawing than this build's gives other bytes from the same records: that is no contradiction. */
  private async reportAgain(id: string, recorded: Published, position: number): Promise<Published> {
    const again = await this.makesReports?.(this.log, id, position);
    return again?.published.format === recorded.format ? again.published : recorded;
  }

  private around(id: string): Surroundings {
    const others = [...this.experiments].filter(([name]) => name !== id);
    return { runs: this.runs, others: others.map(([, { state }]) => state.registration) };
  }
}
