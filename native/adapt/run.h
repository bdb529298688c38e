// Executes a plan: the native half of one update of the loop.
#pragma once
#include "training.h"

namespace trainer {

RunResult run_plan(const Plan &plan, const Inputs &inputs, const OpTable<float> &ops, WorkerPool &pool,
                   const trainer_hooks &hooks, int micro_batch = 0);

} // namespace trainer
