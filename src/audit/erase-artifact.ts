import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsNotEmpty, IsObject, IsString, Matches, MaxLength } from 'class-validator';
import { corpusStream } from '#corpus/domain/corpus.js';
import { byOrigin, type Origin } from '#doors/origin.js';
import { LONGEST_REASON } from '#doors/longest-reason.js';
import { Turn } from '#doors/turn.js';
import { ArtifactDamaged, ArtifactGone, Artifacts } from '#ledger/artifacts.js';
import { collect, decide, fold, Ledger, streamName } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { runStream, type Started } from '#run/domain/run.js';
import { runNames } from '#run/find-run.js';
import { suiteStream } from '#suite/domain/suite.js';
import { auditStream } from './domain/audit.js';
import { eraseArtifact, type Naming } from './domain/erasures.js';
import { ArtifactErased } from './domain/log-events.js';

export type Erased = Readonly<{ artifact: string; bytes: number | null; reason: string; requester: string }>;

/** Ends an artifact's bytes for good. The log keeps its name, and says by whom and why. */
export class EraseArtifact extends Command<Erased> {
  @Matches(/^[0-9a-f]{64}$/, { message: 'must be 64 lower-case hex digits, the SHA-256 of the artifact' })
  readonly artifact: string;
  @IsString() @IsNotEmpty() @MaxLength(LONGEST_REASON) readonly reason: string;
  @IsObject() readonly origin: Origin;

  constructor(artifact: string, reason: string, origin: Origin) {
    super();
    this.artifact = artifact;
    this.reason = reason;
    this.origin = origin;
  }
}

/** Streams whose artifacts a run may load: its own, and those of what it is made from. */
const streamsOf = ({ config }: Started): readonly string[] => [
  streamName(runStream, config.run),
  ...Object.values(config.suites).map((suite) => streamName(suiteStream, suite)),
  ...[config.general, ...config.texts].map((corpus) => streamName(corpusStream, corpus)),
];

/** By stream, the runs that are not completed and read it. */
const openRuns = async (log: Log): Promise<ReadonlyMap<string, string>> => {
  const users = new Map<string, string>();
  for (const name of await runNames(log)) {
    const { state } = await fold(log, runStream, name);
    if (state.status === 'absent' || state.status === 'completed') continue;
    for (const stream of streamsOf(state)) users.set(stream, name);
  }
  return users;
};

/** Looks through every record, since any may name the artifact. */
const namingOf = async (log: Log, artifact: string): Promise<Naming> => {
  const users = await openRuns(log);
  const needed: { run: string; by: string }[] = [];
  let records = 0;
  for await (const { record, bytes } of log.readAll()) {
    if (record.stream === auditStream.name || !Buffer.from(bytes).includes(artifact)) continue;
    records += 1;
    const run = users.get(record.stream);
    if (run !== undefined) needed.push({ run, by: `${record.type} in ${record.stream}` });
  }
  return { records, needed };
};

/** Why an artifact is gone, for whoever asks for it. */
const whyOf = ({ reason, requester }: Pick<Erased, 'reason' | 'requester'>): string => `${reason} (by ${requester})`;

/** Takes away what the log says is erased and is there still: a crash came in between. */
export const finishErasures = async (log: Log, artifacts: Artifacts): Promise<void> => {
  for (const record of await collect(log.readStream(auditStream.name))) {
    if (record.type !== ArtifactErased.type) continue;
    const { data } = ArtifactErased.decode(record);
    if (await artifacts.has(data.artifact)) await artifacts.erase(data.artifact, whyOf(data));
  }
};

@CommandHandler(EraseArtifact)
export class EraseArtifactHandler implements ICommandHandler<EraseArtifact> {
  constructor(
    private readonly ledger: Ledger,
    private readonly artifacts: Artifacts,
    private readonly turn: Turn,
  ) {}

  /** Runs start in the same turn, so none that needs it begins between the look and the record. */
  execute(command: EraseArtifact): Promise<Erased> {
    return this.turn.take(() => this.erase(command));
  }

  /** The decision is in the log before the bytes go. */
  private async erase({ artifact, reason, origin }: EraseArtifact): Promise<Erased> {
    const before = await this.earlier(artifact);
    const { requester } = origin;
    const data = before ?? { artifact, bytes: await this.size(artifact), reason, requester };
    if (!before) {
      const naming = await namingOf(this.ledger.log, artifact);
      await decide(this.ledger, auditStream, '', eraseArtifact(data, naming), byOrigin(origin));
    }
    await this.artifacts.erase(artifact, whyOf(data));
    return data;
  }

  private async earlier(artifact: string): Promise<Erased | undefined> {
    const records = await collect(this.ledger.log.readStream(auditStream.name));
    const erasures = records.filter(({ type }) => type === ArtifactErased.type);
    return erasures.map((record) => ArtifactErased.decode(record).data).find((data) => data.artifact === artifact);
  }

  /** @throws ArtifactMissing */
  private async size(artifact: string): Promise<number | null> {
    try {
      return (await this.artifacts.get(artifact)).length;
    } catch (error) {
      if (error instanceof ArtifactDamaged || error instanceof ArtifactGone) return null;
      throw error;
    }
  }
}
