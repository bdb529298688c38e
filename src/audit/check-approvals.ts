import {
  amendConstitution,
  constitutionAt,
  constitutionStream,
  enactConstitution,
  signersNeeded,
  type ConstitutionState,
} from '#constitution/domain/constitution.js';
import type { ConstitutionEvent } from '#constitution/domain/events.js';
import { DistillationStarted } from '#distillation/domain/events.js';
import { experimentStream } from '#experiment/domain/experiment.js';
import type { KeyEvent } from '#key/domain/events.js';
import { keyStream, registerKey, revokeKey } from '#key/domain/key-ring.js';
import type { Authority, KeyRing } from '#key/domain/signing.js';
import { Refused } from '#ledger/decider.js';
import { ed25519 } from '#ledger/ed25519.js';
import { decode, streamName } from '#ledger/ledger.js';
import type { Log, Recorded } from '#ledger/log.js';
import { canonicalJson, type Record } from '#ledger/record.js';
import { knownRuns } from '#loop/known-runs.js';
import { runEvents } from '#run/domain/events.js';
import { resetOf } from '#run/domain/lineage.js';
import { runStream } from '#run/domain/run.js';
import { ExperimentHistory, type MakesReports } from './check-experiments.js';
import type { Approvals, Unlawful } from './domain/finding.js';

const TYPES = [
  'KeyRegistered',
  'KeyRevoked',
  'ConstitutionEnacted',
  'ConstitutionAmended',
  'AnchorReset',
  'RunStarted',
  DistillationStarted.type,
  ...experimentStream.events.map(({ type }) => type),
];

const idIn = (stream: string, record: Record): string | undefined =>
  record.stream.startsWith(`${stream}-`) ? record.stream.slice(stream.length + 1) : undefined;

/** What people decide, decided again in log order: by the keys, documents and runs there were at each place. */
class History {
  private ring: KeyRing = keyStream.initial;
  private readonly constitutions = new Map<string, ConstitutionState>();
  readonly experiments: ExperimentHistory;
  /** Decided again so far, the beginnings of runs left out. */
  checked = 0;

  constructor(
    private readonly log: Log,
    makesReports: MakesReports | undefined,
  ) {
    this.experiments = new ExperimentHistory(log, makesReports);
  }

  /** Why no rule would have written the record here; undefined when one does. */
  async take(recorded: Recorded): Promise<string | undefined> {
    const { record } = recorded;
    if (record.stream === streamName(keyStream, '')) return this.takeKey(record);
    const constitution = idIn(constitutionStream.name, record);
    if (constitution !== undefined) return this.takeConstitution(constitution, record);
    const experiment = idIn(experimentStream.name, record);
    if (experiment !== undefined) {
      const again = await this.experiments.again(experiment, recorded);
      return this.compare(decode(experimentStream.events, record).data, again);
    }
    if (record.type === DistillationStarted.type)
      return this.experiments.beginDistillation(DistillationStarted.decode(record).data);
    const run = idIn(runStream.name, record);
    return run === undefined ? undefined : this.checkRun(run, record);
  }

  private takeKey(record: Record): string | undefined {
    const event = decode(keyStream.events, record);
    const why = this.compare(event.data, () => this.keyAgain(event, record));
    this.ring = keyStream.evolve(this.ring, event);
    return why;
  }

  private keyAgain({ type, data }: KeyEvent, { actor }: Record): unknown {
    const again =
      type === 'KeyRegistered'
        ? registerKey(data, { by: actor.kind, signing: ed25519 })
        : revokeKey({ ...data, which: data.keyId, by: actor.kind });
    return again(this.ring)[0]?.data;
  }

  private takeConstitution(id: string, record: Record): string | undefined {
    const event = decode(constitutionStream.events, record);
    const before = this.constitutions.get(id) ?? constitutionStream.initial;
    const why = this.compare(event.data, () => this.constitutionAgain(id, event, record, before));
    this.constitutions.set(id, constitutionStream.evolve(before, event));
    return why;
  }

  private constitutionAgain(
    id: string,
    { type, data }: ConstitutionEvent,
    record: Record,
    before: ConstitutionState,
  ): unknown {
    if (data.document.name !== id) throw new Refused(`the document is named ${data.document.name}`);
    const again =
      type === 'ConstitutionEnacted'
        ? enactConstitution(data.document)
        : amendConstitution(data, this.authority(record));
    return again(before)[0]?.data;
  }

  private async checkRun(run: string, record: Record): Promise<string | undefined> {
    const { type, data } = decode(runEvents, record);
    if (type === 'RunStarted') {
      const { id, version } = data.config.constitution;
      const known = this.constitutions.get(id)?.versions ?? [];
      const wrong = this.experiments.begin(data, known[version - 1]);
      if (wrong !== undefined || version <= known.length) return wrong;
      return `it names constitution ${id} v${version}, which there was not yet`;
    }
    if (type !== 'AnchorReset') return undefined;
    const runs = await knownRuns(this.log, (one) => one.id === record.id);
    return this.compare(data, () => {
      const config = runs.find((one) => one.config.run === run)?.config;
      const document = constitutionAt(
        this.constitutions.get(config?.constitution.id ?? '') ?? constitutionStream.initial,
      );
      return resetOf(run, runs, data, this.authority(record), signersNeeded(document));
    });
  }

  private authority({ actor }: Record): Authority {
    return { by: actor.kind, ring: this.ring, signing: ed25519 };
  }

  private compare(recorded: unknown, decide: () => unknown): string | undefined {
    this.checked += 1;
    try {
      return canonicalJson(decide() ?? null) === canonicalJson(recorded) ? undefined : 'the rules write it otherwise';
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return error.message;
    }
  }
}

/**
 * Decides again, from the log alone, everything that people put their names to: keys, constitutions, amendments, resets of
 * an anchor, experiments with their runs and what they concluded. Every signature must hold for a key that was known and not
 * revoked where it stands. Reads only.
 * @param makesReports makes published reports again; without it they are taken as they are recorded
 */
export const checkApprovals = async (log: Log, makesReports?: MakesReports): Promise<Approvals> => {
  const history = new History(log, makesReports);
  const unlawful: Unlawful[] = [];
  for await (const recorded of log.readAll({ types: TYPES })) {
    const because = await history.take(recorded);
    const { stream, revision, type } = recorded.record;
    if (because !== undefined) unlawful.push({ stream, revision, type, because });
  }
  unlawful.push(...history.experiments.unanswered());
  return { checked: history.checked, unlawful };
};
