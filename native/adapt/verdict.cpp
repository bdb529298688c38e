#include "verdict.h"
#include "state/json.h"

namespace trainer {

using ledger::Divergence;
using ledger::Json;

namespace {

std::string count_of(int64_t count, const char *thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

std::string list_of(const std::vector<std::string> &names) {
  std::string text;
  for (size_t i = 0; i < names.size(); i++) text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

std::string tensors_of(const Divergence &divergence) {
  const size_t count = divergence.tensors.size();
  const std::string whole = std::to_string(divergence.of);
  if (count == 0) return "the file is another one, with the same " + whole + " tensors";
  if (count == 1) return "tensor " + divergence.tensors[0] + " differs, alone of " + whole;
  return "tensor " + divergence.tensors[0] + " is the first of " + std::to_string(count) + " that differ, of " + whole;
}

std::string interval_of(const Divergence &divergence) {
  return "between step " + std::to_string(divergence.from) + " and step " + std::to_string(divergence.step);
}

std::string measured(const Divergence &divergence) {
  const std::string name = divergence.what == "loss" ? "the loss" : "the gradient norm";
  return name + " is " + divergence.found + ", recorded as " + divergence.claimed;
}

// The weights were last seen equal before `from`; a line shows a difference at `step`.
std::string weights_sentence(const Divergence &divergence, int64_t state_every) {
  const bool tensor = divergence.what == "tensor";
  const std::string step = std::to_string(divergence.step);
  if (divergence.exact())
    return tensor ? "differs in step " + step + ": after it, " + tensors_of(divergence)
                  : "differs in step " + step + ": from equal weights " + measured(divergence);
  return "differs somewhere " + interval_of(divergence) + ": " +
         (tensor ? "after step " + step + " " + tensors_of(divergence) : "in step " + step + " " + measured(divergence)) +
         "; states are known every " + count_of(state_every, "step") + " only";
}

// Where a difference lies that no step showed.
std::string place_of(const Verdict &verdict, const std::string &all) {
  if (verdict.fields.empty()) return "the receipt comes out the same, so these are not the weights it speaks of";
  if (verdict.state_every > 0) return all + " are equal, so it came after the last one";
  return "no transcript was given, so it arose " + interval_of(*verdict.divergence) + " or after";
}

std::string sentence_of(const Plan &plan, const Verdict &verdict) {
  const std::string all = "all " + count_of(plan.steps, "step");
  if (!verdict.divergence)
    return "equal: " + all + " and the receipt come out the same, to the last bit of the weights";
  const Divergence &divergence = *verdict.divergence;
  if (divergence.what == "initial")
    return "differs before step 0: training begins from weights " + divergence.found + ", not from " + divergence.claimed;
  if (divergence.what == "batch")
    return "differs in step " + std::to_string(divergence.step) + ": it was trained on another batch than the plan's";
  if (divergence.what == "candidate")
    return "differs in the candidate handed in: " + tensors_of(divergence) + "; " + place_of(verdict, all);
  if (divergence.what == "receipt")
    return "differs in the receipt: " + list_of(verdict.fields) + "; " + place_of(verdict, all);
  return weights_sentence(divergence, verdict.state_every);
}

Json divergence_json(const Divergence &divergence) {
  Json json = Json::object();
  json.set("what", divergence.what).set("from", divergence.from).set("step", divergence.step);
  json.set("exact", divergence.exact());
  json.set("tensor", divergence.tensors.empty() ? Json() : Json(divergence.tensors[0]));
  json.set("tensors", uint64_t(divergence.tensors.size())).set("ofTensors", uint64_t(divergence.of));
  return json.set("recorded", divergence.claimed).set("found", divergence.found);
}

} // namespace

std::string verdict_json(const Plan &plan, const Verdict &verdict) {
  Json fields = Json::array();
  for (const std::string &name : verdict.fields) fields.push(name);
  Json json = Json::object();
  json.set("equal", !verdict.divergence).set("sentence", sentence_of(plan, verdict));
  json.set("steps", plan.steps).set("replayed", verdict.replayed);
  json.set("stateEverySteps", verdict.state_every > 0 ? Json(verdict.state_every) : Json());
  json.set("fields", std::move(fields));
  json.set("divergence", verdict.divergence ? divergence_json(*verdict.divergence) : Json());
  return json.canonical();
}

} // namespace trainer
