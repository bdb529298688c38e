import './zod-without-eval.js';
import { constitutionAt, constitutionStream } from '#constitution/domain/constitution.js';
import { judge } from '#constitution/domain/judge.js';
import type { Reason, Verdict } from '#constitution/domain/verdict.js';
import { decodeCalibration } from '#evaluation/domain/calibration-results.js';
import { decodeResults } from '#evaluation/domain/item-results.js';
import type { Stream } from '#ledger/decider.js';
import type { AnyEventType } from '#ledger/event.js';
import { decode } from '#ledger/ledger.js';
import { canonicalJson, parseRecord, type Record } from '#ledger/record.js';
import { assembleEvidence } from '#run/domain/evidence.js';
import { cycleOf, runStream } from '#run/domain/run.js';
import { nowMs } from './browser-clock.js';
import type { EvidenceBundle } from './client.js';
import { leafHashOf, textHash } from './leaf-hash.js';

/** One thing that was compared with the record. */
export type Compared = Readonly<{ what: string; agrees: boolean; recorded: string; here: string }>;

export type Rejudged = Readonly<{
  verdict: Verdict;
  /** Every rule, and the verdict as a whole. */
  compared: readonly Compared[];
  hashes: number;
  hashingMs: number;
  judgingMs: number;
}>;

/** Bytes that are not what their hash says: nothing is judged by them. */
export class NotAsHashed extends Error {
  override readonly name = 'NotAsHashed';
}

const utf8 = new TextEncoder();

/** Recomputes the hash of every record and of every list of results; answers how many there were. */
const checkHashes = async ({ records, results }: EvidenceBundle): Promise<number> => {
  for (const { position, canonical, leafHash } of records)
    if ((await leafHashOf(canonical)) !== leafHash)
      throw new NotAsHashed(`The bytes of record ${position} do not have the hash ${leafHash}.`);
  for (const { artifact, text } of results)
    if ((await textHash(text)) !== artifact)
      throw new NotAsHashed(`The results that were sent are not those named ${artifact}.`);
  return records.length + results.length;
};

const foldOf = <S, E extends AnyEventType>(records: readonly Record[], stream: Stream<S, E>): S =>
  records
    .filter((record) => record.stream.startsWith(`${stream.name}-`))
    .reduce<S>((state, record) => stream.evolve(state, decode(stream.events, record)), stream.initial);

const judgeBundle = (bundle: EvidenceBundle): Readonly<{ verdict: Verdict; recorded: Verdict }> => {
  const records = bundle.records.map(({ canonical }) => parseRecord(utf8.encode(canonical)));
  const run = foldOf(records, runStream);
  if (run.status === 'absent') throw new Error('The evidence does not say how the run began.');
  const constitution = constitutionAt(foldOf(records, constitutionStream), run.config.constitution.version);
  const texts = new Map(bundle.results.map(({ artifact, text }) => [artifact, text]));
  const bytesOf = (hash: string): Uint8Array => {
    const found = texts.get(hash);
    if (found === undefined) throw new Error(`The results ${hash} are missing from the evidence.`);
    return utf8.encode(found);
  };
  const cycle = cycleOf(run, bundle.cycle);
  const evidence = assembleEvidence(run, cycle, {
    results: (hash) => decodeResults(bytesOf(hash)),
    calibration: (hash) => decodeCalibration(bytesOf(hash)),
    candidate: bundle.candidate,
    kMax: constitution.alphaPlan.kMax,
  });
  if (!cycle.verdict) throw new Error('The evidence has no recorded verdict to compare with.');
  const { verdict, summary, alphaSpent, alphaLeft, reasons } = cycle.verdict;
  return { verdict: judge(constitution, evidence), recorded: { verdict, summary, alphaSpent, alphaLeft, reasons } };
};

const compare = (what: string, recorded: unknown, here: unknown): Compared => {
  const [was, is] = [recorded, here].map((value) => (value === undefined ? 'nothing' : canonicalJson(value)));
  return { what, agrees: was === is, recorded: was ?? '', here: is ?? '' };
};

const compareAll = (recorded: Verdict, here: Verdict): readonly Compared[] => {
  const names = [...new Set([...recorded.reasons, ...here.reasons].map(({ rule }) => rule))];
  const find = ({ reasons }: Verdict, rule: string): Reason | undefined => reasons.find((each) => each.rule === rule);
  const { reasons: _recorded, ...wholeRecorded } = recorded;
  const { reasons: _here, ...wholeHere } = here;
  return [
    compare('the verdict, its sentence and its alpha', wholeRecorded, wholeHere),
    ...names.map((rule) => compare(rule, find(recorded, rule), find(here, rule))),
  ];
};

/** Judges the evidence with the service's own judge, here. @throws NotAsHashed, and what malformed evidence throws */
export const rejudge = async (bundle: EvidenceBundle): Promise<Rejudged> => {
  const began = nowMs();
  const hashes = await checkHashes(bundle);
  const hashed = nowMs();
  const { verdict, recorded } = judgeBundle(bundle);
  const judged = nowMs();
  return {
    verdict,
    compared: compareAll(recorded, verdict),
    hashes,
    hashingMs: hashed - began,
    judgingMs: judged - hashed,
  };
};
