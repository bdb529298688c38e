// Loss and gradient of one step: next-byte cross entropy on the task sequences plus, optionally, the divergence from an
// anchor model on general sequences. Per-sequence gradients are folded in the order of the sequences.
#pragma once
#include "model/sequence_pass.h"
#include "model/worker_pool.h"
#include "state/sequences.h"
#include "state/traces.h"
#include "distillation.h"
#include <memory>
#include <vector>

namespace trainer {

struct StepOutcome {
  float loss = 0;     // mean nats per scored position
  float kl = 0;       // mean nats per general position
  float norm = 0;     // of the gradient, before clipping
  float norm_task = 0, norm_anchor = 0; // of its two parts, when asked for
  // Against a teacher: mean nats per position at the plan's temperature, and mean squared error of each hidden target.
  float divergence = 0;
  std::vector<float> hidden;
  bool finite = true; // every weight, after the update
};

// Places of a step's sequences in their blobs; `general` is empty without an anchor.
struct StepSequences {
  std::vector<size_t> task, general;
};

// Numbers of positions of a step, and the factors on the gradients of their sums.
struct StepScale {
  StepScale(const ledger::Sequences &task, const StepSequences &sequences, size_t general_length, float beta);
  float positions, general_positions, task, general;
};

class Objective {
public:
  // `micro_batch` sequences at most have their gradients in memory at once; 0: enough to keep the workers busy.
  Objective(const OpTable<float> &ops, WorkerPool &pool, const ParameterTable &table, int length, size_t batch,
            int micro_batch);
  // Adds beta * KL(p_anchor || p). The anchor's values are borrowed.
  void anchor(const std::vector<float> &values, int length, size_t batch, float beta);

  // Adds a teacher's part to the task's, and gives that its weight. Both are borrowed; every sequence of the task must be
  // among the traces.
  void distil(const DistillationPlan &plan, const ledger::Traces &traces);

  // Gradient at `values` for these sequences.
  StepOutcome measure(const std::vector<float> &values, const ledger::Sequences &task, const StepSequences &sequences,
                      const ledger::Sequences *general, bool parts);
  const Buffer<float> &gradient() const { return total_; }

private:
  using Pass = SequencePass<float>;
  using Passes = std::vector<std::unique_ptr<Pass>>;

  Passes make_passes(int length, bool backward);
  void prepare(PreparedWeights<float> &prepared, const float *values);
  void reserve_parts(size_t batch);
  // What one sequence of the task adds to the step's sums.
  struct TaskSums {
    float loss = 0, divergence = 0;
    std::vector<float> hidden;
  };
  void task_item(const float *values, const ledger::Sequences &task, size_t sequence, float scale, float positions,
                 int worker, Buffer<float> &gradient, TaskSums &sums);
  void compare_with_teacher(Distillation<float> &distillation, const Pass &pass, const uint8_t *tokens,
                            const float *logits, float positions, TaskSums &sums) const;
  void finish_distillation(const std::vector<TaskSums> &sums, float positions, StepOutcome &outcome) const;
  void general_item(const float *values, const ledger::Sequences &general, size_t sequence, float scale, int worker,
                    Buffer<float> &gradient, float &kl);

  const OpTable<float> &ops_;
  WorkerPool &pool_;
  const ParameterTable &table_;
  PreparedWeights<float> prepared_;
  Passes passes_, general_passes_, anchor_passes_;
  std::unique_ptr<PreparedWeights<float>> anchor_prepared_;
  const float *anchor_values_ = nullptr;
  const DistillationPlan *distillation_ = nullptr;
  const ledger::Traces *traces_ = nullptr;
  std::vector<std::unique_ptr<Distillation<float>>> distillations_;
  float beta_ = 0;
  int length_, general_length_ = 0;
  size_t micro_batch_;
  std::vector<Buffer<float>> parts_;
  Buffer<float> total_, total_anchor_;
};

} // namespace trainer
