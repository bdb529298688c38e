import { rejudgeRun } from '#audit/rejudge.js';
import { decodeSequences } from '#corpus/domain/plsq.js';
import type { Evaluator } from '#evaluation/evaluator.js';
import { advanceRun } from '#loop/run-loop.js';
import { closeAll, failed, opened, replayed, told, typesOf, withLosses, type Lie } from './lying.js';
import { begin, rash, smallFile, smallPorts } from './small-run.js';

afterAll(closeAll);

describe('an evaluator that is caught by a control', () => {
  it.each<[string, Lie, string]>([
    [
      'makes up better losses',
      async (honest, { checkpoint, sequences }) => withLosses(await honest(checkpoint, sequences), (loss) => loss / 2),
      'negative control (candidate): ',
    ],
    [
      'reads the labels',
      async (honest, { checkpoint, sequences }) => {
        const found = await honest(checkpoint, sequences);
        return { ...found, correct: found.scored.slice() };
      },
      'negative control (candidate): 1024 right answers, expected at most 25.4973',
    ],
    [
      'says that nothing is right',
      async (honest, { checkpoint, sequences }) => ({
        ...(await honest(checkpoint, sequences)),
        correct: new Uint32Array(decodeSequences(sequences).length),
      }),
      'positive control (echo): 0 right answers, expected exactly ',
    ],
    [
      'is off by a millionth',
      async (honest, { checkpoint, sequences }) =>
        withLosses(await honest(checkpoint, sequences), (loss) => loss * 1.000001),
      'null control (uniform): 5.54518 nats per byte, expected exactly 5.54518',
    ],
    [
      'looks at the order of the items',
      async (honest, { checkpoint, sequences }) =>
        withLosses(await honest(checkpoint, sequences), (loss, at) => loss + at * 1e-9),
      'null control',
    ],
    [
      'looks one chunk too far',
      async (honest, { checkpoint, sequences }) => {
        const found = await honest(checkpoint, sequences);
        return (decodeSequences(sequences)[0]?.tokens.length ?? 0) > 64 ? withLosses(found, (loss) => loss + 1) : found;
      },
      'padding control (candidate): 30 differing items, expected exactly 0',
    ],
    [
      'scores the candidate with other weights the second time',
      (() => {
        const seen = new Map<string, number>();
        return async (honest, { checkpoint, sequences }) => {
          const key = `${checkpoint[checkpoint.length - 1]}/${decodeSequences(sequences).length}`;
          seen.set(key, (seen.get(key) ?? 0) + 1);
          const found = await honest(checkpoint, sequences);
          return decodeSequences(sequences).length === 30 && (seen.get(key) ?? 0) === 1
            ? withLosses(found, (loss) => loss - 0.01)
            : found;
        };
      })(),
      'identity control (candidate): 30 differing items, expected exactly 0',
    ],
  ])(
    '%s: the evaluation is void, nothing is scored',
    async (_what, lie, reason) => {
      const all = await told(lie);
      const { ports, run } = all;
      const [, cycle] = run.cycles;
      expect(cycle?.voided).toMatchObject({ evaluator: 'native', cause: 'control' });
      expect(cycle?.voided?.reason).toContain(reason);
      expect(cycle?.probes.filter(({ role }) => role !== 'scout')).toHaveLength(4);
      expect(cycle?.verdict?.verdict).toBe('REJECT');
      const missing = cycle?.verdict?.reasons.find(({ rule }) => rule === 'evidence-complete');
      expect(missing?.sentence).toContain('the evaluation was voided, since evaluator native failed (control)');
      expect(run.champion).toBe(run.anchor?.checkpoint);
      expect(await typesOf(all)).not.toContain('ShadowCompared');
      expect((await rejudgeRun(ports, 'small')).disagreements).toEqual([]);
    },
    60_000,
  );

  it('passes a honeypot: a hard failure that says so', async () => {
    const { run } = await told(async (honest, { checkpoint, sequences }) => {
      const found = await honest(checkpoint, sequences);
      return { ...found, correct: found.scored.slice() };
    });
    expect(failed(run)).toEqual(['honeypots-fail', 'evidence-complete']);
    expect(run.cycles[1]?.verdict?.summary).toContain('somebody was told them');
  }, 60_000);

  it('is shown by a replay with an honest one', async () => {
    const { ports } = await told(async (honest, { checkpoint, sequences }) =>
      withLosses(await honest(checkpoint, sequences), (loss) => loss / 2),
    );
    expect((await replayed(ports)).divergence).toMatchObject({ type: 'ProbesRecorded' });
  }, 60_000);
});

describe('second and third evaluators', () => {
  it.each(['shadow', 'reference'] as const)(
    'the %s that breaks down voids; one that differs is an evidence failure',
    async (which) => {
      const ports = smallPorts();
      opened.push(ports);
      const honest = ports[which];
      const broken = () => Promise.reject(new Error('no memory'));
      const as = (evaluateWithLogits: Evaluator['evaluateWithLogits']) =>
        Object.assign(Object.create(honest) as Evaluator, { evaluateWithLogits });
      Object.assign(ports, { [which]: as(broken) });
      await begin(ports, smallFile('small', { cycles: 1 }));
      const voided = await advanceRun(ports, 'small');
      expect(voided.cycles[1]?.voided).toMatchObject({ evaluator: honest.name, cause: 'crashed' });
      const differs = as(async (checkpoint, sequences) => {
        const found = await honest.evaluateWithLogits(checkpoint, sequences);
        return { ...found, logits: found.logits.map((logit) => logit * 1.01) };
      });
      Object.assign(ports, { [which]: differs });
      await begin(ports, smallFile('other', { cycles: 1, regime: { ...rash, steps: 3 } }));
      const judged = await advanceRun(ports, 'other');
      const [, cycle] = judged.cycles;
      expect([cycle?.shadow?.agreed, cycle?.reference?.agreed]).toEqual([which !== 'shadow', which !== 'reference']);
      expect(failed(judged)).toContain('evaluators-agree');
    },
    60_000,
  );
});
