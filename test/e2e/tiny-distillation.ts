const tiny = { dModel: 32, dState: 16, headDim: 16 };
/** Teacher and three students in a few seconds. */
export const tinyDistillation = {
  distillation: 'tiny',
  seed: 7,
  sequence: 64,
  teacher: {
    model: { ...tiny, dModel: 64, layers: 2, attention: [1] },
    training: { steps: 40, batch: 8, learningRate: 0.004 },
  },
  student: { model: { ...tiny, layers: 2 }, training: { steps: 12, batch: 8, learningRate: 0.004 } },
  traces: { sequences: 48, logits: 4 },
  layers: { teacher: 1, student: 1 },
  arms: [
    { arm: 'none' },
    { arm: 'both', taskWeight: 0.5, logits: { weight: 1, temperature: 2 }, hidden: 0.5 },
    { arm: 'shuffled', hidden: 0.5, shuffled: true },
  ],
  evaluation: { items: 30, documents: 40, alignment: 4 },
};
