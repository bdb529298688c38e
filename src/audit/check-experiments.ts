import type { Constitution } from '#constitution/domain/document.js';
import { wrongBeginning } from '#experiment/domain/beginning.js';
import type { ExperimentEvent } from '#experiment/domain/events.js';
import {
  amendRegistration,
  experimentStream,
  registerExperiment,
  type Experiment,
  type Registered,
  type Surroundings,
} from '#experiment/domain/experiment.js';
import { runNames } from '#experiment/domain/planned-runs.js';
import { Refused } from '#ledger/decider.js';
import { decode } from '#ledger/ledger.js';
import { leafHash } from '#ledger/merkle.js';
import { recordBytes, type Record } from '#ledger/record.js';
import type { DataOf } from '#run/domain/events.js';

type Known = Readonly<{ state: Registered; leaf: string }>;

/** Experiments decided again in log order: what was registered before which run, and that its runs are what it registered. */
export class ExperimentHistory {
  private readonly experiments = new Map<string, Known>();
  private readonly runs = new Set<string>();

  /** What the rules write for the event at its place. @throws Refused where they write nothing */
  again(id: string, record: Record): unknown {
    const before: Experiment = this.experiments.get(id)?.state ?? experimentStream.initial;
    const event = decode(experimentStream.events, record);
    try {
      return this.decideAgain(id, event)(before)[0]?.data;
    } finally {
      const state = experimentStream.evolve(before, event) as Registered;
      const leaf = this.experiments.get(id)?.leaf ?? Buffer.from(leafHash(recordBytes(record))).toString('hex');
      this.experiments.set(id, { state, leaf });
    }
  }

  /** Why no run may have begun so; undefined where one may. @param rules the constitution that it names */
  begin(data: DataOf<'RunStarted'>, rules: Constitution | undefined): string | undefined {
    this.runs.add(data.config.run);
    const known = [...this.experiments.values()].map(({ state, leaf }) => ({ registration: state.registration, leaf }));
    return wrongBeginning(known, data, rules);
  }

  private decideAgain(id: string, { type, data }: ExperimentEvent): ReturnType<typeof registerExperiment> {
    const { registration } = data;
    if (registration.experiment !== id) throw new Refused(`the registration is of ${registration.experiment}`);
    return type === 'ExperimentRegistered'
      ? registerExperiment(registration, this.around(id))
      : amendRegistration(registration, data.reason, this.around(id));
  }

  private around(id: string): Surroundings {
    const others = [...this.experiments].filter(([name]) => name !== id);
    return { runs: this.runs, reserved: new Set(others.flatMap(([, { state }]) => runNames(state.registration))) };
  }
}
