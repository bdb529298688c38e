// What a run asks of whatever trains: steps, and the state to be recorded.
#pragma once
#include "objective.h"
#include "update.h"
#include <span>

namespace trainer {

// One step: the gradient of these sequences at the present weights, and the update by it.
struct StepRequest {
  StepSequences sequences;
  StepConstants constants; // its clip is found in the step
  float most_norm;         // of the gradient that the update is made of
  bool parts;              // also the norms of the gradient's two parts
};

class Learner {
public:
  virtual ~Learner() = default;
  // How many steps it is worth asking for at once.
  virtual size_t at_once() const { return 1; }
  // One after the other. What comes after a step that breaks has no meaning.
  virtual std::vector<StepOutcome> train(std::span<const StepRequest> steps) = 0;
  // The present weights; of a device, a copy.
  virtual std::vector<float> &weights() = 0;
  // The moments as a file.
  virtual std::vector<uint8_t> state_file() = 0;
};

// What a learner trains on; all of it is borrowed.
struct LearnerTask {
  const ledger::Sequences *task, *general; // general and anchor may be null
  const std::vector<float> *anchor;
  size_t batch, general_batch;
  float kl_beta; // 0: no divergence from the anchor
  bool pulls;    // towards the anchor, after each update
  int micro_batch;
  const DistillationPlan *distillation = nullptr; // with traces, or null
  const ledger::Traces *traces = nullptr;
};

class CpuLearner : public Learner {
public:
  CpuLearner(const OpTable<float> &ops, WorkerPool &pool, const Model &initial, const LearnerTask &task)
      : pool_(pool), task_(task), model_(initial),
        objective_(ops, pool, model_.table, int(task.task->length()), task.batch, task.micro_batch),
        optimiser_(ops, model_.table) {
    if (task.traces) objective_.distil(*task.distillation, *task.traces);
    if (task.kl_beta > 0)
      objective_.anchor(*task.anchor, int(task.general->length()), task.general_batch, task.kl_beta);
  }

  std::vector<StepOutcome> train(std::span<const StepRequest> steps) override {
    std::vector<StepOutcome> outcomes;
    for (const StepRequest &step : steps) outcomes.push_back(train(step));
    return outcomes;
  }
  std::vector<float> &weights() override { return model_.values; }
  std::vector<uint8_t> state_file() override { return optimiser_.state_file(); }

private:
  StepOutcome train(const StepRequest &step) {
    StepOutcome outcome = objective_.measure(model_.values, *task_.task, step.sequences, task_.general, step.parts);
    StepConstants constants = step.constants;
    constants.adamw.clip = outcome.norm > step.most_norm ? step.most_norm / outcome.norm : 1.0f;
    outcome.finite = optimiser_.update(pool_, constants, objective_.gradient(),
                                       task_.pulls ? task_.anchor->data() : nullptr, model_.values);
    return outcome;
  }

  WorkerPool &pool_;
  const LearnerTask task_;
  Model model_;
  Objective objective_;
  Optimiser optimiser_;
};

} // namespace trainer
