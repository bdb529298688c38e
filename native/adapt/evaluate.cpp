#include "evaluate.h"
#include "forward.h"
#include "model/failure.h"
#include <cmath>

namespace trainer {

namespace {

// Whether the target is the first of the largest logits.
bool is_top(const float *logits, uint8_t target) {
  for (int v = 0; v < Shape::vocabulary; v++)
    if (logits[v] > logits[target] || (v < target && logits[v] == logits[target])) return false;
  return true;
}

} // namespace

void evaluate(const OpTable<float> &ops, WorkerPool &pool, const Model &model, const ledger::Sequences &sequences,
              trainer_item *items, float *logits) {
  const int length = int(sequences.length());
  const size_t size = size_t(length) * Shape::vocabulary;
  Forward forward(ops, pool, model, length);
  pool.run(sequences.count(), [&](size_t i, int worker) {
    float *z = forward.logits(worker, sequences.tokens(i));
    const uint8_t *targets = sequences.targets(i), *mask = sequences.mask(i);
    std::vector<float> losses(length);
    ops.cross_entropy(z, targets, mask, length, Shape::vocabulary, 0.0f, losses.data());
    trainer_item item{0.0, 0, 0};
    for (int t = 0; t < length; t++) {
      if (!mask[t]) continue;
      item.nll_nats = item.nll_nats + double(losses[t]);
      item.scored++;
      item.correct += is_top(z + size_t(t) * Shape::vocabulary, targets[t]);
    }
    if (!std::isfinite(item.nll_nats))
      throw Failure(TRAINER_NON_FINITE, "sequence " + std::to_string(i) + ": the loss is not finite");
    items[i] = item;
    if (logits) std::copy_n(z, size, logits + i * size);
  });
}

void divergence(const OpTable<float> &ops, WorkerPool &pool, const Model &p, const Model &q,
                const ledger::Sequences &sequences, double *nats) {
  const int length = int(sequences.length());
  Forward forward_p(ops, pool, p, length), forward_q(ops, pool, q, length);
  pool.run(sequences.count(), [&](size_t i, int worker) {
    const float *logits_p = forward_p.logits(worker, sequences.tokens(i));
    float *logits_q = forward_q.logits(worker, sequences.tokens(i));
    std::vector<float> positions(length);
    ops.divergence(logits_p, logits_q, length, Shape::vocabulary, 0.0f, positions.data(), forward_q.scratch(worker));
    double sum = 0.0;
    for (float value : positions) sum = sum + double(value);
    if (!std::isfinite(sum))
      throw Failure(TRAINER_NON_FINITE, "sequence " + std::to_string(i) + ": the divergence is not finite");
    nats[i] = sum;
  });
}

} // namespace trainer
