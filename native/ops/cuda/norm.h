// RMSNorm: a warp for each row. The weight's gradient is one chain over the positions of a sequence, a thread for each.
#pragma once
#include "canon/constants.h"
#include "device.h"
#include "ops/op_table.h"
#include "sizes.h"

namespace trainer {
namespace {

__device__ inline float inverse_root(float squares, int width) {
  return trainer::rsqrt<Cuda>(Cuda::fma(squares, Cuda::div(1.0f, float(width)), norm_epsilon));
}

__global__ void norm_forward_kernel(size_t rows, const float *x, const float *weight, int width, float *out,
                                    float *inverse) {
  const size_t t = row_index();
  if (t >= rows) return;
  const float *row = x + t * width;
  const float scale = inverse_root(warp_dot(row, row, width), width);
  for (int j = lane_index(); j < width; j += warp_lanes)
    out[t * width + j] = Cuda::mul(Cuda::mul(row[j], scale), weight[j]);
  if (lane_index() == 0) inverse[t] = scale;
}

__global__ void norm_again_kernel(size_t count, const float *x, const float *weight, const float *inverse, int width,
                                  float *out) {
  const size_t i = element_index();
  if (i < count) out[i] = Cuda::mul(Cuda::mul(x[i], inverse[i / width]), weight[i % width]);
}

struct NormBackward {
  const float *x, *weight, *inverse, *grad_out;
  int width;
  float *grad_x;
  bool accumulate;
};

__global__ void norm_backward_kernel(size_t rows, NormBackward op) {
  const size_t t = row_index();
  if (t >= rows) return;
  const float *x = op.x + t * op.width, *grad_out = op.grad_out + t * op.width;
  float *grad_x = op.grad_x + t * op.width;
  const float inverse = op.inverse[t];
  float sum = 0.0f;
  for (int j = lane_index(); j < op.width; j += warp_lanes)
    sum = Cuda::fma(Cuda::mul(grad_out[j], op.weight[j]), Cuda::mul(x[j], inverse), sum);
  const float mean = -Cuda::mul(fold_warp(sum), Cuda::div(1.0f, float(op.width)));
  for (int j = lane_index(); j < op.width; j += warp_lanes) {
    const float scaled = Cuda::mul(grad_out[j], op.weight[j]), unit = Cuda::mul(x[j], inverse);
    const float value = Cuda::mul(inverse, Cuda::fma(unit, mean, scaled));
    grad_x[j] = op.accumulate ? Cuda::add(grad_x[j], value) : value;
  }
}

// grad_weight[j] takes in grad_out[t, j] * (x[t, j] * inverse[t]) over ascending t; `stride` from one sequence's to the
// next.
struct NormWeight {
  const float *x, *inverse, *grad_out;
  int length, width;
  float *grad_weight;
  size_t stride;
};

__global__ void norm_weight_kernel(size_t count, NormWeight op) {
  const size_t i = element_index();
  if (i >= count) return;
  const size_t sequence = i / op.width, j = i % op.width;
  float *out = op.grad_weight + sequence * op.stride + j;
  float sum = *out;
  for (size_t t = sequence * op.length; t < (sequence + 1) * op.length; t++)
    sum = Cuda::fma(op.grad_out[t * op.width + j], Cuda::mul(op.x[t * op.width + j], op.inverse[t]), sum);
  *out = sum;
}

} // namespace
} // namespace trainer
