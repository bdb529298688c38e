// Loops over elements: whole vectors first, then single lanes, with one body for both.
#pragma once
#include "canon/functions.h"
#include "canon/reduce.h"
#include "ops/op_table.h"

namespace trainer {
namespace {

// Calls body(vocabulary, i); the vocabulary says how many elements from i on are meant.
template <class S, class Body> inline __attribute__((always_inline)) void for_lanes(size_t count, Body body) {
  size_t i = 0;
  for (; i + S::width <= count; i += S::width) body(S{}, i);
  for (; i < count; i++) body(Scalar{}, i);
}

} // namespace
} // namespace trainer
