// Forward passes over all sequences of a blob, on whatever the machine is.
#pragma once
#include "model/parameters.h"
#include "state/sequences.h"
#include "machine.h"
#include <functional>

namespace trainer {

// One sequence: its logits [length, 256], and its losses [length] where they were asked for.
using ScoredSequence = std::function<void(size_t sequence, const float *logits, const float *losses)>;
// Calls `body` once for every sequence, from any thread of the pool and in any order.
void score(const Machine &machine, const Model &model, const ledger::Sequences &sequences, bool losses,
           const ScoredSequence &body);
// The same with KL(p || q) of each position.
void score_divergence(const Machine &machine, const Model &p, const Model &q, const ledger::Sequences &sequences,
                      const std::function<void(size_t sequence, const float *nats)> &body);
// The same with the logits and, for each of these layers, ascending, the hidden states after it, [length, width].
void score_states(const Machine &machine, const Model &model, const ledger::Sequences &sequences,
                  const std::vector<int> &layers,
                  const std::function<void(size_t sequence, const float *logits,
                                           const std::vector<const float *> &hidden)> &body);

} // namespace trainer
