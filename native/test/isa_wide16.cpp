#include "canon/wide16.h"
#include "ops/cpu/table.h"

extern const trainer::OpTable<float> wide16_table;
const trainer::OpTable<float> wide16_table = trainer::cpu_table<trainer::Wide16>("wide16");
