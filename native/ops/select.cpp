#include "select.h"
#include "model/failure.h"

namespace trainer {

std::vector<InstructionSet> instruction_sets() {
  std::vector<InstructionSet> sets;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool fma = __builtin_cpu_supports("fma"), avx2 = fma && __builtin_cpu_supports("avx2");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
  sets.push_back({"avx512", avx512, &avx512_ops});
  sets.push_back({"avx2", avx2, &avx2_ops});
  sets.push_back({"reference", true, fma ? &reference_fused_ops : &reference_portable_ops});
#elif defined(__aarch64__)
  sets.push_back({"neon", true, &neon_ops});
  sets.push_back({"reference", true, &reference_portable_ops});
#else
  sets.push_back({"reference", true, &reference_portable_ops});
#endif
  return sets;
}

const OpTable<float> &select_ops(const char *isa) {
  std::string known;
  for (const InstructionSet &set : instruction_sets()) {
    if (isa ? set.name == isa && set.available : set.available) return *set.ops;
    if (!set.available) continue;
    if (!known.empty()) known += ", ";
    known += set.name;
  }
  throw Failure(TRAINER_UNAVAILABLE, "isa must be one of " + known + " on this machine, not " + isa);
}

} // namespace trainer
