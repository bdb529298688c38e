#include "core_isa.h"
#include "ops/select.h"

using trainer::OpTable;

extern const OpTable<float> contracted_table;
void functions_reference(int, const float *, float *, size_t);
#if defined(__x86_64__)
extern const OpTable<float> wide16_table;
void functions_avx2(int, const float *, float *, size_t);
void functions_wide16(int, const float *, float *, size_t);
void functions_avx512(int, const float *, float *, size_t);
#elif defined(__aarch64__)
void functions_neon(int, const float *, float *, size_t);
#endif

static FunctionKernel functions_of(const std::string &name) {
#if defined(__x86_64__)
  if (name == "avx2") return functions_avx2;
  if (name == "avx512") return functions_avx512;
#elif defined(__aarch64__)
  if (name == "neon") return functions_neon;
#endif
  return name == "reference" ? functions_reference : nullptr;
}

std::vector<TestedSet> tested_sets() {
  std::vector<TestedSet> sets{{"portable reference", &trainer::reference_portable_ops, nullptr}};
  for (const trainer::InstructionSet &set : trainer::instruction_sets()) {
    if (!set.available) continue;
    sets.insert(set.name == "reference" ? sets.begin() : sets.end(), {set.name, set.ops, functions_of(set.name)});
#if defined(__x86_64__)
    if (set.name == "avx2") sets.push_back({"wide16", &wide16_table, functions_wide16});
#endif
  }
  return sets;
}

const OpTable<float> &contracted_ops() { return contracted_table; }
