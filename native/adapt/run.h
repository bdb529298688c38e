// Executes a plan: the native half of one update of the loop.
#pragma once
#include "include/trainer.h"
#include "machine.h"
#include "plan.h"
#include <string>
#include <vector>

namespace trainer {

struct RunResult {
  std::vector<uint8_t> checkpoint, optimiser;
  std::string transcript, receipt;
};

// The blobs a plan names, found by the SHA-256 that the trainer computes itself.
class Inputs {
public:
  Inputs(const trainer_bytes *inputs, size_t count);
  // Throws Failure(TRAINER_MISSING) naming the field.
  const trainer_bytes &find(const ledger::Digest &digest, const char *field) const;

private:
  std::vector<std::pair<ledger::Digest, trainer_bytes>> blobs_;
};

RunResult run_plan(const Plan &plan, const Inputs &inputs, const Machine &machine, const trainer_hooks &hooks,
                   int micro_batch = 0);

} // namespace trainer
