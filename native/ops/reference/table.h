// The table of the executable specification for one scalar type.
#pragma once
#include "attention.h"
#include "conv.h"
#include "gate.h"
#include "loss.h"
#include "optimiser.h"
#include "ssd_backward.h"

namespace trainer {
namespace {

template <class Real> constexpr OpTable<Real> reference_table(const char *name) {
  OpTable<Real> table{};
  table.name = name;
  table.packed_size = reference_packed_size;
  table.pack = reference_pack<Real>;
  table.matmul = reference_matmul<Real>;
  table.add = reference_add<Real>;
  table.norm_forward = reference_norm_forward<Real>;
  table.norm_backward = reference_norm_backward<Real>;
  table.norm_again = reference_norm_again<Real>;
  table.conv_forward = reference_conv_forward<Real>;
  table.conv_backward = reference_conv_backward<Real>;
  table.ssd_scratch = reference_ssd_scratch;
  table.ssd_forward = reference_ssd_forward<Real>;
  table.ssd_backward = reference_ssd_backward<Real>;
  table.gate_forward = reference_gate_forward<Real>;
  table.gate_backward = reference_gate_backward<Real>;
  table.attention_scratch = reference_attention_scratch;
  table.attention_forward = reference_attention_forward<Real>;
  table.attention_backward = reference_attention_backward<Real>;
  table.cross_entropy = reference_cross_entropy<Real>;
  table.divergence = reference_divergence<Real>;
  table.squared_error = reference_squared_error<Real>;
  table.square_sum = reference_square_sum<Real>;
  table.adamw = reference_adamw<Real>;
  table.pull = reference_pull<Real>;
  return table;
}

} // namespace
} // namespace trainer
