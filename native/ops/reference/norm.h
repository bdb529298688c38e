// RMSNorm with weight, epsilon 1e-5, and its backward.
#pragma once
#include "canon/constants.h"
#include "ops/op_table.h"
#include "arithmetic.h"

namespace trainer {
namespace {

template <class Real> Real inverse_rms(const Real *x, int width) {
  return rsqrt_of(fused(lanes_dot(x, x, width), Real(1) / Real(width), Real(norm_epsilon)));
}

template <class Real>
void reference_norm_again(const Real *x, const Real *weight, const Real *inverse, int rows, int width, Real *out) {
  for (int t = 0; t < rows; t++)
    for (int j = 0; j < width; j++) {
      const size_t i = size_t(t) * width + j;
      out[i] = (x[i] * inverse[t]) * weight[j];
    }
}

template <class Real>
void reference_norm_forward(const Real *x, const Real *weight, int rows, int width, Real *out, Real *inverse) {
  for (int t = 0; t < rows; t++) inverse[t] = inverse_rms(x + size_t(t) * width, width);
  reference_norm_again(x, weight, inverse, rows, width, out);
}

// One row: adds to grad_weight, leaves the row's gradient of x in `scaled` (width values); scratch holds the other half.
template <class Real>
void norm_backward_row(const Real *x, const Real *weight, Real inverse, const Real *grad_out, int width, Real *grad_weight,
                       Real *scaled, Real *unit) {
  for (int j = 0; j < width; j++) {
    unit[j] = x[j] * inverse;
    scaled[j] = grad_out[j] * weight[j];
    grad_weight[j] = fused(grad_out[j], unit[j], grad_weight[j]);
  }
  const Real mean = -(lanes_dot(scaled, unit, width) * (Real(1) / Real(width)));
  for (int j = 0; j < width; j++) scaled[j] = inverse * fused(unit[j], mean, scaled[j]);
}

template <class Real>
void reference_norm_backward(const Real *x, const Real *weight, const Real *inverse, const Real *grad_out, int rows,
                             int width, Real *grad_x, Real *grad_weight, bool accumulate, Real *scratch) {
  for (int t = 0; t < rows; t++) {
    const size_t row = size_t(t) * width;
    norm_backward_row(x + row, weight, inverse[t], grad_out + row, width, grad_weight, scratch, scratch + width);
    for (int j = 0; j < width; j++) grad_x[row + j] = accumulate ? grad_x[row + j] + scratch[j] : scratch[j];
  }
}

} // namespace
} // namespace trainer
