#include "run.h"
#include "progress.h"

namespace trainer {

RunResult run_plan(const Plan &plan, const Inputs &inputs, const OpTable<float> &ops, WorkerPool &pool,
                   const trainer_hooks &hooks, int micro_batch) {
  Training training(plan, inputs, ops, pool, micro_batch);
  Progress progress(hooks, plan, training.length());
  while (!training.done()) {
    const int64_t step = training.step();
    progress.check_cancelled(step);
    const StepOutcome outcome = training.advance();
    training.record();
    progress.report(step, outcome.loss);
  }
  return training.finish();
}

} // namespace trainer
