// Folding of gradients, the norm, AdamW and the pull: a thread for each parameter, a warp for each block of 4,096.
#pragma once
#include "device.h"
#include "loss.h"
#include "ops/op_table.h"

namespace trainer {
namespace {

__global__ void add_kernel(size_t count, const float *a, const float *b, float *sum) {
  const size_t i = element_index();
  if (i < count) sum[i] = Cuda::add(a[i], b[i]);
}

// total = total + parts[0] + parts[1] ... in that order, or parts[0] + ... when `fresh`; parts stand `count` apart.
__global__ void fold_kernel(size_t count, const float *parts, size_t number, bool fresh, float *total) {
  const size_t i = element_index();
  if (i >= count) return;
  float sum = fresh ? parts[i] : total[i];
  for (size_t part = fresh ? 1 : 0; part < number; part++) sum = Cuda::add(sum, parts[part * count + i]);
  total[i] = sum;
}

__global__ void square_sum_kernel(size_t blocks, const float *x, size_t count, size_t block, float *sums) {
  const size_t i = row_index();
  if (i >= blocks) return;
  const size_t begin = i * block, size = count - begin < block ? count - begin : block;
  const float sum = warp_dot(x + begin, x + begin, int(size));
  if (lane_index() == 0) sums[i] = sum;
}

__global__ void norm_kernel(size_t, const float *sums, size_t blocks, float *norm) {
  if (element_index() > 0) return;
  float total = 0.0f;
  for (size_t i = 0; i < blocks; i++) total = Cuda::add(total, sums[i]);
  *norm = Cuda::sqrt(total);
}

__device__ inline void adamw_element(const AdamW<float> &op, float decay, float *weight, float *first, float *second,
                                     float gradient) {
  const float g = Cuda::mul(gradient, op.clip);
  *first = Cuda::fma(op.beta1, *first, Cuda::mul(op.rest1, g));
  *second = Cuda::fma(op.beta2, *second, Cuda::mul(Cuda::mul(op.rest2, g), g));
  const float update = Cuda::div(Cuda::mul(*first, op.correction1),
                                 Cuda::add(Cuda::sqrt(Cuda::mul(*second, op.correction2)), op.epsilon));
  *weight = Cuda::fma(-op.rate, Cuda::fma(decay, *weight, update), *weight);
}

__device__ inline void pull_element(float *weight, float anchor, float rate) {
  *weight = Cuda::fma(-rate, Cuda::sub(*weight, anchor), *weight);
}

__global__ void adamw_kernel(size_t count, AdamW<float> op, float *weight, float *first, float *second,
                             const float *gradient) {
  const size_t i = element_index();
  if (i < count) adamw_element(op, op.weight_decay, weight + i, first + i, second + i, gradient[i]);
}

__global__ void pull_kernel(size_t count, float *weight, const float *anchor, float rate) {
  const size_t i = element_index();
  if (i < count) pull_element(weight + i, anchor[i], rate);
}

// What one step's losses and update need beside the weights. It lies on the device, so that a recorded step finds the
// numbers of the step at hand.
struct StepNumbers {
  AdamW<float> adamw; // its factor on the gradient is made of the norm
  float most_norm, pull_rate, task_factor, general_factor;
};

// A whole update: `decays` says which parameters weight decay is for, `anchor` may be null, `broken` becomes 1 when a
// weight is no longer finite.
struct Update {
  const StepNumbers *numbers;
  float *weight, *first, *second;
  const float *gradient, *norm, *anchor;
  const uint8_t *decays;
  float *broken;
};

__global__ void update_kernel(size_t count, Update op) {
  const size_t i = element_index();
  if (i >= count) return;
  AdamW<float> adamw = op.numbers->adamw;
  const float norm = *op.norm, most = op.numbers->most_norm;
  adamw.clip = norm > most ? Cuda::div(most, norm) : 1.0f;
  adamw_element(adamw, op.decays[i] ? adamw.weight_decay : 0.0f, op.weight + i, op.first + i, op.second + i,
                op.gradient[i]);
  if (op.anchor) pull_element(op.weight + i, op.anchor[i], op.numbers->pull_rate);
  if ((Cuda::bits(op.weight[i]) & 0x7f800000) == 0x7f800000) *op.broken = 1.0f;
}

} // namespace
} // namespace trainer
