// How sure a model is of each scored byte, and how rightly: src/evaluation/domain/byte-scores.ts with the same operations in
// the same order, so the same bits, but eight rows of a softmax at once.
#pragma once
#include "include/trainer.h"
#include "model/parameters.h"
#include "state/sequences.h"
#include "machine.h"

namespace trainer {

// One row of 256 logits; `threshold` is the least probability of a byte that a prediction set holds.
trainer_byte_score score_byte(const float *logits, uint8_t target, double threshold);

// Fills one score per scored position, sequence by sequence.
void byte_scores(const Machine &machine, const Model &model, const ledger::Sequences &sequences, double threshold,
                 trainer_byte_score *scores);

} // namespace trainer
