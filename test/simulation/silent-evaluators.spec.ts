import { rejudgeRun } from '#audit/rejudge.js';
import { closeAll, failed, opened, replayed, told, typesOf, withLosses, type Lie, type Told } from './lying.js';

afterAll(closeAll);

describe('an evaluator that gives no answer', () => {
  it.each<[string, Lie, number, object]>([
    [
      'is late',
      async (honest, { checkpoint, sequences }) => {
        await new Promise((resolve) => setTimeout(resolve, 1_000).unref());
        return honest(checkpoint, sequences);
      },
      250,
      { cause: 'timed-out', reason: 'no answer within 250 ms' },
    ],
    [
      'answers blank',
      async () => ({ nllNats: new Float64Array(), scored: new Uint32Array(), correct: new Uint32Array() }),
      60_000,
      { cause: 'blank', reason: expect.stringMatching(/^0, 0, 0 losses, counts and answers for \d+ items$/) },
    ],
    [
      'leaves a row out',
      async (honest, { checkpoint, sequences }) => {
        const { nllNats, scored, correct } = await honest(checkpoint, sequences);
        return { nllNats: nllNats.slice(1), scored: scored.slice(1), correct: correct.slice(1) };
      },
      60_000,
      { cause: 'blank' },
    ],
    [
      'says the same of everything',
      async (honest, { checkpoint, sequences }) => {
        const found = await honest(checkpoint, sequences);
        return withLosses(found, (_, at) => 2 * (found.scored[at] ?? 0));
      },
      60_000,
      { cause: 'constant', reason: expect.stringMatching(/^the same loss for all \d+ items$/) },
    ],
    [
      'breaks down',
      () => Promise.reject(new TypeError('it is broken')),
      60_000,
      { cause: 'crashed', reason: 'it is broken' },
    ],
  ])(
    '%s: it is asked once more, then the evaluation is void, and a replay takes the void from the record',
    async (_what, lie, limitMs, found) => {
      let calls = 0;
      const counted: Lie = (...all) => {
        calls += 1;
        return lie(...all);
      };
      const all = await told(counted, limitMs);
      const { ports, run } = all;
      const [, cycle] = run.cycles;
      expect(calls).toBe(2);
      expect(cycle?.voided).toMatchObject({ evaluator: 'native', ...found });
      expect(cycle?.verdict).toMatchObject({ verdict: 'REJECT', alphaSpent: 0.125 });
      expect(failed(run)).toEqual(['evidence-complete']);
      expect(run.status).toBe('completed');
      const types = await typesOf(all);
      expect(types).not.toContain('ControlsChecked');
      expect(types.indexOf('VerdictReached')).toBe(types.indexOf('EvaluationVoided') + 1);
      expect((await rejudgeRun(ports, 'small')).disagreements).toEqual([]);
      const again = await replayed(ports);
      expect(again).toMatchObject({ divergence: null, eventsMatched: again.events });
    },
    60_000,
  );

  it('fails once only: nothing of it is in the record', async () => {
    let calls = 0;
    const all = await told((honest, { checkpoint, sequences }) =>
      (calls += 1) === 1 ? Promise.reject(new Error('a hiccup')) : honest(checkpoint, sequences),
    );
    expect(all.run.cycles[1]?.voided).toBeUndefined();
    expect(all.run.cycles[1]?.verdict?.verdict).toBe('ACCEPT');
  }, 60_000);

  it('was ended with the process that closes: no void', async () => {
    const closing = new AbortController();
    const lie: Lie = () => {
      closing.abort();
      return Promise.reject(new Error('ended with the terminal'));
    };
    await expect(told(lie, 60_000, closing.signal)).rejects.toThrow('evaluator native: ended with the terminal');
    const types = await typesOf({ ports: opened.at(-1) as Told['ports'] });
    expect(types.at(-1)).toBe('UpdateProduced');
  }, 60_000);

  it('says NaN of everything: no control is passed', async () => {
    const { run } = await told(async (honest, { checkpoint, sequences }) =>
      withLosses(await honest(checkpoint, sequences), () => NaN),
    );
    expect(run.cycles[1]?.voided).toMatchObject({ cause: 'control' });
    expect(run.cycles[1]?.voided?.reason).toMatch(/nothing finite nats per byte/);
  }, 60_000);
});
