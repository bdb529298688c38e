// Which instruction sets this build and this machine have.
#pragma once
#include "op_table.h"
#include <string>
#include <vector>

namespace trainer {

extern const OpTable<float> reference_portable_ops;
#if defined(__x86_64__)
extern const OpTable<float> reference_fused_ops;
extern const OpTable<float> avx2_ops;
extern const OpTable<float> avx512_ops;
#elif defined(__aarch64__)
extern const OpTable<float> neon_ops;
#endif

struct InstructionSet {
  std::string name;
  bool available;
  const OpTable<float> *ops;
};

// Best first; the reference is always there and last.
std::vector<InstructionSet> instruction_sets();
// The named set, or the best of this machine for nullptr. Throws Failure(TRAINER_UNAVAILABLE).
const OpTable<float> &select_ops(const char *isa);

} // namespace trainer
