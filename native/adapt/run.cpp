#include "run.h"
#include "progress.h"
#include "state/invalid.h"
#include <functional>

namespace trainer {

namespace {

// Every step, each recorded; `after` may be empty.
void train(Training &training, const Plan &plan, const trainer_hooks &hooks,
           const std::function<void(const ledger::TranscriptLine &, const StepOutcome &)> &after) {
  Progress progress(hooks, plan, training.length());
  while (!training.done()) {
    const int64_t step = training.step();
    progress.check_cancelled(step);
    const StepOutcome outcome = training.advance();
    const ledger::TranscriptLine line = training.record();
    if (after) after(line, outcome);
    progress.report(step, outcome.loss);
  }
}

} // namespace

RunResult run_plan(const Plan &plan, const Inputs &inputs, const Machine &machine, const trainer_hooks &hooks,
                   int micro_batch) {
  Training training(plan, inputs, machine, micro_batch);
  train(training, plan, hooks, {});
  return training.finish();
}

std::string run_states(const Plan &plan, const Inputs &inputs, int64_t every, const Machine &machine,
                       const trainer_hooks &hooks, int micro_batch) {
  if (every < 1 || every > plan.steps)
    throw ledger::Invalid("every must be 1 to the plan's " + std::to_string(plan.steps) + " steps, not " +
                          std::to_string(every));
  Training training(plan, inputs, machine, micro_batch);
  training.ask_for_states([&](int64_t step) { return records_state(plan, step, every); });
  ledger::TranscriptWriter states(training.initial());
  train(training, plan, hooks, [&](const ledger::TranscriptLine &line, const StepOutcome &outcome) {
    std::optional<std::vector<ledger::TensorDigest>> state;
    if (records_state(plan, int64_t(line.step), every)) state = training.state();
    states.add(line.step, outcome.loss, outcome.norm, line.batch, state);
  });
  return states.text();
}

} // namespace trainer
