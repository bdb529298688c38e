// Convolution, silu and step sizes. The arithmetic is that of ops/reference/conv.h.
#pragma once
#include "lanes.h"

namespace trainer {
namespace {

template <class S> inline void cpu_steps(const Shape &shape, int length, const ConvForward<float> &op) {
  for (int h = 0; h < shape.heads(); h++) {
    const float rate = -trainer::exp<Scalar>(op.decay_log[h]);
    float *step = op.step + size_t(h) * length, *decay = op.decay + size_t(h) * length;
    const float *raw = op.projected + shape.step_column() + h;
    for (int t = 0; t < length; t++) step[t] = raw[size_t(t) * shape.projected()] + op.step_bias[h];
    for_lanes<S>(length, [=](auto lanes, size_t t) {
      using L = decltype(lanes);
      L::store(step + t, trainer::softplus<L>(L::load(step + t)));
    });
    for (int t = 0; t < length; t++)
      decay[t] = Scalar::fma(step[t], rate, t % shape.chunk ? decay[t - 1] : 0.0f);
  }
}

template <class S> void cpu_conv_forward(const Shape &shape, int length, const ConvForward<float> &op) {
  const int channels = shape.convolved(), projected = shape.projected();
  const float *taps = op.taps, *bias = op.bias;
  for (int t = 0; t < length; t++) {
    const int first = t < Shape::taps - 1 ? Shape::taps - 1 - t : 0;
    const float *in = op.projected + ptrdiff_t(t - (Shape::taps - 1)) * projected + shape.conv_column();
    float *gate = op.gate + size_t(t) * channels, *out = op.activated + size_t(t) * channels;
    for_lanes<S>(channels, [=](auto lanes, size_t j) {
      using L = decltype(lanes);
      auto sum = L::load(bias + j);
      for (int i = first; i < Shape::taps; i++)
        sum = L::fma(L::load(taps + i * channels + j), L::load(in + ptrdiff_t(i) * projected + j), sum);
      const auto open = trainer::sigmoid<L>(sum);
      L::store(gate + j, open);
      L::store(out + j, L::mul(sum, open));
    });
  }
  cpu_steps<S>(shape, length, op);
}

template <class S> inline void cpu_steps_backward(const Shape &shape, int length, const ConvBackward<float> &op) {
  const int projected = shape.projected();
  for (int h = 0; h < shape.heads(); h++)
    for (int t = 0; t < length; t++) {
      const size_t at = size_t(t) * projected + shape.step_column() + h;
      const float open = trainer::sigmoid<Scalar>(op.projected[at] + op.step_bias[h]);
      op.grad_projected[at] = op.grad_step[size_t(h) * length + t] * open;
      op.grad_step_bias[h] = op.grad_step_bias[h] + op.grad_projected[at];
    }
}

template <class S> void cpu_conv_backward(const Shape &shape, int length, const ConvBackward<float> &op) {
  const int channels = shape.convolved(), projected = shape.projected();
  const ptrdiff_t last_tap = Shape::taps - 1;
  float *grad = op.grad_activated;
  for_lanes<S>(size_t(length) * channels, [=](auto lanes, size_t i) {
    using L = decltype(lanes);
    const auto gate = L::load(op.gate + i);
    const auto slope = L::fma(L::load(op.activated + i), L::sub(L::set1(1.0f), gate), gate);
    L::store(grad + i, L::mul(L::load(grad + i), slope));
  });
  for (int t = 0; t < length; t++) {
    const float *here = grad + size_t(t) * channels;
    const float *in = op.projected + (t - last_tap) * projected + shape.conv_column();
    float *out = op.grad_projected + size_t(t) * projected + shape.conv_column();
    const int first = t < last_tap ? int(last_tap) - t : 0;
    const int first_later = t + last_tap >= length ? int(t + last_tap - length) + 1 : 0;
    for_lanes<S>(channels, [=](auto lanes, size_t j) {
      using L = decltype(lanes);
      const auto value = L::load(here + j);
      L::store(op.grad_bias + j, L::add(L::load(op.grad_bias + j), value));
      for (int i = first; i < Shape::taps; i++) {
        float *tap = op.grad_taps + i * channels + j;
        L::store(tap, L::fma(value, L::load(in + ptrdiff_t(i) * projected + j), L::load(tap)));
      }
      auto sum = L::set1(0.0f);
      for (int i = first_later; i < Shape::taps; i++)
        sum = L::fma(L::load(op.taps + i * channels + j), L::load(here + (last_tap - i) * channels + j), sum);
      L::store(out + j, sum);
    });
  }
  cpu_steps_backward<S>(shape, length, op);
}

} // namespace
} // namespace trainer
