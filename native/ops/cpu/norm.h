// RMSNorm and gated RMSNorm. The arithmetic is that of ops/reference/norm.h and gate.h.
#pragma once
#include "lanes.h"

namespace trainer {
namespace {

template <class S> inline float cpu_inverse_rms(const float *x, int width) {
  const float squares = reduce_dot<S>(x, x, width);
  return trainer::rsqrt<Scalar>(Scalar::fma(squares, 1.0f / float(width), 1e-5f));
}

template <class S> inline void scale_row(const float *x, const float *weight, float inverse, int width, float *out) {
  for_lanes<S>(width, [=](auto lanes, size_t j) {
    using L = decltype(lanes);
    L::store(out + j, L::mul(L::mul(L::load(x + j), L::set1(inverse)), L::load(weight + j)));
  });
}

template <class S>
void cpu_norm_again(const float *x, const float *weight, const float *inverse, int rows, int width, float *out) {
  for (int t = 0; t < rows; t++)
    scale_row<S>(x + size_t(t) * width, weight, inverse[t], width, out + size_t(t) * width);
}

template <class S>
void cpu_norm_forward(const float *x, const float *weight, int rows, int width, float *out, float *inverse) {
  for (int t = 0; t < rows; t++) {
    const float *row = x + size_t(t) * width;
    inverse[t] = cpu_inverse_rms<S>(row, width);
    scale_row<S>(row, weight, inverse[t], width, out + size_t(t) * width);
  }
}

// Adds to grad_weight; leaves x / rms in `unit`, the scaled gradient in `scaled`, and returns minus their mean product.
template <class S>
inline float norm_backward_mean(const float *x, const float *weight, float inverse, const float *grad_out, int width,
                                float *grad_weight, float *scaled, float *unit) {
  for_lanes<S>(width, [=](auto lanes, size_t j) {
    using L = decltype(lanes);
    const auto normal = L::mul(L::load(x + j), L::set1(inverse)), grad = L::load(grad_out + j);
    L::store(unit + j, normal);
    L::store(scaled + j, L::mul(grad, L::load(weight + j)));
    L::store(grad_weight + j, L::fma(grad, normal, L::load(grad_weight + j)));
  });
  return -(reduce_dot<S>(scaled, unit, width) * (1.0f / float(width)));
}

template <class S>
void cpu_norm_backward(const float *x, const float *weight, const float *inverse, const float *grad_out, int rows,
                       int width, float *grad_x, float *grad_weight, bool accumulate, float *scratch) {
  float *scaled = scratch, *unit = scratch + width;
  for (int t = 0; t < rows; t++) {
    const size_t row = size_t(t) * width;
    const float scale = inverse[t];
    const float mean =
        norm_backward_mean<S>(x + row, weight, scale, grad_out + row, width, grad_weight, scaled, unit);
    float *out = grad_x + row;
    for_lanes<S>(width, [=](auto lanes, size_t j) {
      using L = decltype(lanes);
      const auto centred = L::fma(L::load(unit + j), L::set1(mean), L::load(scaled + j));
      const auto value = L::mul(L::set1(scale), centred);
      L::store(out + j, accumulate ? L::add(L::load(out + j), value) : value);
    });
  }
}

template <class S> void cpu_gate_forward(const Shape &shape, int length, const GateForward<float> &op) {
  const int inner = shape.inner(), projected = shape.projected();
  for (int t = 0; t < length; t++) {
    const float *y = op.output + size_t(t) * inner, *z = op.projected + size_t(t) * projected;
    float *row = op.normalised + size_t(t) * inner;
    for_lanes<S>(inner, [=](auto lanes, size_t j) {
      using L = decltype(lanes);
      L::store(row + j, L::mul(L::load(y + j), trainer::silu<L>(L::load(z + j))));
    });
    op.inverse[t] = cpu_inverse_rms<S>(row, inner);
    scale_row<S>(row, op.weight, op.inverse[t], inner, row);
  }
}

template <class S> void cpu_gate_backward(const Shape &shape, int length, const GateBackward<float> &op) {
  const int inner = shape.inner(), projected = shape.projected();
  float *gated = op.scratch, *scaled = gated + inner, *unit = scaled + inner;
  for (int t = 0; t < length; t++) {
    const size_t row = size_t(t) * inner;
    const float *y = op.output + row, *z = op.projected + size_t(t) * projected;
    float *grad_y = op.grad_output + row, *grad_z = op.grad_projected + size_t(t) * projected;
    const float inverse = op.inverse[t];
    // the sigmoid waits in grad_z until the gradient of the row is known
    for_lanes<S>(inner, [=](auto lanes, size_t j) {
      using L = decltype(lanes);
      const auto gate = trainer::sigmoid<L>(L::load(z + j));
      L::store(grad_z + j, gate);
      L::store(gated + j, L::mul(L::load(y + j), L::mul(L::load(z + j), gate)));
    });
    scale_row<S>(gated, op.weight, inverse, inner, op.normalised + row);
    const float mean = norm_backward_mean<S>(gated, op.weight, inverse, op.grad_normalised + row, inner, op.grad_weight,
                                             scaled, unit);
    for_lanes<S>(inner, [=](auto lanes, size_t j) {
      using L = decltype(lanes);
      const auto grad =
          L::mul(L::set1(inverse), L::fma(L::load(unit + j), L::set1(mean), L::load(scaled + j)));
      const auto gate = L::load(grad_z + j), silu = L::mul(L::load(z + j), gate);
      L::store(grad_y + j, L::mul(grad, silu));
      const auto slope = L::fma(silu, L::sub(L::set1(1.0f), gate), gate);
      L::store(grad_z + j, L::mul(L::mul(grad, L::load(y + j)), slope));
    });
  }
}

} // namespace
} // namespace trainer
