import { defaultConstitution } from '#constitution/domain/document.js';
import { judgePaired } from '#constitution/domain/paired-rule.js';
import { decodeResults } from '#evaluation/domain/item-results.js';
import { onTheLine } from '#experiment/domain/known-effect.js';
import { collect, decide } from '#ledger/ledger.js';
import type { Record } from '#ledger/record.js';
import { advanceRun } from '#loop/run-loop.js';
import { acceptedIn, CUSUM_METRIC } from '#run/domain/alarm.js';
import { candidateIn, type Cycle } from '#run/domain/cycle.js';
import { resumeRun, rollBack } from '#run/domain/decisions.js';
import { GENERAL_METRIC, unitValues } from '#run/domain/evidence.js';
import { runStream, type Started } from '#run/domain/run.js';
import { findSuite, loadItems } from '#suite/query-suite.js';
import { begun, longFile, madeBy } from './long-lineage.js';

const by = { actor: { kind: 'human', id: 'ada', build: 'test' } } as const;
const CYCLES = 40;
const MARGIN = 0.01;
/** What a candidate is to lose against the champion that it is made of. */
const CREEP = 0.002;
/** False position: the loss is convex on the line, so every try loses less than what was aimed at. */
const TRIES = 3;

/**
 * An update that learns its tasks and nothing else, taken as far as costs 0.2% of general quality on the gate's own sealed
 * documents: the most that somebody who has read them can aim at.
 */
const ports = madeBy((all, native) => {
  let pool: Uint8Array | undefined;
  const lossOf = async (bytes: Uint8Array): Promise<number> => {
    pool ??= (await loadItems(all.artifacts, (await findSuite(all.ledger.log, 'creep-gate')).sealed)).sequences;
    return (await all.primary.evaluate(bytes, pool)).nllNats.reduce((sum, nats) => sum + nats, 0);
  };
  return async (champion, { plan }, { artifacts, onProgress }) => {
    const { candidate } = await native.carryOut(plan, { artifacts, onProgress, signals: [] });
    const update = await artifacts.get(candidate);
    const level = await lossOf(champion);
    let [near, lost] = [0, 0];
    const far = { factor: 0.125, lost: (await lossOf(onTheLine(champion, update, 0.125))) / level - 1 };
    for (let tried = 0; tried < TRIES; tried += 1) {
      near += ((CREEP - lost) / (far.lost - lost)) * (far.factor - near);
      lost = (await lossOf(onTheLine(champion, update, near))) / level - 1;
    }
    return onTheLine(champion, update, near);
  };
});

const stream = () => collect(ports.ledger.log.readStream('run-creep'));
const isAlarm = ({ type, data }: Record): boolean => type === 'RollbackRequested' && data['cause'] === 'drift';

/** What a run whose alarm went off has in its log from there on. */
let alarmed: readonly Record[];
let run: Started;
beforeAll(async () => {
  run = await begun(ports, longFile('creep', CYCLES));
  const records = await stream();
  alarmed = records.slice(records.findIndex(isAlarm));
  // Somebody overrules the alarm, as often as it goes off: what is left to hold is the margin.
  while (run.status === 'halted') {
    const left = (await stream()).findLast(isAlarm)?.data['from'];
    await decide(ports.ledger, runStream, 'creep', rollBack(String(left), 'it is only a little', 'ada'), by);
    await decide(ports.ledger, runStream, 'creep', resumeRun('it is only a little', 'ada'), by);
    run = await advanceRun(ports, 'creep');
  }
}, 300_000);
afterAll(() => ports.shadow.close());

const judged = (): readonly Cycle[] => run.cycles.slice(1);
const promoted = (): readonly Cycle[] => judged().filter(({ verdict }) => verdict?.verdict === 'ACCEPT');
const quality = ({ verdict }: Cycle) => verdict?.reasons.find((reason) => reason.rule === 'general-quality-kept');
const cusumOf = (cycle: Cycle | undefined) => cycle?.drift.find(({ metric }) => metric === CUSUM_METRIC);

/** Losses by document, as a cycle's probes have them. */
const documents = async (cycle: Cycle, subject: 'candidate' | 'anchor'): Promise<ReadonlyMap<string, number>> => {
  const probe = cycle.probes.find((each) => each.role === 'gate' && each.subject === subject);
  const results = decodeResults(await ports.artifacts.get(probe?.results ?? ''));
  const ids = [...new Set(results.items.map(({ id }) => id.slice(0, id.lastIndexOf('/'))))];
  const values = unitValues(results, 'bits-per-byte');
  return new Map(ids.map((id, at) => [id, values[at] ?? NaN]));
};

