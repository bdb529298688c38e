// Cross entropy, divergence and squared error. The arithmetic is that of ops/reference/loss.h.
#pragma once
#include "lanes.h"

namespace trainer {
namespace {

template <class S> inline float cpu_largest(const float *z, int count) {
  typename S::Vec most = S::set1(z[0]);
  int v = 0;
  for (; v + S::width <= count; v += S::width) {
    const typename S::Vec here = S::load(z + v);
    most = S::select(S::greater(here, most), here, most);
  }
  float lanes[S::width];
  S::store(lanes, most);
  float best = lanes[0];
  for (int j = 1; j < S::width; j++) best = lanes[j] > best ? lanes[j] : best;
  for (; v < count; v++) best = z[v] > best ? z[v] : best;
  return best;
}

// weights = exp(z - most)
template <class S> inline void exponentials(const float *z, float most, int count, float *weights) {
  for_lanes<S>(count, [=](auto lanes, size_t v) {
    using L = decltype(lanes);
    L::store(weights + v, trainer::exp<L>(L::sub(L::load(z + v), L::set1(most))));
  });
}

template <class S>
void cpu_cross_entropy(float *logits, const uint8_t *targets, const uint8_t *mask, int rows, int columns, float scale,
                       float *losses) {
  float weights[Shape::vocabulary];
  for (int t = 0; t < rows; t++) {
    float *z = logits + size_t(t) * columns;
    losses[t] = 0.0f;
    if (!mask[t]) {
      if (scale > 0.0f) std::memset(z, 0, size_t(columns) * sizeof(float));
      continue;
    }
    const float most = cpu_largest<S>(z, columns), aimed = z[targets[t]] - most;
    exponentials<S>(z, most, columns, weights);
    const float total = reduce_sum<S>(weights, columns);
    losses[t] = trainer::log<Scalar>(total) - aimed;
    if (!(scale > 0.0f)) continue;
    const float share = scale / total;
    const float *from = weights;
    for_lanes<S>(columns, [=](auto lanes, size_t v) {
      using L = decltype(lanes);
      L::store(z + v, L::mul(L::load(from + v), L::set1(share)));
    });
    z[targets[t]] = z[targets[t]] - scale;
  }
}

template <class S>
void cpu_divergence(const float *logits_p, float *logits_q, int rows, int columns, float scale, float *nats,
                    float *scratch) {
  float *weights_p = scratch, *weights_q = scratch + columns, *difference = weights_q + columns;
  for (int t = 0; t < rows; t++) {
    const float *zp = logits_p + size_t(t) * columns;
    float *zq = logits_q + size_t(t) * columns;
    const float most_p = cpu_largest<S>(zp, columns), most_q = cpu_largest<S>(zq, columns);
    exponentials<S>(zp, most_p, columns, weights_p);
    exponentials<S>(zq, most_q, columns, weights_q);
    const float total_p = reduce_sum<S>(weights_p, columns), total_q = reduce_sum<S>(weights_q, columns);
    const float log_p = trainer::log<Scalar>(total_p), log_q = trainer::log<Scalar>(total_q);
    for_lanes<S>(columns, [=](auto lanes, size_t v) {
      using L = decltype(lanes);
      const auto p = L::sub(L::sub(L::load(zp + v), L::set1(most_p)), L::set1(log_p));
      const auto q = L::sub(L::sub(L::load(zq + v), L::set1(most_q)), L::set1(log_q));
      L::store(difference + v, L::sub(p, q));
    });
    nats[t] = reduce_dot<S>(weights_p, difference, columns) * (1.0f / total_p);
    if (!(scale > 0.0f)) continue;
    const float share_p = scale / total_p, share_q = scale / total_q;
    for_lanes<S>(columns, [=](auto lanes, size_t v) {
      using L = decltype(lanes);
      L::store(zq + v, L::sub(L::mul(L::load(weights_q + v), L::set1(share_q)),
                              L::mul(L::load(weights_p + v), L::set1(share_p))));
    });
  }
}

template <class S>
void cpu_squared_error(const float *x, const float *target, int rows, int width, float scale, float *errors,
                       float *gradient) {
  for (int t = 0; t < rows; t++) {
    const float *from = x + size_t(t) * width, *to = target + size_t(t) * width;
    float *row = gradient + size_t(t) * width;
    for_lanes<S>(width, [=](auto lanes, size_t j) {
      using L = decltype(lanes);
      L::store(row + j, L::sub(L::load(from + j), L::load(to + j)));
    });
    errors[t] = reduce_dot<S>(row, row, width);
    for_lanes<S>(width, [=](auto lanes, size_t j) {
      using L = decltype(lanes);
      L::store(row + j, L::mul(L::load(row + j), L::set1(scale)));
    });
  }
}

} // namespace
} // namespace trainer
