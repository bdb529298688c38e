import { conservative } from '#constitution/domain/regime.js';
import { LEFT_CHAMPION } from '#run/domain/decisions.js';
import type { DataOf, RunEvent } from '#run/domain/events.js';
import { runFileSchema } from '#run/domain/run-file.js';
import { runConfig } from '#run/domain/run-settings.js';
import { Narrator, textSentence } from './narrator.js';

const hash = (digit: string): string => digit.repeat(64);

const started: RunEvent = {
  type: 'RunStarted',
  data: {
    config: runConfig(runFileSchema.parse({ run: 'told', cycles: 2 }), {
      constitution: { id: 'default', version: 1 },
      parent: null,
    }),
    lineage: { root: 'told', anchor: null, judgedBefore: 0, alphaSpentBefore: 0 },
    experiment: null,
  },
};

const produced = (change: Partial<DataOf<'UpdateProduced'>> = {}): RunEvent => ({
  type: 'UpdateProduced',
  data: {
    cycle: 1,
    candidate: hash('c'),
    parent: hash('a'),
    plan: hash('1'),
    replayable: true,
    optimiser: hash('2'),
    transcript: hash('3'),
    receipt: hash('4'),
    steps: 150,
    tokens: 307200,
    lossFirstNats: 2.5,
    lossLastNats: 1.9,
    factor: 1,
    klToChampionNatsPerByte: 0.01,
    klToAnchorNatsPerByte: 0.01,
    anchorRatio: 0.5,
    weightRatio: 0.1,
    env: { attempt: 1, backend: 'avx2', threads: 2, elapsedMs: 9400 },
    ...change,
  },
});

const proposed = (change: Partial<DataOf<'CycleProposed'>> = {}): RunEvent => ({
  type: 'CycleProposed',
  data: {
    cycle: 1,
    trigger: 'schedule',
    champion: hash('a'),
    regime: conservative,
    allocation: { policy: 'uniform', weightsPpm: { recall: 500_000, sort: 500_000 }, scores: {} },
    batches: hash('5'),
    general: null,
    sentinel: hash('6'),
    memory: null,
    forecast: null,
    constitution: { id: 'default', version: 1 },
    ...change,
  },
});

const probe = (
  subject: 'anchor' | 'champion' | 'candidate',
  role: 'gate' | 'shadow',
  metrics: Record<string, number>,
): RunEvent => ({
  type: 'ProbesRecorded',
  data: {
    cycle: 1,
    subject,
    checkpoint: hash('c'),
    suite: `told-${role}`,
    role,
    evaluator: 'native',
    queriesLeft: 10,
    itemsDigest: hash('7'),
    items: 10,
    scoredBytes: 100,
    correct: 30,
    nllNatsSum: 200,
    metrics,
    results: hash('8'),
    env: { build: 'b' },
  },
});

const verdict = (which: 'ACCEPT' | 'REJECT' | 'INCONCLUSIVE', summary: string): RunEvent => ({
  type: 'VerdictReached',
  data: {
    cycle: 1,
    candidate: hash('c'),
    verdict: which,
    summary,
    alphaSpent: 0.004,
    alphaLeft: 0.046,
    reasons: [],
    constitution: { id: 'default', version: 1 },
    lineageIndex: 1,
    evidenceRoot: hash('9'),
    cites: [],
  },
});

const drift = (metric: string, value: number, alarm = false): RunEvent => ({
  type: 'DriftMeasured',
  data: {
    cycle: 1,
    checkpoint: hash('c'),
    metric,
    value,
    unit: 'nats/byte',
    reference: 'champion',
    threshold: 0.05,
    alarm,
  },
});

const tell = (events: readonly RunEvent[], columns = 80): string[] => {
  const narrator = new Narrator(columns);
  return [started, ...events].flatMap((event) => [...narrator.tell(event)]);
};

const cycle: readonly RunEvent[] = [
  proposed(),
  produced(),
  probe('candidate', 'gate', { 'general-bits-per-byte': 2.4 }),
  probe('anchor', 'gate', { 'general-bits-per-byte': 2.5 }),
  probe('candidate', 'shadow', { capability: 0.32 }),
  probe('champion', 'shadow', { capability: 0.3 }),
  drift('kl-to-champion', 0.0123),
  drift('kl-to-anchor', 0.02),
  drift('weight-distance-to-champion', 0.1),
  verdict('ACCEPT', 'Promoted, since all rules pass.'),
];

test('a cycle is told in the order allocation, update, probes, drift, verdict', () => {
  const text = tell(cycle).join('\n');
  const order = [
    'Cycle 1 of 2',
    'uniform: all 2 domains alike',
    '150 steps',
    'capability 32.0%',
    'KL 0.0123',
    'ACCEPT',
  ];
  expect(order.map((words) => text.indexOf(words))).toEqual(
    order.map((words) => text.indexOf(words)).sort((a, b) => a - b),
  );
  expect(order.every((words) => text.includes(words))).toBe(true);
});

test('probes compare capability with the champion and text with the anchor', () => {
  const text = tell(cycle).join(' ').replace(/\s+/g, ' ');
  expect(text).toContain('capability 32.0% (+2.0 points on the champion)');
  expect(text).toContain('text 2.400 bits/byte (4.0% better than the anchor)');
});

