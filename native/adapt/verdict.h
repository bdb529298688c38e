// What a replay found, as JSON and as a sentence.
#pragma once
#include "state/divergence.h"
#include "plan.h"

namespace trainer {

struct Verdict {
  // `what`, beyond those of a line: "initial" (before the first step), "candidate" (the checkpoint handed in is not the one
  // trained) and "receipt" (some of its fields are not what the training gives).
  std::optional<ledger::Divergence> divergence;
  int64_t replayed = 0;            // steps trained here
  int64_t state_every = 0;         // how far apart the claimed states lie; 0: no transcript was given
  std::vector<std::string> fields; // of the receipt that differ, where the training was replayed to its end
};

std::string verdict_json(const Plan &plan, const Verdict &verdict);

} // namespace trainer
