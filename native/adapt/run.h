// Executes a plan: the native half of one update of the loop.
#pragma once
#include "training.h"

namespace trainer {

RunResult run_plan(const Plan &plan, const Inputs &inputs, const Machine &machine, const trainer_hooks &hooks,
                   int micro_batch = 0);

// The transcript of the same training with the state after every `every` steps and after the last: what two parties exchange
// when the plan's own states lie too far apart to tell the step.
std::string run_states(const Plan &plan, const Inputs &inputs, int64_t every, const Machine &machine,
                       const trainer_hooks &hooks, int micro_batch = 0);

} // namespace trainer
