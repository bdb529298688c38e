// Fresh weights from indexed draws and canonical functions only.
#include "canon/environment.h"
#include "canon/functions.h"
#include "canon/random.h"
#include "parameters.h"

namespace trainer {

namespace {

// The b with softplus(b) = step, for steps up to 0.1: b = step + ln(1 - e^-step), the difference by its series.
float inverse_softplus(float step) {
  float series = -1.0f / 720.0f;
  series = Scalar::fma(series, step, 1.0f / 120.0f);
  series = Scalar::fma(series, step, -1.0f / 24.0f);
  series = Scalar::fma(series, step, 1.0f / 6.0f);
  series = Scalar::fma(series, step, -0.5f);
  series = Scalar::fma(series, step, 1.0f);
  return step + trainer::log<Scalar>(step * series);
}

// A step size between 0.001 and 0.1, uniform in its logarithm.
float initial_step_bias(float uniform) {
  const float lowest = trainer::log<Scalar>(0.001f), highest = trainer::log<Scalar>(0.1f);
  return inverse_softplus(trainer::exp<Scalar>(Scalar::fma(uniform, highest - lowest, lowest)));
}

bool ends_with(const std::string &text, const char *end) { return text.ends_with(end); }

float initial_value(const Shape &shape, const std::string &name, const RandomStream &draw, uint64_t i) {
  const float in_bound = trainer::rsqrt<Scalar>(float(shape.width));
  const float out_bound = trainer::rsqrt<Scalar>(float(shape.inner())) * trainer::rsqrt<Scalar>(float(shape.layers));
  if (ends_with(name, "embeddings.weight")) return 0.02f * draw.normal(i);
  if (ends_with(name, "in_proj.weight")) return draw.symmetric(i, in_bound);
  for (const char *end : {"q_proj.weight", "k_proj.weight", "v_proj.weight"})
    if (ends_with(name, end)) return draw.symmetric(i, in_bound);
  if (ends_with(name, "o_proj.weight")) return draw.symmetric(i, in_bound * trainer::rsqrt<Scalar>(float(shape.layers)));
  if (ends_with(name, "conv1d.weight") || ends_with(name, "conv1d.bias")) return draw.symmetric(i, 0.5f);
  if (ends_with(name, "dt_bias")) return initial_step_bias(draw.uniform(i));
  if (ends_with(name, "A_log")) return trainer::log<Scalar>(Scalar::fma(15.0f, draw.uniform(i), 1.0f));
  if (ends_with(name, "out_proj.weight")) return draw.symmetric(i, out_bound);
  return 1.0f; // D and the weights of the norms
}

} // namespace

Model initial_model(const Shape &shape, uint64_t seed) {
  check_shape(shape, "model");
  const FloatEnvironment environment;
  Model model(shape);
  uint64_t stream = 0;
  for (const Parameter &parameter : model.table.all()) {
    const RandomStream draw(seed, stream++);
    for (size_t i = 0; i < parameter.count; i++)
      model.values[parameter.offset + i] = initial_value(shape, parameter.name, draw, i);
  }
  return model;
}

} // namespace trainer
