// Causal depthwise convolution of width 4 with silu, and the step sizes dt with their decay; with their backward.
#pragma once
#include "ops/op_table.h"
#include "arithmetic.h"

namespace trainer {
namespace {

template <class Real> void reference_steps(const Shape &shape, int length, const ConvForward<Real> &op) {
  for (int h = 0; h < shape.heads(); h++) {
    const Real rate = -exp_of(op.decay_log[h]);
    Real *step = op.step + size_t(h) * length, *decay = op.decay + size_t(h) * length;
    for (int t = 0; t < length; t++) {
      const Real raw = op.projected[size_t(t) * shape.projected() + shape.step_column() + h];
      step[t] = softplus_of(raw + op.step_bias[h]);
      decay[t] = fused(step[t], rate, t % shape.chunk ? decay[t - 1] : Real(0));
    }
  }
}

template <class Real> void reference_conv_forward(const Shape &shape, int length, const ConvForward<Real> &op) {
  const int channels = shape.convolved(), projected = shape.projected();
  for (int t = 0; t < length; t++)
    for (int j = 0; j < channels; j++) {
      Real sum = op.bias[j];
      for (int i = 0; i < Shape::taps; i++) {
        const int from = t - (Shape::taps - 1) + i;
        if (from < 0) continue;
        sum = fused(op.taps[i * channels + j], op.projected[size_t(from) * projected + shape.conv_column() + j], sum);
      }
      const size_t at = size_t(t) * channels + j;
      op.gate[at] = sigmoid_of(sum);
      op.activated[at] = sum * op.gate[at];
    }
  reference_steps(shape, length, op);
}

template <class Real> void reference_conv_backward(const Shape &shape, int length, const ConvBackward<Real> &op) {
  const int channels = shape.convolved(), projected = shape.projected();
  Real *grad = op.grad_activated;
  for (size_t i = 0; i < size_t(length) * channels; i++)
    grad[i] = grad[i] * fused(op.activated[i], Real(1) - op.gate[i], op.gate[i]);
  for (int t = 0; t < length; t++)
    for (int j = 0; j < channels; j++) {
      const Real here = grad[size_t(t) * channels + j];
      op.grad_bias[j] = op.grad_bias[j] + here;
      Real sum = 0;
      for (int i = 0; i < Shape::taps; i++) {
        const int from = t - (Shape::taps - 1) + i, to = t + (Shape::taps - 1) - i;
        Real &tap = op.grad_taps[i * channels + j];
        if (from >= 0) tap = fused(here, op.projected[size_t(from) * projected + shape.conv_column() + j], tap);
        if (to < length) sum = fused(op.taps[i * channels + j], grad[size_t(to) * channels + j], sum);
      }
      op.grad_projected[size_t(t) * projected + shape.conv_column() + j] = sum;
    }
  for (int h = 0; h < shape.heads(); h++)
    for (int t = 0; t < length; t++) {
      const size_t at = size_t(t) * projected + shape.step_column() + h;
      const Real value = op.grad_step[size_t(h) * length + t] * sigmoid_of(op.projected[at] + op.step_bias[h]);
      op.grad_projected[at] = value;
      op.grad_step_bias[h] = op.grad_step_bias[h] + value;
    }
}

} // namespace
} // namespace trainer
