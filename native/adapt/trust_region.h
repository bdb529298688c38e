// Keeps a candidate near the weights it began with, measured by divergence and by weight distance.
#pragma once
#include "model/parameters.h"
#include "state/sequences.h"
#include "machine.h"
#include "plan.h"

namespace trainer {

struct TrustOutcome {
  double factor = 1, kl_nats_per_byte = 0, weight_ratio = 0;
};

// Leaves the candidate alone when it is inside both bounds, else moves it back along the line by the first factor that
// brings it inside. Throws Failure(TRAINER_BUDGET) when none does.
TrustOutcome enforce(const TrustRegion &region, const Machine &machine, const Model &initial,
                     const ledger::Sequences &sentinel, Model &candidate);

} // namespace trainer
