#include "receipt.h"
#include "state/json.h"
#include "distance.h"

namespace trainer {

using ledger::Json;

void Receipt::add(const StepOutcome &outcome) {
  if (steps_ == 0) first_ = outcome;
  norm_max_ = outcome.norm > norm_max_ ? outcome.norm : norm_max_;
  loss_sum_ = loss_sum_ + double(outcome.loss);
  // the last tenth of the steps, at least one
  const int64_t tail = (plan_.steps + 9) / 10;
  if (steps_ >= plan_.steps - tail) {
    kl_sum_ = kl_sum_ + double(outcome.kl);
    kl_steps_++;
  }
  last_ = outcome;
  steps_++;
}

// Of the first and of the last step.
Json Receipt::distillation() const {
  const bool logits = plan_.distillation->logits_weight > 0;
  const auto list = [](const std::vector<float> &errors) {
    Json json = Json::array();
    for (const float error : errors) json.push(double(error));
    return json;
  };
  Json json = Json::object();
  json.set("divergenceFirst", logits ? Json(double(first_.divergence)) : Json());
  json.set("divergenceLast", logits ? Json(double(last_.divergence)) : Json());
  return json.set("hiddenFirst", list(first_.hidden)).set("hiddenLast", list(last_.hidden));
}

std::string Receipt::text(const Model &initial, const Model *anchor, const Model &candidate,
                          const std::optional<TrustOutcome> &trust, const std::vector<uint8_t> &checkpoint,
                          const std::vector<uint8_t> &optimiser, const std::string &transcript) const {
  const auto digest = [](const auto &bytes) { return Json(ledger::hex(ledger::sha256(bytes.data(), bytes.size()))); };
  const bool kl = plan_.kl_beta > 0;
  const Distance from_initial = distance(initial, candidate);
  Json json = Json::object();
  json.set("contract", "nc-1");
  json.set("plan", ledger::hex(plan_.digest));
  json.set("initial", ledger::hex(initial_));
  json.set("candidate", digest(checkpoint));
  json.set("optimiser", digest(optimiser));
  json.set("transcript", digest(transcript));
  json.set("steps", steps_);
  json.set("tokens", int64_t(steps_ * plan_.batch * int64_t(length_)));
  json.set("lossFirst", double(first_.loss));
  json.set("lossLast", double(last_.loss));
  json.set("lossMean", loss_sum_ / double(steps_));
  json.set("gradNormMax", double(norm_max_));
  json.set("klAnchorMean", kl ? Json(kl_sum_ / double(kl_steps_)) : Json());
  json.set("anchorRatio", kl && last_.norm_task > 0 ? Json(double(last_.norm_anchor / last_.norm_task)) : Json());
  if (plan_.distillation) json.set("distillation", distillation());
  json.set("factor", trust ? trust->factor : 1.0);
  Json trust_json;
  if (trust) {
    trust_json = Json::object();
    trust_json.set("klNatsPerByte", trust->kl_nats_per_byte);
    trust_json.set("weightRatio", trust->weight_ratio);
  }
  json.set("trust", std::move(trust_json));
  Json distances = Json::object();
  distances.set("initial", from_initial.relative);
  distances.set("anchor", anchor ? Json(distance(*anchor, candidate).relative) : Json());
  json.set("distance", std::move(distances));
  json.set("tensors", tensor_distances(initial, from_initial));
  return json.canonical();
}

} // namespace trainer
