// Gated RMSNorm: a warp for each row.
#pragma once
#include "norm.h"

namespace trainer {
namespace {

__device__ inline float gated(float y, float z) { return Cuda::mul(y, Cuda::mul(z, trainer::sigmoid<Cuda>(z))); }

__global__ void gate_forward_kernel(size_t rows, Sizes at, GateForward<float> op) {
  const size_t t = row_index();
  if (t >= rows) return;
  const float *y = op.output + t * at.inner, *z = op.projected + t * at.projected;
  float *row = op.normalised + t * at.inner;
  float squares = 0.0f;
  for (int j = lane_index(); j < at.inner; j += warp_lanes) {
    row[j] = gated(y[j], z[j]);
    squares = Cuda::fma(row[j], row[j], squares);
  }
  const float inverse = inverse_root(fold_warp(squares), at.inner);
  for (int j = lane_index(); j < at.inner; j += warp_lanes)
    row[j] = Cuda::mul(Cuda::mul(row[j], inverse), op.weight[j]);
  if (lane_index() == 0) op.inverse[t] = inverse;
}

// Leaves y * silu(z) in the scratch, here one value for each of [rows, DI]: the weight's gradient is made of it.
__global__ void gate_backward_kernel(size_t rows, Sizes at, GateBackward<float> op) {
  const size_t t = row_index();
  if (t >= rows) return;
  const float *y = op.output + t * at.inner, *z = op.projected + t * at.projected;
  const float *grad = op.grad_normalised + t * at.inner;
  float *row = op.scratch + t * at.inner, *normalised = op.normalised + t * at.inner;
  float *grad_z = op.grad_projected + t * at.projected, *grad_output = op.grad_output + t * at.inner;
  const float inverse = op.inverse[t];
  float sum = 0.0f;
  for (int j = lane_index(); j < at.inner; j += warp_lanes) {
    row[j] = gated(y[j], z[j]);
    const float unit = Cuda::mul(row[j], inverse);
    normalised[j] = Cuda::mul(unit, op.weight[j]);
    sum = Cuda::fma(Cuda::mul(grad[j], op.weight[j]), unit, sum);
  }
  const float mean = -Cuda::mul(fold_warp(sum), Cuda::div(1.0f, float(at.inner)));
  for (int j = lane_index(); j < at.inner; j += warp_lanes) {
    const float scaled = Cuda::mul(grad[j], op.weight[j]), unit = Cuda::mul(row[j], inverse);
    const float grad_gated = Cuda::mul(inverse, Cuda::fma(unit, mean, scaled));
    const float gate = trainer::sigmoid<Cuda>(z[j]), silu = Cuda::mul(z[j], gate);
    grad_output[j] = Cuda::mul(grad_gated, silu);
    grad_z[j] = Cuda::mul(Cuda::mul(grad_gated, y[j]), Cuda::fma(silu, Cuda::sub(1.0f, gate), gate));
  }
}

inline void device_gate_backward(const Sizes &at, const GateBackward<float> &op, size_t stride) {
  launch_rows(gate_backward_kernel, at.rows(), at, op);
  launch_elements(norm_weight_kernel, size_t(at.sequences) * at.inner,
                  NormWeight{op.scratch, op.inverse, op.grad_normalised, at.length, at.inner, op.grad_weight, stride});
}

} // namespace
} // namespace trainer
