// Elementwise parts of an update: sums, AdamW with decoupled decay, and the pull towards the anchor.
#pragma once
#include "ops/op_table.h"
#include "arithmetic.h"

namespace trainer {
namespace {

template <class Real> void reference_add(const Real *a, const Real *b, Real *sum, size_t count) {
  for (size_t i = 0; i < count; i++) sum[i] = a[i] + b[i];
}

template <class Real> Real reference_square_sum(const Real *x, int count) { return lanes_dot(x, x, count); }

template <class Real>
void reference_adamw(const AdamW<Real> &op, Real *weight, Real *first, Real *second, const Real *gradient, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const Real g = gradient[i] * op.clip;
    first[i] = fused(op.beta1, first[i], op.rest1 * g);
    second[i] = fused(op.beta2, second[i], (op.rest2 * g) * g);
    const Real update = (first[i] * op.correction1) / (sqrt_of(second[i] * op.correction2) + op.epsilon);
    weight[i] = fused(-op.rate, fused(op.weight_decay, weight[i], update), weight[i]);
  }
}

template <class Real> void reference_pull(Real *weight, const Real *anchor, Real rate, size_t count) {
  for (size_t i = 0; i < count; i++) weight[i] = fused(-rate, weight[i] - anchor[i], weight[i]);
}

} // namespace
} // namespace trainer
