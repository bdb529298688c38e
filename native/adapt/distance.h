// Distances and lines between two models of one shape, in binary64 with + - * / and sqrt in a fixed order.
#pragma once
#include "model/parameters.h"
#include "state/json.h"

namespace trainer {

struct Distance {
  double relative;
  std::vector<double> tensors; // in file order
};

// ||b - a|| / ||a||, and 0 where both are zero.
Distance distance(const Model &a, const Model &b);
ledger::Json tensor_distances(const Model &a, const Distance &distance);
// a + factor (b - a): fma(factor, b - a, a) in binary32.
std::vector<float> interpolate(const std::vector<float> &a, const std::vector<float> &b, float factor);
// Throws ledger::Invalid unless both have one shape.
void check_same_shape(const Model &a, const Model &b, const std::string &what);

} // namespace trainer
