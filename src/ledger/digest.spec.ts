import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { outcomeDigest, runDigest, sha256 } from './digest.js';
import type { Record } from './record.js';

let count = 0;
const recordOf = (type: string, data: Record['data']): Record => {
  const id = `00000000-0000-4000-8000-${(count += 1).toString().padStart(12, '0')}`;
  return {
    id,
    stream: 'run-1',
    revision: count,
    type,
    version: 1,
    recordedAt: `2025-01-02T03:04:05.${String(count % 1000).padStart(3, '0')}Z`,
    actor: { kind: 'service', id: 'test', build: String(count) },
    causationId: id,
    correlationId: id,
    data,
  };
};

const data = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.jsonValue({ maxDepth: 2 }));
const claims = { type: 'UpdateProduced', version: 1, stream: 'run-1', data: { cycle: 1, lossNats: 0.5 } };

describe('outcome digest', () => {
  it('is this for these claims', () => {
    expect(outcomeDigest(claims)).toBe(
      sha256('{"data":{"cycle":1,"lossNats":0.5},"stream":"run-1","type":"UpdateProduced","version":1}'),
    );
    expect(outcomeDigest(claims)).toBe('66f55c56c221a94f8f6faede9adc0d14ed1206f6f0cb576bd749baa34767785f');
  });

  it('never depends on env, approx, cites, or anything of the envelope but type, version and stream', () => {
    fc.assert(
      fc.property(data, data, data, data, (outcome, env, approx, cites) => {
        const { env: _env, approx: _approx, cites: _cites, ...rest } = outcome;
        const plain = outcomeDigest(recordOf('Happened', rest));
        expect(outcomeDigest(recordOf('Happened', { ...rest, env, approx, cites }))).toBe(plain);
      }),
    );
  });

  it('depends on every other part', () => {
    fc.assert(
      fc.property(data, fc.stringMatching(/^[a-z]{7,9}$/), fc.jsonValue(), (outcome, key, value) => {
        const digest = outcomeDigest({ ...claims, data: outcome });
        expect(outcomeDigest({ ...claims, data: { ...outcome, [key]: value } })).not.toBe(digest);
        expect(outcomeDigest({ ...claims, data: { inner: { env: 1 } } })).not.toBe(
          outcomeDigest({ ...claims, data: { inner: { env: 2 } } }),
        );
        expect(outcomeDigest({ ...claims, data: outcome, type: 'Other' })).not.toBe(digest);
        expect(outcomeDigest({ ...claims, data: outcome, version: 2 })).not.toBe(digest);
        expect(outcomeDigest({ ...claims, data: outcome, stream: 'run-2' })).not.toBe(digest);
      }),
    );
  });
});

const requested = (cycle: number, attempt: number) =>
  recordOf('UpdateRequested', { cycle, plan: 'p', env: { attempt } });
const started = (cycle: number, attempt: number) => recordOf('UpdateStarted', { cycle, env: { attempt } });
const aborted = (cycle: number, attempt: number, reason: string) =>
  recordOf('UpdateAborted', { cycle, reason, env: { attempt } });
const produced = (cycle: number, attempt: number) =>
  recordOf('UpdateProduced', { cycle, candidate: `c${cycle}`, env: { attempt } });

const smooth = (): readonly Record[] => [
  recordOf('RunStarted', { seed: '1' }),
  requested(1, 1),
  started(1, 1),
  produced(1, 1),
  recordOf('VerdictReached', { cycle: 1, verdict: 'ACCEPT' }),
];

describe('run digest', () => {
  it('is this for an untroubled run', () => {
    expect(runDigest(smooth())).toBe('622daed06433cb4ea3f79f171fca8efa40010a60b01cc921a434eed336cf1e45');
  });

  it('is the same after crashes and recoveries, wherever they fall and however many they are', () => {
    const crash = fc.array(fc.constantFrom('crash', 'cancelled'), { maxLength: 4 });
    fc.assert(
      fc.property(crash, fc.boolean(), (reasons, beganFirst) => {
        const last = reasons.length + 1;
        const attempts = reasons.flatMap((reason, at) => [
          requested(1, at + 1),
          ...(beganFirst ? [started(1, at + 1)] : []),
          aborted(1, at + 1, reason),
          recordOf('CycleRecovered', { cycle: 1, resumedFrom: 'UpdateRequested' }),
        ]);
        const [begin, , , , verdict] = smooth();
        const troubled = [begin, ...attempts, requested(1, last), started(1, last), produced(1, last), verdict];
        expect(runDigest(troubled as Record[])).toBe(runDigest(smooth()));
      }),
    );
  });

  it('is another when an update was aborted for what it did, in another order, or with a record less', () => {
    const records = smooth();
    const [begin, ask, begun, ...rest] = records as [Record, Record, Record, ...Record[]];
    const digest = runDigest(records);
    for (const reason of ['non-finite', 'budget', 'rolled-back'])
      expect(runDigest([begin, ask, begun, aborted(1, 1, reason), ...rest])).not.toBe(digest);
    expect(runDigest(records.toReversed())).not.toBe(digest);
    records.forEach((_, at) => expect(runDigest(records.toSpliced(at, 1))).not.toBe(digest));
  });

  it('leaves only the interrupted attempt out', () => {
    const [begin, , , , verdict] = smooth() as [Record, Record, Record, Record, Record];
    const interrupted = [requested(1, 1), started(1, 1), aborted(1, 1, 'crash')];
    const failed = [requested(1, 2), started(1, 2), aborted(1, 2, 'non-finite')];
    expect(runDigest([begin, ...interrupted, ...failed, verdict])).toBe(runDigest([begin, ...failed, verdict]));
    expect(runDigest([begin, ...interrupted, ...failed, verdict])).not.toBe(runDigest([begin, verdict]));
  });
});
