// What a run asks of whatever trains: the gradient of a step, the update by it, and the state to be recorded.
#pragma once
#include "objective.h"
#include "update.h"

namespace trainer {

class Learner {
public:
  virtual ~Learner() = default;
  // Gradient of these sequences at the present weights; `parts` asks for the norms of its two parts too.
  virtual StepOutcome measure(const StepSequences &sequences, bool parts) = 0;
  // False when a weight is no longer finite.
  virtual bool update(const StepConstants &constants) = 0;
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

  StepOutcome measure(const StepSequences &sequences, bool parts) override {
    return objective_.measure(model_.values, *task_.task, sequences, task_.general, parts);
  }
  bool update(const StepConstants &constants) override {
    return optimiser_.update(pool_, constants, objective_.gradient(), task_.pulls ? task_.anchor->data() : nullptr,
                             model_.values);
  }
  std::vector<float> &weights() override { return model_.values; }
  std::vector<uint8_t> state_file() override { return optimiser_.state_file(); }

private:
  WorkerPool &pool_;
  const LearnerTask task_;
  Model model_;
  Objective objective_;
  Optimiser optimiser_;
};

} // namespace trainer
