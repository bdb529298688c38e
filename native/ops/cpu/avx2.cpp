#include "canon/avx2.h"
#include "ops/select.h"
#include "table.h"

namespace trainer {
const OpTable<float> avx2_ops = cpu_table<Avx2>("avx2");
} // namespace trainer
