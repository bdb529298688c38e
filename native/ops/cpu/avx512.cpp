#include "canon/avx512.h"
#include "ops/select.h"
#include "table.h"

namespace trainer {
const OpTable<float> avx512_ops = cpu_table<Avx512>("avx512");
} // namespace trainer
