// The table of one instruction set.
#pragma once
#include "matmul.h"
#include "ops/reference/table.h"

namespace trainer {
namespace {

template <class S> constexpr OpTable<float> cpu_table(const char *name) {
  OpTable<float> table = reference_table<float>(name);
  table.packed_size = cpu_packed_size<S>;
  table.pack = cpu_pack<S>;
  table.matmul = cpu_matmul<S>;
  return table;
}

} // namespace
} // namespace trainer
