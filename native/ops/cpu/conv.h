// Convolution, silu and step sizes. The arithmetic is that of ops/reference/conv.h.
#pragma once
#include "lanes.h"
#include <type_traits>

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

// One position; the taps before `first` lie before the beginning of the sequence.
template <class S, class First>
inline void conv_forward_row(const ConvForward<float> &op, int t, int channels, const float *in, ptrdiff_t projected,
                             First first) {
  const float *taps = op.taps, *bias = op.bias;
  float *gate = op.gate + size_t(t) * channels, *out = op.activated + size_t(t) * channels;
  for_lanes<S>(channels, [=](auto lanes, size_t j) {
    using L = decltype(lanes);
    auto sum = L::load(bias + j);
#pragma GCC unroll 4
    for (int i = first; i < Shape::taps; i++)
      sum = L::fma(L::load(taps + i * channels + j), L::load(in + i * projected + j), sum);
    const auto open = trainer::sigmoid<L>(sum);
    L::store(gate + j, open);
    L::store(out + j, L::mul(sum, open));
  });
}

template <class S> void cpu_conv_forward(const Shape &shape, int length, const ConvForward<float> &op) {
  const int channels = shape.convolved(), projected = shape.projected(), reach = Shape::taps - 1;
  for (int t = 0; t < length; t++) {
    const float *in = op.projected + ptrdiff_t(t - reach) * projected + shape.conv_column();
    if (t < reach)
      conv_forward_row<S>(op, t, channels, in, projected, reach - t);
    else
      conv_forward_row<S>(op, t, channels, in, projected, std::integral_constant<int, 0>());
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

// Positions [begin, end): sums stay in registers from one position to the next. `Inside` says that no tap of these
// positions reaches beyond either end of the sequence.
template <class S, bool Inside>
inline void conv_backward_rows(const Shape &shape, int length, const ConvBackward<float> &op, int begin, int end) {
  constexpr int reach = Shape::taps - 1;
  const ptrdiff_t channels = shape.convolved(), projected = shape.projected();
  const float *grad = op.grad_activated, *taps = op.taps;
  const float *in = op.projected + shape.conv_column();
  float *out = op.grad_projected + shape.conv_column(), *grad_taps = op.grad_taps, *grad_bias = op.grad_bias;
  for_lanes<S>(channels, [=](auto lanes, size_t j) {
    using L = decltype(lanes);
    typename L::Vec tap[Shape::taps], grad_tap[Shape::taps], bias = L::load(grad_bias + j);
#pragma GCC unroll 4
    for (int i = 0; i < Shape::taps; i++) {
      tap[i] = L::load(taps + i * channels + j);
      grad_tap[i] = L::load(grad_taps + i * channels + j);
    }
    for (ptrdiff_t t = begin; t < end; t++) {
      const auto here = L::load(grad + t * channels + j);
      bias = L::add(bias, here);
      auto sum = L::set1(0.0f);
#pragma GCC unroll 4
      for (int i = 0; i < Shape::taps; i++) {
        const ptrdiff_t from = t - reach + i, to = t + reach - i;
        if (Inside || from >= 0) grad_tap[i] = L::fma(here, L::load(in + from * projected + j), grad_tap[i]);
        if (Inside || to < length) sum = L::fma(tap[i], L::load(grad + to * channels + j), sum);
      }
      L::store(out + t * projected + j, sum);
    }
    L::store(grad_bias + j, bias);
#pragma GCC unroll 4
    for (int i = 0; i < Shape::taps; i++) L::store(grad_taps + i * channels + j, grad_tap[i]);
  });
}

template <class S> void cpu_conv_backward(const Shape &shape, int length, const ConvBackward<float> &op) {
  constexpr int reach = Shape::taps - 1, block = 16;
  float *grad = op.grad_activated;
  const float *gates = op.gate, *activated = op.activated;
  for_lanes<S>(size_t(length) * shape.convolved(), [=](auto lanes, size_t i) {
    using L = decltype(lanes);
    const auto gate = L::load(gates + i);
    const auto slope = L::fma(L::load(activated + i), L::sub(L::set1(1.0f), gate), gate);
    L::store(grad + i, L::mul(L::load(grad + i), slope));
  });
  const int last = length - reach > reach ? length - reach : reach;
  conv_backward_rows<S, false>(shape, length, op, 0, reach);
  for (int begin = reach; begin < last; begin += block)
    conv_backward_rows<S, true>(shape, length, op, begin, begin + block < last ? begin + block : last);
  conv_backward_rows<S, false>(shape, length, op, last, length);
  cpu_steps_backward<S>(shape, length, op);
}

} // namespace
} // namespace trainer
