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

void evaluate(const Machine &machine, const Model &model, const ledger::Sequences &sequences, trainer_item *items,
              float *logits) {
  const int length = int(sequences.length());
  const size_t size = size_t(length) * Shape::vocabulary;
  score(machine, model, sequences, true, [&](size_t i, const float *z, const float *losses) {
    const uint8_t *targets = sequences.targets(i), *mask = sequences.mask(i);
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

void divergence(const Machine &machine, const Model &p, const Model &q, const ledger::Sequences &sequences, double *nats) {
  score_divergence(machine, p, q, sequences, [&](size_t i, const float *positions) {
    double sum = 0.0;
    for (size_t t = 0; t < sequences.length(); t++) sum = sum + double(positions[t]);
    if (!std::isfinite(sum))
      throw Failure(TRAINER_NON_FINITE, "sequence " + std::to_string(i) + ": the divergence is not finite");
    nats[i] = sum;
  });
}

} // namespace trainer
