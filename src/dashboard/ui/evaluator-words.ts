const CONTROLS: Readonly<Record<string, readonly [name: string, means: string]>> = {
  positive: [
    'It finds what is there',
    'a model that repeats the byte before is shown tasks whose answer is the byte before: every answer must be right',
  ],
  negative: ['It finds nothing in noise', 'the right answers are drawn by lot, so nobody can do better than chance'],
  honeypot: [
    'Nobody was told the answers',
    'the answers asked for contradict their questions, so only who was told them can give them',
  ],
  null: ['It counts the whole loss', 'a model that knows nothing must need exactly 8 bits for every byte'],
  identity: ['It repeats itself', 'the very items of the verdict once more must come out the same'],
  'batch-order': ['Order changes nothing', 'the items the other way round must come out the same'],
  'batch-position': ['Neighbours change nothing', 'an item alone must come out the same as among others'],
  padding: ['Length changes nothing', 'what is put behind an item must not change it'],
};

/** What a control shows when it holds, and how. */
export const controlSaid = (control: string): readonly [name: string, means: string] =>
  CONTROLS[control] ?? [control, ''];

const MODELS: Readonly<Record<string, string>> = {
  echo: 'a model that repeats',
  uniform: 'a model that knows nothing',
  candidate: 'the candidate',
  champion: 'the champion',
};

export const modelSaid = (model: string): string => MODELS[model] ?? model;

const UNITS: Readonly<Record<string, string>> = {
  'right-answers': 'right answers',
  'nats-per-byte': 'nats per byte',
  'nats-gained': 'nats gained',
  'differing-items': 'items that differ',
};

export const unitSaid = (statistic: string): string => UNITS[statistic] ?? statistic;

const CAUSES: Readonly<Record<string, string>> = {
  control: 'it failed a control',
  'timed-out': 'it gave no answer in time',
  crashed: 'it broke down',
  blank: 'it did not answer everything it was asked',
  constant: 'it gave the same loss for different items',
  contradictory: 'it said something else of the same items before',
};

/** Why an evaluation does not count. */
export const causeSaid = (cause: string): string => CAUSES[cause] ?? cause;
