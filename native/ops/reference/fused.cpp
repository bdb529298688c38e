// The same specification compiled with the processor's fma: same bits, many times faster.
#include "ops/select.h"
#include "table.h"

namespace trainer {
const OpTable<float> reference_fused_ops = reference_table<float>("reference");
} // namespace trainer
