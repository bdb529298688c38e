import { backedOff } from '#constitution/domain/adaptation.js';
import { defaultScope } from '#constitution/domain/scope.js';
import { conservative } from '#constitution/domain/regime.js';
import type { RunEvent } from '#run/domain/events.js';
import { sentenceOf } from '#run/domain/event-sentence.js';
import { ownLineage } from '#run/domain/lineage.js';
import { runFileSchema } from '#run/domain/run-file.js';
import { runConfig } from '#run/domain/run-settings.js';
import { Narrator } from './narrator.js';

const hash = (digit: string): string => digit.repeat(64);
const constitution = { id: 'default', version: 1 };
const config = runConfig(runFileSchema.parse({ run: 'told', cycles: 4 }), { constitution, parent: null });
const started: RunEvent = {
  type: 'RunStarted',
  data: { config, lineage: ownLineage('told'), experiment: null },
};

const proposed: RunEvent = {
  type: 'CycleProposed',
  data: {
    cycle: 2,
    trigger: 'rescue',
    champion: hash('a'),
    regime: conservative,
    allocation: { policy: 'uniform', weightsPpm: { recall: 1_000_000 }, scores: {} },
    batches: null,
    general: null,
    sentinel: hash('6'),
    memory: null,
    forecast: null,
    constitution,
  },
};
const interpolated: RunEvent = {
  type: 'CandidateInterpolated',
  data: {
    cycle: 2,
    candidate: hash('d'),
    champion: hash('a'),
    parent: hash('c'),
    parentCycle: 1,
    factor: 0.5,
    steps: 150,
    tokens: 307_200,
  },
};
const to = backedOff(conservative, { learningRate: 0.5, steps: 0.5 }, defaultScope);
const lowered: RunEvent = { type: 'RegimeBackedOff', data: { cycle: 4, from: conservative, to, rejected: [1, 3] } };

const told = (...events: readonly RunEvent[]): string => {
  const narrator = new Narrator(80);
  const lines = [started, ...events].flatMap((event) => narrator.tell(event));
  return lines.join(' ').replace(/\s+/g, ' ');
};

test('a rescue is told as the rejected candidate once more, with no allocation since nothing is trained', () => {
  const text = told(proposed, interpolated);
  expect(text).toContain('Cycle 2 of 4 the rejected candidate once more');
  expect(text).toContain('rescue 50.0% of the way from the champion to the candidate of cycle 1; nothing is trained');
  expect(text).not.toContain('uniform');
  expect(sentenceOf(proposed)).toBe(
    'Cycle 2 tries the rejected candidate once more, half way back to the champion aaaaaaaaaaaa.',
  );
  expect(sentenceOf(interpolated)).toContain('half way between the champion and the rejected cccccccccccc');
});

test('a back-off says why and to what', () => {
  expect(told(lowered)).toContain(
    'back-off 2 updates in a row were rejected, so the regime pulls less from here on: rate 0.002 → 0.001, steps 150 → 75',
  );
  expect(sentenceOf(lowered)).toBe(
    'Since 2 updates in a row were rejected, the regime backs off from cycle 4 on: rate 0.002 to 0.001, 150 to 75 steps.',
  );
});

test('a stall names the cycles', () => {
  expect(sentenceOf({ type: 'AdaptationStalled', data: { rejected: [4, 5] } })).toBe(
    'Adaptation stalls: 2 updates in a row were rejected (cycle 4, 5).',
  );
});
