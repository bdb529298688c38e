import { auditEvents } from '#audit/domain/events.js';
import { auditStream } from '#audit/domain/audit.js';
import { policyActor } from '#doors/actors.js';
import { ArtifactDamaged, ArtifactMissing } from '#ledger/artifacts.js';
import { decide, decode, streamName } from '#ledger/ledger.js';
import type { RunDecision } from '#run/domain/deciding.js';
import { acceptedIn, ancestorsOf } from '#run/domain/alarm.js';
import { haltRun, rollBack } from '#run/domain/decisions.js';
import type { Step } from '#run/domain/next-step.js';
import { runStream, type Started } from '#run/domain/run.js';
import { POLICY } from './adapt-step.js';
import type { LoopPorts } from './loop-ports.js';

/** What is wrong with the bytes of a checkpoint, without the path that only this machine knows; undefined: they are whole. */
const damageOf = async ({ artifacts }: LoopPorts, checkpoint: string): Promise<string | undefined> => {
  try {
    await artifacts.get(checkpoint);
    return undefined;
  } catch (error) {
    if (error instanceof ArtifactMissing) return 'its bytes are missing';
    if (error instanceof ArtifactDamaged) return 'its bytes have another SHA-256';
    throw error;
  }
};

/** The champion before it whose bytes are whole: the one that a drill left, or the latest ancestor. */
const soundBefore = async (ports: LoopPorts, run: Started, champion: string): Promise<string | undefined> => {
  const ways = run.drilledFrom === undefined ? [] : [run.drilledFrom];
  for (const checkpoint of [...ways, ...ancestorsOf(run, champion)])
    if (!(await damageOf(ports, checkpoint))) return checkpoint;
  return undefined;
};

const answerDamage = async (ports: LoopPorts, run: Started, champion: string): Promise<RunDecision | undefined> => {
  const damage = await damageOf(ports, champion);
  if (!damage) return undefined;
  const reason = `the champion cannot be read any more: ${damage}`;
  const to = await soundBefore(ports, run, champion);
  if (to !== undefined) return rollBack(to, reason, POLICY, 'damage');
  if (run.status !== 'running') return undefined;
  return haltRun(`${reason}; no champion before it is whole`, POLICY);
};

/** Cycles of a run that the last recorded verification found judged otherwise. */
const disputedCycles = async ({ ledger }: LoopPorts, run: string): Promise<readonly number[]> => {
  for await (const { record } of ledger.log.readStream(streamName(auditStream, ''), { direction: 'backward' })) {
    const event = decode(auditEvents, record);
    if (event.type === 'LogVerified') return [];
    if (event.type === 'IntegrityViolationFound')
      return event.data.disputed.filter((disputed) => disputed.run === run).map(({ cycle }) => cycle);
  }
  return [];
};

/** A champion stands on every promotion behind it: where one is disputed, the one before it is the last sound one. */
const answerDispute = async (ports: LoopPorts, run: Started, champion: string): Promise<RunDecision | undefined> => {
  if (run.left.includes(champion)) return undefined;
  const disputed = await disputedCycles(ports, run.config.run);
  const behind = [champion, ...ancestorsOf(run, champion)].flatMap((checkpoint) => acceptedIn(run, checkpoint) ?? []);
  const first = behind.findLast(({ cycle }) => disputed.includes(cycle));
  if (!first?.proposal) return undefined;
  const reason = `a verification found cycle ${first.cycle} judged otherwise than recorded`;
  return rollBack(first.proposal.champion, reason, POLICY, 'dispute');
};

/** Steps at which a cycle or the end of the run begins: a dispute that came in between is answered then. */
const BEGINNINGS: readonly Step['kind'][] = ['scout', 'open-look'];

/**
 * Before a step: leaves a champion that turned out unsound since it was accepted, its bytes damaged or its promotion
 * disputed. Such findings are no outcome of the run, so a replay takes the answer from the record. True when the run has
 * another next step now.
 */
export const guardChampion = async (ports: LoopPorts, run: Started, step: Step): Promise<boolean> => {
  const { champion } = run;
  if (champion === undefined || step.kind === 'rest') return false;
  const answer =
    (await answerDamage(ports, run, champion)) ??
    (BEGINNINGS.includes(step.kind) ? await answerDispute(ports, run, champion) : undefined);
  if (!answer) return false;
  await decide(ports.ledger, runStream, run.config.run, answer, { actor: policyActor('integrity') });
  return true;
};
