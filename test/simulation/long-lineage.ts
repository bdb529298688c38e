import { defaultConstitution } from '#constitution/domain/document.js';
import { advanceRun } from '#loop/run-loop.js';
import type { Started } from '#run/domain/run.js';
import type { NativeTrainer } from '#trainer/train-natively.js';
import { MakingTrainer, type Making } from './making-trainer.js';
import { begin, rash, smallFile, smallPorts } from './small-run.js';

type Ports = ReturnType<typeof smallPorts>;

/** Calibration takes twenty times as long as all the rest, and proof that capability is kept more blocks than are drawn. */
const LEFT_OUT = ['calibration-kept', 'capability-kept'];

/** The default rules but two, for a lineage of so many candidates, of which none is asked to back off. */
const longConstitution = (kMax: number) => ({
  name: 'long',
  alphaPlan: { alpha: 0.05, kMax },
  rules: defaultConstitution.rules.filter(({ rule }) => !LEFT_OUT.includes(rule)),
  stall: null,
});

/** A run of many cycles, each of less than a second: everything real, and as few items as the rules can do with. */
export const longFile = (run: string, cycles: number, parent?: string): object =>
  smallFile(run, {
    ...(parent !== undefined && { parent }),
    cycles,
    trainers: 'any',
    base: { steps: 150, batch: 16 },
    regime: { ...rash, learningRate: 0.01 },
    constitution: longConstitution(cycles),
    evaluation: {
      blocks: 60,
      documents: 150,
      shadowEvery: 100,
      referenceItems: 1,
      controlBlocks: 2,
      calibrationDocuments: 10,
    },
  });

/** Ports whose updates are made by somebody, who gets at everything that a trainer in this process gets at. */
export const madeBy = (making: (ports: Ports, native: NativeTrainer) => Making): Ports => {
  const ports = smallPorts();
  const native = ports.trainer as NativeTrainer;
  return Object.assign(ports, { trainer: new MakingTrainer(native, making(ports, native)) });
};

export const begun = async (ports: Ports, file: object): Promise<Started> =>
  advanceRun(ports, await begin(ports, file));
