#include "ops/reference/table.h"

extern const trainer::OpTable<float> contracted_table;
const trainer::OpTable<float> contracted_table = trainer::reference_table<float>("contracted");
