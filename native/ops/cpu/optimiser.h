// Elementwise parts of an update. The arithmetic is that of ops/reference/optimiser.h.
#pragma once
#include "lanes.h"

namespace trainer {
namespace {

template <class S> void cpu_add(const float *a, const float *b, float *sum, size_t count) {
  for_lanes<S>(count, [=](auto lanes, size_t i) {
    using L = decltype(lanes);
    L::store(sum + i, L::add(L::load(a + i), L::load(b + i)));
  });
}

template <class S> float cpu_square_sum(const float *x, int count) { return reduce_dot<S>(x, x, count); }

template <class S>
void cpu_adamw(const AdamW<float> &op, float *weight, float *first, float *second, const float *gradient, size_t count) {
  for_lanes<S>(count, [=](auto lanes, size_t i) {
    using L = decltype(lanes);
    const auto g = L::mul(L::load(gradient + i), L::set1(op.clip));
    const auto m = L::fma(L::set1(op.beta1), L::load(first + i), L::mul(L::set1(op.rest1), g));
    const auto v = L::fma(L::set1(op.beta2), L::load(second + i), L::mul(L::mul(L::set1(op.rest2), g), g));
    L::store(first + i, m);
    L::store(second + i, v);
    const auto root = L::add(L::sqrt(L::mul(v, L::set1(op.correction2))), L::set1(op.epsilon));
    const auto update = L::div(L::mul(m, L::set1(op.correction1)), root);
    const auto w = L::load(weight + i), whole = L::fma(L::set1(op.weight_decay), w, update);
    L::store(weight + i, L::fma(L::set1(-op.rate), whole, w));
  });
}

template <class S> void cpu_pull(float *weight, const float *anchor, float rate, size_t count) {
  for_lanes<S>(count, [=](auto lanes, size_t i) {
    using L = decltype(lanes);
    const auto w = L::load(weight + i);
    L::store(weight + i, L::fma(L::set1(-rate), L::sub(w, L::load(anchor + i)), w));
  });
}

} // namespace
} // namespace trainer
