import type { DataOf } from './events.js';
import { runFileSchema } from './run-file.js';
import { runConfig } from './run-settings.js';
import { runStream, type Run } from './run.js';
import { AnchorEstablished, RunStarted } from './update-events.js';
import { establishAnchor } from './update-decisions.js';

const own = 'a'.repeat(64);
const other = 'b'.repeat(64);
const anchor = (checkpoint: string): DataOf<'AnchorEstablished'> => ({
  checkpoint,
  architecture: 'c'.repeat(64),
  parameters: 1,
  source: 'given',
  quality: {},
});
const started = (checkpoint?: string): Run => {
  const bound = { constitution: { id: 'default', version: 1 }, parent: null, ...(checkpoint && { checkpoint }) };
  const config = runConfig(runFileSchema.parse({ run: 'r1' }), bound);
  const lineage = { root: 'r1', anchor: null, judgedBefore: 0, alphaSpentBefore: 0 };
  return runStream.evolve(runStream.initial, RunStarted.of({ config, lineage, experiment: null }));
};

describe('the anchor', () => {
  it('is the checkpoint that the run was given', () => {
    expect(establishAnchor(anchor(own))(started(own))).toEqual([AnchorEstablished.of(anchor(own))]);
    expect(() => establishAnchor(anchor(other))(started(own))).toThrow(/is not the base of the run/);
  });

  it('is not there before the base was trained', () => {
    expect(() => establishAnchor(anchor(own))(started())).toThrow(/is not the base of the run/);
  });
});
