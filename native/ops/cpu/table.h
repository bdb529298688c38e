// The table of one instruction set.
#pragma once
#include "attention.h"
#include "conv.h"
#include "loss.h"
#include "norm.h"
#include "optimiser.h"
#include "ssd_backward.h"

namespace trainer {
namespace {

template <class S> constexpr OpTable<float> cpu_table(const char *name) {
  OpTable<float> table{};
  table.name = name;
  table.packed_size = cpu_packed_size<S>;
  table.pack = cpu_pack<S>;
  table.matmul = cpu_matmul<S>;
  table.add = cpu_add<S>;
  table.norm_forward = cpu_norm_forward<S>;
  table.norm_backward = cpu_norm_backward<S>;
  table.norm_again = cpu_norm_again<S>;
  table.conv_forward = cpu_conv_forward<S>;
  table.conv_backward = cpu_conv_backward<S>;
  table.ssd_scratch = cpu_ssd_scratch<S>;
  table.ssd_forward = cpu_ssd_forward<S>;
  table.ssd_backward = cpu_ssd_backward<S>;
  table.gate_forward = cpu_gate_forward<S>;
  table.gate_backward = cpu_gate_backward<S>;
  table.attention_scratch = cpu_attention_scratch<S>;
  table.attention_forward = cpu_attention_forward<S>;
  table.attention_backward = cpu_attention_backward<S>;
  table.cross_entropy = cpu_cross_entropy<S>;
  table.divergence = cpu_divergence<S>;
  table.squared_error = cpu_squared_error<S>;
  table.square_sum = cpu_square_sum<S>;
  table.adamw = cpu_adamw<S>;
  table.pull = cpu_pull<S>;
  return table;
}

} // namespace
} // namespace trainer
