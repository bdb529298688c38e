// Losses: a warp for each position, the factor on their gradients where it stands on the device, so that a recorded step
// may have another one each time. Sums over positions are sequential, a thread for each sequence.
#pragma once
#include "device.h"

namespace trainer {
namespace {

// Bytes of a position: those of a sequence stand `stride` after those of the sequence before.
struct Positions {
  const uint8_t *targets, *mask;
  size_t length, stride;
  __device__ size_t operator()(size_t row) const { return row / length * stride + row % length; }
};

__global__ void cross_entropy_kernel(size_t rows, float *logits, Positions at, int columns,
                                     const float *factor, float *losses) {
  const size_t t = row_index();
  if (t >= rows) return;
  const float scale = *factor;
  float *z = logits + t * columns;
  const int target = at.targets[at(t)];
  if (!at.mask[at(t)]) {
    if (lane_index() == 0) losses[t] = 0.0f;
    if (scale > 0.0f)
      for (int v = lane_index(); v < columns; v += warp_lanes) z[v] = 0.0f;
    return;
  }
  const float most = warp_largest(z, columns), aimed = Cuda::sub(z[target], most);
  float sum = 0.0f;
  for (int v = lane_index(); v < columns; v += warp_lanes)
    sum = Cuda::add(sum, trainer::exp<Cuda>(Cuda::sub(z[v], most)));
  const float total = fold_warp(sum);
  if (lane_index() == 0) losses[t] = Cuda::sub(trainer::log<Cuda>(total), aimed);
  if (!(scale > 0.0f)) return;
  __syncwarp(); // every lane has read what others overwrite
  const float share = Cuda::div(scale, total);
  for (int v = lane_index(); v < columns; v += warp_lanes) {
    const float value = Cuda::mul(trainer::exp<Cuda>(Cuda::sub(z[v], most)), share);
    z[v] = v == target ? Cuda::sub(value, scale) : value;
  }
}

__device__ inline float warp_weight(const float *z, float most, int columns) {
  float sum = 0.0f;
  for (int v = lane_index(); v < columns; v += warp_lanes)
    sum = Cuda::add(sum, trainer::exp<Cuda>(Cuda::sub(z[v], most)));
  return fold_warp(sum);
}

__global__ void divergence_kernel(size_t rows, const float *logits_p, float *logits_q, int columns,
                                  const float *factor, float *nats) {
  const size_t t = row_index();
  if (t >= rows) return;
  const float scale = *factor;
  const float *zp = logits_p + t * columns;
  float *zq = logits_q + t * columns;
  const float most_p = warp_largest(zp, columns), most_q = warp_largest(zq, columns);
  const float total_p = warp_weight(zp, most_p, columns), total_q = warp_weight(zq, most_q, columns);
  const float log_p = trainer::log<Cuda>(total_p), log_q = trainer::log<Cuda>(total_q);
  float sum = 0.0f;
  for (int v = lane_index(); v < columns; v += warp_lanes) {
    const float p = Cuda::sub(zp[v], most_p), q = Cuda::sub(zq[v], most_q);
    sum = Cuda::fma(trainer::exp<Cuda>(p), Cuda::sub(Cuda::sub(p, log_p), Cuda::sub(q, log_q)), sum);
  }
  const float dot = fold_warp(sum);
  if (lane_index() == 0) nats[t] = Cuda::mul(dot, Cuda::div(1.0f, total_p));
  if (!(scale > 0.0f)) return;
  __syncwarp(); // every lane has read what others overwrite
  const float share_p = Cuda::div(scale, total_p), share_q = Cuda::div(scale, total_q);
  for (int v = lane_index(); v < columns; v += warp_lanes) {
    const float p = trainer::exp<Cuda>(Cuda::sub(zp[v], most_p)), q = trainer::exp<Cuda>(Cuda::sub(zq[v], most_q));
    zq[v] = Cuda::sub(Cuda::mul(q, share_q), Cuda::mul(p, share_p));
  }
}

// errors[t] = R32 of (x - target)^2, gradient = (x - target) * factor.
__global__ void squared_error_kernel(size_t rows, const float *x, const float *target, int width, const float *factor,
                                     float *errors, float *gradient) {
  const size_t t = row_index();
  if (t >= rows) return;
  const float scale = *factor;
  float sum = 0.0f;
  for (size_t i = t * width + lane_index(); i < (t + 1) * width; i += warp_lanes) {
    const float off = Cuda::sub(x[i], target[i]);
    sum = Cuda::fma(off, off, sum);
    gradient[i] = Cuda::mul(off, scale);
  }
  const float error = fold_warp(sum);
  if (lane_index() == 0) errors[t] = error;
}

// sums[i] = values[i, 0] + values[i, 1] + ... in that order, from +0.
__global__ void sum_ascending_kernel(size_t count, const float *values, size_t length, float *sums) {
  const size_t i = element_index();
  if (i >= count) return;
  float sum = 0.0f;
  for (size_t t = 0; t < length; t++) sum = Cuda::add(sum, values[i * length + t]);
  sums[i] = sum;
}

} // namespace
} // namespace trainer
