// Trains a plan again and says where what somebody claims of it first differs.
#pragma once
#include "run.h"
#include <optional>
#include <string>

namespace trainer {

struct ClaimBytes {
  std::string receipt;
  std::optional<std::string> transcript; // none was kept: the receipt alone is compared, after the last step
  std::optional<trainer_bytes> candidate; // the checkpoint handed in
  std::optional<std::string> states;      // by run_states, of the same training
};

// JSON {equal, sentence, steps, replayed, stateEverySteps, fields, divergence}, see docs/trainer.md. Stops at the first
// step that differs. Throws ledger::Invalid when the claim cannot be held against the plan.
std::string replay_plan(const Plan &plan, const Inputs &inputs, const ClaimBytes &claimed, const Machine &machine,
                        const trainer_hooks &hooks, int micro_batch = 0);

} // namespace trainer
