// What a plan names, loaded and checked before the first step.
#pragma once
#include "include/trainer.h"
#include "model/parameters.h"
#include "optim/objective.h"
#include "state/sequences.h"
#include "state/traces.h"
#include "plan.h"
#include <optional>
#include <utility>
#include <vector>

namespace trainer {

// The blobs a plan names, found by the SHA-256 that the trainer computes itself.
class Inputs {
public:
  Inputs(const trainer_bytes *inputs, size_t count);
  // Throws Failure(TRAINER_MISSING) naming the field.
  const trainer_bytes &find(const ledger::Digest &digest, const char *field) const;

private:
  std::vector<std::pair<ledger::Digest, trainer_bytes>> blobs_;
};

struct Job {
  Job(const Plan &plan, const Inputs &inputs);

  Model initial;
  ledger::Sequences batches;
  std::optional<Model> anchor;
  std::optional<ledger::Sequences> general, sentinel;
  std::optional<ledger::Traces> traces;
};

StepSequences sequences_of(const Plan &plan, const Job &job, int64_t step);
// SHA-256 of the step's sequences as they stand in their blobs: the task's, then the general ones.
ledger::Digest batch_digest(const Job &job, const StepSequences &sequences);

} // namespace trainer
