#include "trust_region.h"
#include "model/failure.h"
#include "state/json.h"
#include "distance.h"
#include "evaluate.h"

namespace trainer {

static TrustOutcome measure(double factor, const Machine &machine, const Model &initial,
                            const ledger::Sequences &sentinel, const Model &candidate) {
  std::vector<double> nats(sentinel.count());
  divergence(machine, initial, candidate, sentinel, nats.data());
  double sum = 0.0;
  for (double value : nats) sum = sum + value;
  return {factor, sum / double(sentinel.count() * sentinel.length()), distance(initial, candidate).relative};
}

static bool inside(const TrustRegion &region, const TrustOutcome &outcome) {
  return outcome.kl_nats_per_byte <= double(region.kl_nats_per_byte) &&
         outcome.weight_ratio <= double(region.weight_ratio);
}

TrustOutcome enforce(const TrustRegion &region, const Machine &machine, const Model &initial,
                     const ledger::Sequences &sentinel, Model &candidate) {
  TrustOutcome outcome = measure(1.0, machine, initial, sentinel, candidate);
  if (inside(region, outcome)) return outcome;
  const std::vector<float> proposed = candidate.values;
  for (float factor : region.factors) {
    candidate.values = interpolate(initial.values, proposed, factor);
    outcome = measure(factor, machine, initial, sentinel, candidate);
    if (inside(region, outcome)) return outcome;
  }
  throw Failure(TRAINER_BUDGET,
                "trust region: factor " + ledger::ecmascript_number(outcome.factor) + " still gives " +
                    ledger::ecmascript_number(outcome.kl_nats_per_byte) + " nats per byte (allowed " +
                    ledger::ecmascript_number(region.kl_nats_per_byte) + ") and weight distance " +
                    ledger::ecmascript_number(outcome.weight_ratio) + " (allowed " +
                    ledger::ecmascript_number(region.weight_ratio) + ")");
}

} // namespace trainer