/** What a gate would say that has the margin and compares with the champion only, on the documents that both were shown. */
const againstChampion = async (cycle: Cycle) => {
  const champion = cycle.proposal?.champion ?? '';
  const before = acceptedIn(run, champion, cycle.cycle);
  const own = await documents(cycle, 'candidate');
  const other = await documents(before ?? cycle, before ? 'candidate' : 'anchor');
  const pairs = [...own].flatMap(([id, value]) => (other.has(id) ? [[value, other.get(id) ?? NaN] as const] : []));
  const referenceMean = pairs.reduce((sum, [, theirs]) => sum + theirs, 0) / pairs.length;
  const differences = pairs.map(([mine, theirs]) => theirs - mine);
  const against = defaultConstitution.rules.find((each) => each.rule === 'general-quality-kept');
  if (against?.kind !== 'NON-INFERIORITY') throw new Error('the default has no such rule');
  const paired = { metric: GENERAL_METRIC, reference: 'champion', referenceMean, differences } as const;
  const reason = judgePaired({ ...against, reference: 'champion' }, paired, 0.05 / CYCLES, 0.05);
  return { outcome: reason.outcome, lost: -(reason.paired?.estimate ?? NaN) / referenceMean };
};

describe(`${CYCLES} candidates, each about 0.2% worse in general quality than the champion before it`, () => {
  it('set off the alarm at the fourth champion: back to the anchor, and halted', () => {
    const [request, ...after] = alarmed;
    const [first, second, third, fourth] = promoted();
    expect([first, second, third].map((cycle) => cusumOf(cycle)?.alarm)).toEqual([false, false, false]);
    expect(fourth?.cycle).toBe(7);
    expect(cusumOf(fourth)).toMatchObject({ value: expect.closeTo(5.66, 2), threshold: 5, alarm: true });
    expect(request?.data).toMatchObject({
      cause: 'drift',
      requester: 'policy',
      from: fourth && candidateIn(fourth),
      to: run.anchor?.checkpoint,
      reason: expect.stringMatching(
        /^general quality creeps away: the sum of losses .* is 5.66 standard errors, above 5$/,
      ),
    });
    expect(after.slice(0, 3).map(({ type }) => type)).toEqual(['ChampionRolledBack', 'RunHalted', 'RollbackVerified']);
  });

  it('stop at the margin where somebody overrules the alarm: none of those that follow is promoted', () => {
    expect(judged()).toHaveLength(CYCLES);
    expect(run.status).toBe('completed');
    expect(promoted().map(({ cycle }) => cycle)).toEqual([2, 3, 4, 7]);
    const [last] = promoted().slice(-1);
    for (const cycle of judged().slice(7)) {
      expect(cycle.proposal?.champion).toBe(last && candidateIn(last));
      expect(cycle.verdict?.verdict).not.toBe('ACCEPT');
      expect(quality(cycle)?.outcome).not.toBe('pass');
      expect(quality(cycle)?.sentence).toMatch(
        /neither "at most 1% worse" nor "more than 1% worse" is shown by 150 documents|is more than 1% worse/,
      );
    }
    expect(judged().at(-1)?.verdict).toMatchObject({ lineageIndex: CYCLES, alphaLeft: expect.closeTo(0, 12) });
  });

  it('leave no champion that has lost the margin, on documents that no verdict reads', () => {
    const level = (of: string | undefined): number =>
      run.reported.find(({ checkpoint }) => checkpoint === of)?.metrics[GENERAL_METRIC] ?? NaN;
    const lost = promoted().map((cycle) => level(candidateIn(cycle)) / level(run.anchor?.checkpoint) - 1);
    expect(lost).toHaveLength(4);
    for (const share of lost) expect(share).toBeLessThan(MARGIN);
    // It did creep: each champion is worse than the one before.
    expect(lost.toSorted((a, b) => a - b)).toEqual(lost);
    expect(lost.at(-1)).toBeGreaterThan(3 * CREEP);
  });

  it('all pass a gate that compares with the champion only, which lets 40 times 0.2% go', async () => {
    const found = await Promise.all(judged().map(againstChampion));
    expect(new Set(found.map(({ outcome }) => outcome))).toEqual(new Set(['pass']));
    for (const { lost } of found) expect(lost).toBeGreaterThan(CREEP / 2);
    const kept = found.reduce((product, { lost }) => product * (1 + lost), 1);
    expect(kept - 1).toBeGreaterThan(5 * MARGIN);
  });
});
