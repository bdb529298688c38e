// Instruction sets as the tests see them, with those that only tests have.
#pragma once
#include "ops/op_table.h"
#include <string>
#include <vector>

// The functions of the contract over arrays, compiled once per instruction set.
using FunctionKernel = void (*)(int function, const float *in, float *out, size_t count);

struct TestedSet {
  std::string name;
  const trainer::OpTable<float> *ops;
  FunctionKernel functions; // null where only the ops are of interest
};

// Every set that this machine can run, the reference first.
std::vector<TestedSet> tested_sets();
// The reference compiled with contraction on: what contract nc-1 forbids.
const trainer::OpTable<float> &contracted_ops();
