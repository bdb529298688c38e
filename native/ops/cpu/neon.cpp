#include "canon/neon.h"
#include "ops/select.h"
#include "table.h"

namespace trainer {
const OpTable<float> neon_ops = cpu_table<Neon>("neon");
} // namespace trainer
