// Parts of cuda_tests.
#pragma once
#include "ops/op_table.h"

// Every op of a table against the reference, on shapes at the edges of tiles, warps and segments.
void shape_tests(const trainer::OpTable<float> &ops);
// The trainer's C interface with the backend "cuda" against the processor.
void interface_tests();
