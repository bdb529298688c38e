// The scalar arithmetic of the executable specification: binary32 as contract nc-1 says, binary64 for checking gradients.
#pragma once
#include "canon/functions.h"
#include "canon/reduce.h"
#include <cmath>

namespace trainer {
namespace {

inline float fused(float a, float b, float c) { return Scalar::fma(a, b, c); }
inline float exp_of(float x) { return trainer::exp<Scalar>(x); }
inline float log_of(float x) { return trainer::log<Scalar>(x); }
inline float sigmoid_of(float x) { return trainer::sigmoid<Scalar>(x); }
inline float softplus_of(float x) { return trainer::softplus<Scalar>(x); }
inline float rsqrt_of(float x) { return trainer::rsqrt<Scalar>(x); }
inline float sqrt_of(float x) { return Scalar::sqrt(x); }

inline double fused(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline double exp_of(double x) { return std::exp(x); }
inline double log_of(double x) { return std::log(x); }
inline double sigmoid_of(double x) { return 1.0 / (1.0 + std::exp(-x)); }
inline double softplus_of(double x) { return (x > 0 ? x : 0.0) + std::log1p(std::exp(-std::fabs(x))); }
inline double rsqrt_of(double x) { return 1.0 / std::sqrt(x); }
inline double sqrt_of(double x) { return std::sqrt(x); }

// R32 of x_i * y_i, each taken in by fma.
template <class Real> Real lanes_dot(const Real *x, const Real *y, int count) {
  Real lanes[reduction_lanes] = {};
  for (int i = 0; i < count; i++) lanes[i % reduction_lanes] = fused(x[i], y[i], lanes[i % reduction_lanes]);
  return fold_lanes(lanes);
}

// R32 of x_i, each taken in by a plain add.
template <class Real> Real lanes_sum(const Real *x, int count) {
  Real lanes[reduction_lanes] = {};
  for (int i = 0; i < count; i++) lanes[i % reduction_lanes] = lanes[i % reduction_lanes] + x[i];
  return fold_lanes(lanes);
}

} // namespace
} // namespace trainer
