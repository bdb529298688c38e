#include "distance.h"
#include "canon/scalar.h"
#include "model/failure.h"
#include "state/invalid.h"
#include <cmath>

namespace trainer {

static std::optional<double> ratio(double difference, double reference, const std::string &name) {
  if (!std::isfinite(difference) || !std::isfinite(reference))
    throw Failure(TRAINER_NON_FINITE, name + ": the weights are not finite");
  if (difference == 0.0) return 0.0;
  if (reference == 0.0) return std::nullopt;
  return std::sqrt(difference) / std::sqrt(reference);
}

Distance distance(const Model &a, const Model &b) {
  Distance out;
  double difference = 0.0, reference = 0.0;
  for (const Parameter &parameter : a.table.all()) {
    double tensor_difference = 0.0, tensor_reference = 0.0;
    for (size_t i = parameter.offset; i < parameter.offset + parameter.count; i++) {
      const double from = a.values[i], change = double(b.values[i]) - from;
      tensor_difference = tensor_difference + change * change;
      tensor_reference = tensor_reference + from * from;
    }
    out.tensors.push_back(ratio(tensor_difference, tensor_reference, parameter.name));
    difference = difference + tensor_difference;
    reference = reference + tensor_reference;
  }
  const std::optional<double> whole = ratio(difference, reference, "model");
  if (!whole) throw ledger::Invalid("model: a distance relative to a model of zeros has no value");
  out.relative = *whole;
  return out;
}

ledger::Json tensor_distances(const Model &a, const Distance &distance) {
  ledger::Json json = ledger::Json::object();
  for (size_t i = 0; i < distance.tensors.size(); i++)
    if (distance.tensors[i]) json.set(a.table.all()[i].name, *distance.tensors[i]);
  return json;
}

std::vector<float> interpolate(const std::vector<float> &a, const std::vector<float> &b, float factor) {
  std::vector<float> out(a.size());
  for (size_t i = 0; i < a.size(); i++) out[i] = Scalar::fma(factor, b[i] - a[i], a[i]);
  return out;
}

void check_same_shape(const Model &a, const Model &b, const std::string &what) {
  if (a.table.shape() != b.table.shape()) throw ledger::Invalid(what + " must have one and the same model shape");
}

} // namespace trainer
