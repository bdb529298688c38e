// Forward-only measurements on PLSQ sequences.
#pragma once
#include "include/trainer.h"
#include "model/parameters.h"
#include "state/sequences.h"
#include "machine.h"
#include <vector>

namespace trainer {

// Fills one item per sequence; `logits` may be null, else takes sequences x length x 256 floats.
void evaluate(const Machine &machine, const Model &model, const ledger::Sequences &sequences, trainer_item *items,
              float *logits);
// KL(p || q) in nats summed over all positions of each sequence.
void divergence(const Machine &machine, const Model &p, const Model &q, const ledger::Sequences &sequences, double *nats);

} // namespace trainer
