// Gated RMSNorm: norm(y * silu(z)) * weight, and its backward.
#pragma once
#include "norm.h"

namespace trainer {
namespace {

template <class Real> void reference_gate_forward(const Shape &shape, int length, const GateForward<Real> &op) {
  const int inner = shape.inner(), projected = shape.projected();
  for (int t = 0; t < length; t++) {
    const Real *y = op.output + size_t(t) * inner, *z = op.projected + size_t(t) * projected;
    Real *row = op.normalised + size_t(t) * inner;
    for (int j = 0; j < inner; j++) row[j] = y[j] * (z[j] * sigmoid_of(z[j]));
    op.inverse[t] = inverse_rms(row, inner);
    for (int j = 0; j < inner; j++) row[j] = (row[j] * op.inverse[t]) * op.weight[j];
  }
}

template <class Real> void reference_gate_backward(const Shape &shape, int length, const GateBackward<Real> &op) {
  const int inner = shape.inner(), projected = shape.projected();
  Real *gated = op.scratch, *grad_gated = gated + inner, *unit = grad_gated + inner;
  for (int t = 0; t < length; t++) {
    const size_t row = size_t(t) * inner;
    const Real *y = op.output + row, *z = op.projected + size_t(t) * projected;
    Real *grad_z = op.grad_projected + size_t(t) * projected;
    for (int j = 0; j < inner; j++) {
      gated[j] = y[j] * (z[j] * sigmoid_of(z[j]));
      op.normalised[row + j] = (gated[j] * op.inverse[t]) * op.weight[j];
    }
    norm_backward_row(gated, op.weight, op.inverse[t], op.grad_normalised + row, inner, op.grad_weight, grad_gated, unit);
    for (int j = 0; j < inner; j++) {
      const Real gate = sigmoid_of(z[j]), silu = z[j] * gate;
      op.grad_output[row + j] = grad_gated[j] * silu;
      grad_z[j] = (grad_gated[j] * y[j]) * fused(silu, Real(1) - gate, gate);
    }
  }
}

} // namespace
} // namespace trainer
