// Distances and lines between two models of one shape, in binary64 with + - * / and sqrt in a fixed order.
#pragma once
#include "model/parameters.h"
#include "state/json.h"
#include <optional>

namespace trainer {

struct Distance {
  double relative;
  std::vector<std::optional<double>> tensors; // in file order; none where a tensor of zeros became another
};

// ||b - a|| / ||a||, and 0 where both are zero. Throws ledger::Invalid where every weight of a is zero and one of b is not.
Distance distance(const Model &a, const Model &b);
ledger::Json tensor_distances(const Model &a, const Distance &distance);
// a + factor (b - a): fma(factor, b - a, a) in binary32.
std::vector<float> interpolate(const std::vector<float> &a, const std::vector<float> &b, float factor);
// Throws ledger::Invalid unless both have one shape.
void check_same_shape(const Model &a, const Model &b, const std::string &what);

} // namespace trainer
