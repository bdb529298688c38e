// Next-byte cross entropy, KL divergence and squared error per position, with their gradients.
#pragma once
#include "ops/op_table.h"
#include "arithmetic.h"

namespace trainer {
namespace {

template <class Real> Real largest(const Real *z, int count) {
  Real most = z[0];
  for (int v = 1; v < count; v++) most = z[v] > most ? z[v] : most;
  return most;
}

template <class Real>
void reference_cross_entropy(Real *logits, const uint8_t *targets, const uint8_t *mask, int rows, int columns, Real scale,
                             Real *losses) {
  for (int t = 0; t < rows; t++) {
    Real *z = logits + size_t(t) * columns;
    losses[t] = 0;
    if (!mask[t]) {
      if (scale > 0)
        for (int v = 0; v < columns; v++) z[v] = 0;
      continue;
    }
    const Real most = largest(z, columns), aimed = z[targets[t]] - most;
    Real lanes[reduction_lanes] = {};
    for (int v = 0; v < columns; v++) lanes[v % reduction_lanes] = lanes[v % reduction_lanes] + exp_of(z[v] - most);
    const Real total = fold_lanes(lanes);
    losses[t] = log_of(total) - aimed;
    if (!(scale > 0)) continue;
    const Real share = scale / total;
    for (int v = 0; v < columns; v++) z[v] = exp_of(z[v] - most) * share;
    z[targets[t]] = z[targets[t]] - scale;
  }
}

template <class Real>
void reference_divergence(const Real *logits_p, Real *logits_q, int rows, int columns, Real scale, Real *nats,
                          Real *scratch) {
  Real *weights_p = scratch, *weights_q = scratch + columns, *difference = weights_q + columns;
  for (int t = 0; t < rows; t++) {
    const Real *zp = logits_p + size_t(t) * columns;
    Real *zq = logits_q + size_t(t) * columns;
    const Real most_p = largest(zp, columns), most_q = largest(zq, columns);
    for (int v = 0; v < columns; v++) {
      weights_p[v] = exp_of(zp[v] - most_p);
      weights_q[v] = exp_of(zq[v] - most_q);
    }
    const Real total_p = lanes_sum(weights_p, columns), total_q = lanes_sum(weights_q, columns);
    const Real log_p = log_of(total_p), log_q = log_of(total_q), one_p = Real(1) / total_p;
    for (int v = 0; v < columns; v++)
      difference[v] = ((zp[v] - most_p) - log_p) - ((zq[v] - most_q) - log_q);
    nats[t] = lanes_dot(weights_p, difference, columns) * one_p;
    if (!(scale > 0)) continue;
    const Real share_p = scale / total_p, share_q = scale / total_q;
    for (int v = 0; v < columns; v++) zq[v] = weights_q[v] * share_q - weights_p[v] * share_p;
  }
}

template <class Real>
void reference_squared_error(const Real *x, const Real *target, int rows, int width, Real scale, Real *errors,
                             Real *gradient) {
  for (int t = 0; t < rows; t++) {
    const size_t row = size_t(t) * width;
    for (int j = 0; j < width; j++) gradient[row + j] = x[row + j] - target[row + j];
    errors[t] = lanes_dot(gradient + row, gradient + row, width);
    for (int j = 0; j < width; j++) gradient[row + j] = gradient[row + j] * scale;
  }
}

} // namespace
} // namespace trainer
