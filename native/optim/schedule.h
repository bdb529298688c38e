// Step-dependent constants: binary64 * and / only (and 1 - beta^t), rounded once to binary32.
#pragma once
#include "adapt/plan.h"
#include "ops/op_table.h"

namespace trainer {

struct StepConstants {
  AdamW<float> adamw; // its clip is filled in once the gradient norm is known
  float pull_rate;    // learning rate * lambda of the pull to the anchor
};

// The learning rate of a 0-based step before rounding.
inline double learning_rate(const Plan &plan, int64_t step) {
  const double peak = plan.learning_rate;
  if (step < plan.warmup_steps) return peak * double(step + 1) / double(plan.warmup_steps);
  if (!plan.linear_decay) return peak;
  return peak * double(plan.steps - step) / double(plan.steps - plan.warmup_steps);
}

class Schedule {
public:
  explicit Schedule(const Plan &plan) : plan_(plan) {}

  // Steps must be asked for in order, each once: the powers of the betas are running products.
  StepConstants next(int64_t step) {
    const OptimiserPlan &from = plan_.optimiser;
    power1_ *= double(from.beta1);
    power2_ *= double(from.beta2);
    const double rate = learning_rate(plan_, step);
    StepConstants out;
    out.adamw = {1.0f,
                 from.beta1,
                 from.beta2,
                 float(1.0 - double(from.beta1)),
                 float(1.0 - double(from.beta2)),
                 float(1.0 / (1.0 - power1_)),
                 float(1.0 / (1.0 - power2_)),
                 from.epsilon,
                 float(rate),
                 from.weight_decay};
    out.pull_rate = float(rate * double(plan_.l2sp_lambda));
    return out;
  }

private:
  const Plan &plan_;
  double power1_ = 1.0, power2_ = 1.0;
};

} // namespace trainer