test('the longest label and its words stay apart', () => {
  const lines = tell([...cycle.slice(0, -1), verdict('INCONCLUSIVE', 'Not promoted.')]);
  expect(lines.at(-1)).toMatch(/^ {2}INCONCLUSIVE +Not promoted\.$/);
});

test.each([40, 60, 80, 100])('no line is longer than %d columns', (columns) => {
  expect(tell(cycle, columns).filter((line) => line.length > columns)).toEqual([]);
});

test('a cycle that is refused before training says field, value and what is allowed', () => {
  const violations = [{ field: 'learningRate', value: '0.5', allowed: '0.000001 to 0.02' }];
  const lines = tell([proposed(), { type: 'CycleRefused', data: { cycle: 1, violations } }]);
  const text = lines.join(' ').replace(/\s+/g, ' ');
  expect(text).toContain('REFUSED before any training: learningRate is 0.5; allowed: 0.000001 to 0.02');
});

test('an update that the trust region cut says how much of it was kept', () => {
  expect(
    tell([produced({ factor: 0.25 })])
      .join(' ')
      .replace(/\s+/g, ' '),
  ).toContain('kept 25.0% of the step');
});

test('a void is told instead of figures that nobody may score', () => {
  const voided: RunEvent = {
    type: 'EvaluationVoided',
    data: { cycle: 1, checkpoint: hash('c'), evaluator: 'native', cause: 'timed-out', reason: 'no answer in time' },
  };
  const text = tell([...cycle.slice(0, -1), voided, verdict('REJECT', 'Rejected: x.')]).join('\n');
  expect(text).toMatch(/VOID +evaluator native failed \(timed-out\): no answer in time/);
  expect(text).not.toMatch(/ {2}(probes|drift) /);
});

test('an evaluator that disagrees and a drift over its bound are said aloud', () => {
  const shadow: RunEvent = {
    type: 'ShadowCompared',
    data: {
      cycle: 1,
      checkpoint: hash('c'),
      evaluators: ['native', 'onnx'],
      items: 10,
      tolerance: {},
      agreed: false,
      reasons: ['top-1'],
      approx: {},
      env: { build: 'b' },
    },
  };
  const events = [
    ...cycle.slice(0, -1),
    shadow,
    drift('kl-to-champion-again', 0.2, true),
    verdict('REJECT', 'Rejected: x.'),
  ];
  const text = tell(events).join(' ').replace(/\s+/g, ' ');
  expect(text).toContain('THE SHADOW EVALUATOR DISAGREES');
  expect(text).toContain('over its bound: kl-to-champion-again');
  expect(text).toContain('REJECT Rejected: x.');
});

test('a policy with preferences names the domains it prefers most', () => {
  const weightsPpm = { a: 100_000, b: 500_000, c: 250_000, d: 150_000 };
  const allocation = { policy: 'uncertainty', weightsPpm, scores: {} } as const;
  expect(tell([proposed({ allocation })]).join(' ')).toContain('uncertainty: mostly b 50%, c 25%, d 15%');
});

test('a policy whose shares are all alike prefers none', () => {
  const even = {
    policy: 'uncertainty' as const,
    weightsPpm: { recall: 333_333, sort: 333_334, dyck: 333_333 },
    scores: {},
  };
  expect(tell([proposed({ allocation: even })]).join('\n')).toContain('uncertainty: all 3 domains alike');
});

test('the header says which text quality is measured on, and what else is learnt from', () => {
  expect(tell([]).join('\n')).toContain('general quality is measured on english');
  expect(textSentence({ general: 'mine', texts: ['english', 'c'] })).toBe(
    'general quality is measured on mine; updates also learn from english, c',
  );
});

test('one checkpoint is one checkpoint', () => {
  const look = { look: 1, suite: 'told-report', checkpoints: [hash('a')] };
  expect(tell([{ type: 'LookOpened', data: look }]).join('\n')).toMatch(/once: one checkpoint is measured on\s+it/);
});

const aborted = (change: Partial<DataOf<'UpdateAborted'>>): RunEvent => ({
  type: 'UpdateAborted',
  data: { cycle: 1, reason: 'cancelled', step: null, message: LEFT_CHAMPION, env: { attempt: 1 }, ...change },
});

test('an update that a rollback ended is told once, and not that it will be trained again', () => {
  const text = tell([proposed(), aborted({}), aborted({ reason: 'rolled-back', env: { attempt: 2 } })]).join('\n');
  expect(text).not.toContain('trained again');
  expect(text.match(/was rolled back/g)).toHaveLength(1);
  expect(text).toMatch(/cycle 1 ends\s+here/);
});

test('what an update says of its own end is not said twice', () => {
  const [line] = tell([proposed(), aborted({ step: 113, message: 'cancelled before step 113' })]).slice(-1);
  expect(line).toBe('  aborted      cancelled before step 113; it will be trained again');
});

test('who begins to listen inside a cycle is told its heading', () => {
  const narrator = new Narrator(80);
  for (const event of [started, proposed()]) narrator.tell(event);
  expect(narrator.recall().join('')).toMatch(/^Cycle 1 of 2 /);
  for (const event of cycle.slice(1)) narrator.tell(event);
  expect(narrator.recall()).toEqual([]);
  expect(new Narrator(80).recall()).toEqual([]);
});
