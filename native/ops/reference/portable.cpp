// The specification for any processor: fma comes from the C library where the processor has none.
#include "ops/select.h"
#include "table.h"

namespace trainer {
const OpTable<float> reference_portable_ops = reference_table<float>("reference");
} // namespace trainer
