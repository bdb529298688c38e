// R32: the reduction of contract nc-1. Lane j takes elements i = j mod 32 in ascending order from +0, then the lanes are
// folded by the halving tree 16, 8, 4, 2, 1.
#pragma once
#include "scalar.h"

namespace trainer {
namespace {

constexpr int reduction_lanes = 32;

template <class Real> inline Real fold_lanes(Real (&lanes)[reduction_lanes]) {
  for (int half = reduction_lanes / 2; half > 0; half /= 2)
    for (int j = 0; j < half; j++) lanes[j] = lanes[j] + lanes[j + half];
  return lanes[0];
}

// The same tree, its upper levels on whole vectors.
template <class S> inline float fold_vectors(typename S::Vec (&lanes)[reduction_lanes / S::width]) {
#pragma GCC unroll 8
  for (int half = reduction_lanes / S::width / 2; half > 0; half /= 2)
#pragma GCC unroll 8
    for (int v = 0; v < half; v++) lanes[v] = S::add(lanes[v], lanes[v + half]);
  float stored[S::width];
  S::store(stored, lanes[0]);
#pragma GCC unroll 8
  for (int half = S::width / 2; half > 0; half /= 2)
#pragma GCC unroll 8
    for (int j = 0; j < half; j++) stored[j] = stored[j] + stored[j + half];
  return stored[0];
}

// R32 of `count` elements; both functions return a lane with element i (and its neighbours) taken in.
template <class S, class Vector, class Element>
inline float reduce(int count, Vector accumulate_vector, Element accumulate_element) {
  constexpr int vectors = reduction_lanes / S::width;
  typename S::Vec lanes[vectors];
  for (int v = 0; v < vectors; v++) lanes[v] = S::set1(0.0f);
  int i = 0;
  for (; i + reduction_lanes <= count; i += reduction_lanes) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) lanes[v] = accumulate_vector(lanes[v], i + v * S::width);
  }
  if (i == count) return fold_vectors<S>(lanes);
  float stored[reduction_lanes];
  for (int v = 0; v < vectors; v++) S::store(stored + v * S::width, lanes[v]);
  for (int j = 0; i + j < count; j++) stored[j] = accumulate_element(stored[j], i + j);
  return fold_lanes(stored);
}

template <class S> inline float reduce_dot(const float *x, const float *y, int count) {
  return reduce<S>(
      count, [=](typename S::Vec lane, int i) { return S::fma(S::load(x + i), S::load(y + i), lane); },
      [=](float lane, int i) { return Scalar::fma(x[i], y[i], lane); });
}

template <class S> inline float reduce_sum(const float *x, int count) {
  return reduce<S>(
      count, [=](typename S::Vec lane, int i) { return S::add(lane, S::load(x + i)); },
      [=](float lane, int i) { return lane + x[i]; });
}

} // namespace
} // namespace trainer
