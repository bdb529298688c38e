import type { ReactNode } from 'react';

const WORDS: readonly (readonly [word: string, means: string])[] = [
  ['Run', 'One model that changes in bounded cycles, with everything about it fixed before it begins.'],
  ['Cycle', 'One attempt at a change: propose an update, train it, measure the result, judge it.'],
  ['Candidate', 'The model that an update has led to. It is named by the SHA-256 of its weights.'],
  ['Champion', 'The model that is live: the last candidate that was accepted, or the anchor.'],
  [
    'Anchor',
    'The first model of a run. General quality is always compared with it, so that it cannot creep away in small steps.',
  ],
  [
    'Verdict',
    'What the gate decides about a candidate. Accepted: every rule passed. Rejected: a rule failed. Not settled: no rule failed, but the evidence did not suffice for all of them; then nothing changes either.',
  ],
  [
    'Constitution',
    'The rules that candidates are judged by, with limits and margins. A run names the version it is judged by; versions never change.',
  ],
  [
    'Capability',
    'Share of the target tasks that are answered right. A gain of one point is one more task in a hundred.',
  ],
  [
    'Bits per byte',
    'How many bits the model needs, on average, to write down a byte of text it was not trained on. Fewer is better.',
  ],
  [
    'E-value',
    'Evidence for a claim, read like the winnings of a bet against its opposite: 1 says nothing, and a value of 240 turns up at most once in 240 times when the claim is false, however often one looks.',
  ],
  [
    'Alpha',
    'The chance of ever accepting a candidate on a false claim that was agreed on beforehand. Every verdict uses up an equal share of it, whatever its outcome.',
  ],
  ['Margin', 'The largest loss that still counts as "not worse", declared before the run.'],
  [
    '95% interval',
    'Where the true mean lies, in 95 of 100 such measurements. It is there to be looked at; no rule reads it.',
  ],
  ['Drift', 'How far a candidate has moved from an earlier model, in its answers (KL, nats per byte) or its weights.'],
  [
    'Sealed suite',
    'Items that candidates are measured on, fixed before the run and shown to nobody until it is completed.',
  ],
  ['Shadow evaluator', 'A second program that measures a share of the items again and shares no code with the first.'],
  [
    'Control',
    'Items whose right result is known beforehand, shown to an evaluator to see whether it works. A honeypot is one that only somebody who was told the answers can get right.',
  ],
  [
    'Void',
    'An evaluation that does not count, since its evaluator failed a control or gave no answer. The candidate is then rejected.',
  ],
  [
    'Calibration',
    'Whether a model is right as often as it is sure. The Brier score (0 to 2, lower is better) is how far its probabilities are from the truth.',
  ],
  [
    'Experiment',
    'A question with its arms, seeds and hypotheses, registered in the log before its first run. Every hypothesis is concluded by a rule fixed then.',
  ],
  [
    'Distillation',
    'A teacher is trained, and students learn from what it says and thinks: one in each arm, at equal text, and one that nobody teaches.',
  ],
  [
    'Transfer',
    'What a student can do that one without a teacher cannot: exact answers, and bits per byte of general text.',
  ],
  [
    'Alignment',
    "How well a student's hidden states tell the teacher's. It is no sign of what the student can do, and is never counted as transfer.",
  ],
  ['Lineage', 'A run and all runs that go on from its champions. They share one balance of alpha.'],
  [
    'Record',
    'One event of the log. Its hash is a leaf of a Merkle tree (RFC 6962) whose root stands for the whole log.',
  ],
  ['Seed', 'Where all chance in a run comes from. The same seed and settings lead to the same run.'],
  [
    'Arm',
    'Runs with the same settings and different seeds. What holds for one seed may be luck; an arm shows whether it is.',
  ],
  [
    'Replay',
    'Training and judging a run again from the log alone, to the same bytes. The command is prometheus-ledger replay.',
  ],
];

/** What the words of the other pages mean. */
export const WordsPage = (): ReactNode => (
  <>
    <h1>What the words mean</h1>
    <p className="lead">Each in a sentence or two, in the order in which one meets them.</p>
    <dl className="words">
      {WORDS.map(([word, means]) => (
        <div key={word}>
          <dt>{word}</dt>
          <dd>{means}</dd>
        </div>
      ))}
    </dl>
  </>
);
