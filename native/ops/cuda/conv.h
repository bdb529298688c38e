// Causal convolution with silu, step sizes and decay sums. What the reference adds up over the positions is one chain
// of one thread; everything else has a thread for each element. Taps may stand by position [4, CD] or by channel [CD,
// 4].
#pragma once
#include "device.h"
#include "ops/op_table.h"
#include "sizes.h"

namespace trainer {
namespace {

struct Taps {
  ptrdiff_t tap, channel;
  __device__ size_t operator()(int i, int j) const { return i * tap + j * channel; }
};

__global__ void conv_forward_kernel(size_t count, Sizes at, ConvForward<float> op, Taps taps) {
  const size_t i = element_index();
  if (i >= count) return;
  const int j = int(i % at.channels);
  const size_t row = i / at.channels;
  const int t = int(row % at.length);
  float sum = op.bias[j];
  for (int tap = 0; tap < Shape::taps; tap++) {
    const int back = Shape::taps - 1 - tap;
    if (back > t) continue;
    sum = Cuda::fma(op.taps[taps(tap, j)], op.projected[(row - back) * at.projected + at.conv_column + j], sum);
  }
  op.gate[i] = trainer::sigmoid<Cuda>(sum);
  op.activated[i] = Cuda::mul(sum, op.gate[i]);
}

__global__ void step_kernel(size_t count, Sizes at, ConvForward<float> op) {
  const size_t i = element_index();
  if (i >= count) return;
  const size_t t = i % at.length, h = i / at.length % at.heads, row = i / at.length / at.heads * at.length + t;
  op.step[i] =
      trainer::softplus<Cuda>(Cuda::add(op.projected[row * at.projected + at.step_column + h], op.step_bias[h]));
}

// One thread for each chunk of each head: the sums are sequential.
__global__ void decay_kernel(size_t count, Sizes at, ConvForward<float> op) {
  const size_t i = element_index();
  if (i >= count) return;
  const float rate = -trainer::exp<Cuda>(op.decay_log[i / at.chunks % at.heads]);
  float sum = 0.0f;
  for (size_t t = i * at.chunk; t < (i + 1) * at.chunk; t++) op.decay[t] = sum = Cuda::fma(op.step[t], rate, sum);
}

__global__ void conv_gate_gradient_kernel(size_t count, ConvBackward<float> op) {
  const size_t i = element_index();
  if (i >= count) return;
  const float gate = op.gate[i];
  op.grad_activated[i] = Cuda::mul(op.grad_activated[i], Cuda::fma(op.activated[i], Cuda::sub(1.0f, gate), gate));
}

__global__ void conv_input_gradient_kernel(size_t count, Sizes at, ConvBackward<float> op, Taps taps) {
  const size_t i = element_index();
  if (i >= count) return;
  const int j = int(i % at.channels);
  const size_t row = i / at.channels;
  const int t = int(row % at.length);
  float sum = 0.0f;
  for (int tap = 0; tap < Shape::taps; tap++) {
    const int ahead = Shape::taps - 1 - tap;
    if (t + ahead >= at.length) continue;
    sum = Cuda::fma(op.taps[taps(tap, j)], op.grad_activated[(row + ahead) * at.channels + j], sum);
  }
  op.grad_projected[row * at.projected + at.conv_column + j] = sum;
}

// Chain `tap` of channel j, and the bias as one more; `stride` from one sequence's parameters to the next.
__global__ void conv_weight_gradient_kernel(size_t count, Sizes at, ConvBackward<float> op, Taps taps, size_t stride) {
  const size_t i = element_index();
  if (i >= count) return;
  const int j = int(i % at.channels), tap = int(i / at.channels % (Shape::taps + 1));
  const size_t sequence = i / at.channels / (Shape::taps + 1), first = sequence * at.length;
  float *out = (tap < Shape::taps ? op.grad_taps + taps(tap, j) : op.grad_bias + j) + sequence * stride;
  float sum = *out;
  const int back = Shape::taps - 1 - tap;
  for (int t = tap < Shape::taps ? back : 0; t < at.length; t++) {
    const float here = op.grad_activated[(first + t) * at.channels + j];
    if (tap == Shape::taps) sum = Cuda::add(sum, here);
    else sum = Cuda::fma(here, op.projected[(first + t - back) * at.projected + at.conv_column + j], sum);
  }
  *out = sum;
}

__global__ void step_gradient_kernel(size_t count, Sizes at, ConvBackward<float> op) {
  const size_t i = element_index();
  if (i >= count) return;
  const size_t t = i % at.length, h = i / at.length % at.heads, row = i / at.length / at.heads * at.length + t;
  const size_t place = row * at.projected + at.step_column + h;
  op.grad_projected[place] =
      Cuda::mul(op.grad_step[i], trainer::sigmoid<Cuda>(Cuda::add(op.projected[place], op.step_bias[h])));
}

__global__ void step_bias_gradient_kernel(size_t count, Sizes at, ConvBackward<float> op, size_t stride) {
  const size_t i = element_index();
  if (i >= count) return;
  const size_t h = i % at.heads, sequence = i / at.heads;
  float *out = op.grad_step_bias + sequence * stride + h;
  float sum = *out;
  for (size_t t = sequence * at.length; t < (sequence + 1) * at.length; t++)
    sum = Cuda::add(sum, op.grad_projected[t * at.projected + at.step_column + h]);
  *out = sum;
}

inline void device_conv_forward(const Sizes &at, const ConvForward<float> &op, Taps taps) {
  launch_elements(conv_forward_kernel, at.rows() * at.channels, at, op, taps);
  launch_elements(step_kernel, at.rows() * at.heads, at, op);
  launch_elements(decay_kernel, at.head_blocks(), at, op);
}

inline void device_conv_backward(const Sizes &at, const ConvBackward<float> &op, Taps taps, size_t stride) {
  launch_elements(conv_gate_gradient_kernel, at.rows() * at.channels, op);
  launch_elements(conv_input_gradient_kernel, at.rows() * at.channels, at, op, taps);
  launch_elements(conv_weight_gradient_kernel, size_t(at.sequences) * at.channels * (Shape::taps + 1), at, op, taps,
                  stride);
  launch_elements(step_gradient_kernel, at.rows() * at.heads, at, op);
  launch_elements(step_bias_gradient_kernel, size_t(at.sequences) * at.heads, at, op, stride);
}

} // namespace
} // namespace trainer
