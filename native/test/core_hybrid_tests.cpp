// Models with attention and learning from a teacher, through the C interface.
#include "adapt/samples.h"
#include "core_plans.h"
#include "core_tests.h"
#include "state/safetensors.h"
#include <cmath>
#include <cstring>

using ledger::Json;

namespace {

Json hybrid_model() {
  return Json::parse(small_model).set("layers", 3).set("attention", Json::parse("[1]"));
}

Bytes initialise(const Json &model, uint64_t seed) {
  trainer_blob blob{};
  trainer_error error;
  expect::yes(trainer_initialise(model.canonical().c_str(), seed, &blob, &error) == TRAINER_OK, "initialise");
  return take(blob);
}

void check_names(const Bytes &checkpoint) {
  std::string names;
  for (const ledger::Tensor &tensor : ledger::read_safetensors(checkpoint))
    if (tensor.name.find(".1.") != std::string::npos) names += tensor.name.substr(18) + " ";
  expect::equal(names, "norm.weight mixer.q_proj.weight mixer.k_proj.weight mixer.v_proj.weight mixer.o_proj.weight ",
                "tensors of an attention layer, as NemotronHForCausalLM names them");
  trainer_blob blob{};
  trainer_error error;
  expect::yes(trainer_describe(view(checkpoint), &blob, &error) == TRAINER_OK, "describe");
  const Bytes text = take(blob);
  expect::equal(Json::parse(std::string(text.begin(), text.end())).find("model")->canonical(), hybrid_model().canonical(),
                "the shape follows from the tensors");
}

// The logits before a changed byte stay what they were, those from it on change.
void check_causal(const Bytes &checkpoint, Bytes sequences) {
  const size_t changed = 40, length = 64;
  std::vector<float> before(length * 256), after(length * 256);
  trainer_item item;
  trainer_error error;
  const Bytes first(sequences.begin(), sequences.begin() + 16 + 3 * ptrdiff_t(length));
  sequences.assign(first.begin(), first.end());
  sequences[8] = 1;
  Bytes other = sequences;
  other[16 + changed] ^= 1;
  trainer_evaluate(view(checkpoint), view(sequences), nullptr, &item, before.data(), &error);
  trainer_evaluate(view(checkpoint), view(other), nullptr, &item, after.data(), &error);
  expect::yes(std::memcmp(before.data(), after.data(), changed * 256 * sizeof(float)) == 0, "nothing is read ahead");
  for (const size_t t : {changed, length - 1})
    expect::yes(std::memcmp(&before[t * 256], &after[t * 256], 256 * sizeof(float)) != 0,
                "position " + std::to_string(t) + " reads the changed byte");
}

void check_shape_refusals(const Json &plan, const Bytes &batches) {
  const auto with = [&](Json attention, int head = 8, int layers = 3) {
    const Json model = hybrid_model().set("attention", std::move(attention)).set("headDim", head).set("layers", layers);
    return Json(plan).set("model", model);
  };
  fails(with(Json::parse("[]")), {batches}, TRAINER_INVALID, "plan.model.attention must be absent, or a list");
  fails(with(Json()), {batches}, TRAINER_INVALID, "plan.model.attention must be an array");
  fails(with(Json::parse("[3]")), {batches}, TRAINER_INVALID, "plan.model.attention[0] must be an integer from 0 to 2");
  fails(with(Json::parse("[1, 1]")), {batches}, TRAINER_INVALID, "plan.model.attention[1] must be greater");
  fails(with(Json::parse("[0, 1, 2]")), {batches}, TRAINER_INVALID, "leave at least one layer to Mamba-2");
  fails(with(Json::parse("[1]"), 32), {batches}, TRAINER_INVALID, "plan.model.headDim must divide dModel = 16");
}

void check_block_refusals(const Bytes &checkpoint) {
  const auto refused = [&](const char *from, const char *to, const std::string &part) {
    std::vector<ledger::Tensor> tensors = ledger::read_safetensors(checkpoint);
    for (ledger::Tensor &tensor : tensors)
      if (tensor.name == from) tensor.name = to;
    trainer_blob blob{};
    trainer_error error;
    const Bytes changed = ledger::write_safetensors(tensors);
    fails_with(trainer_describe(view(changed), &blob, &error), error, TRAINER_INVALID, part);
  };
  refused("backbone.layers.1.mixer.q_proj.weight", "backbone.layers.1.mixer.up_proj.weight",
          "layer 1 must be either Mamba-2 (mixer.in_proj.weight) or attention (mixer.q_proj.weight)");
  refused("backbone.layers.1.mixer.k_proj.weight", "backbone.layers.1.mixer.in_proj.weight", "layer 1 must be either");
  refused("backbone.layers.1.mixer.o_proj.weight", "backbone.layers.1.mixer.out_proj.weight",
          "must be backbone.layers.1.mixer.o_proj.weight");
  trainer_blob blob{};
  trainer_error error;
  fails_with(trainer_export_onnx(view(checkpoint), 64, &blob, &error), error, TRAINER_INVALID,
             "layer 1 is attention; only pure Mamba-2 models are exported");
}

void check_not_finite(const Bytes &checkpoint, const Bytes &sequences) {
  std::vector<ledger::Tensor> tensors = ledger::read_safetensors(checkpoint);
  for (ledger::Tensor &tensor : tensors)
    if (tensor.name.ends_with("q_proj.weight")) tensor.data[5] = NAN;
  const Bytes broken = ledger::write_safetensors(tensors);
  std::vector<trainer_item> items(8);
  trainer_error error;
  fails_with(trainer_evaluate(view(broken), view(sequences), nullptr, items.data(), nullptr, &error), error,
             TRAINER_NON_FINITE, "the loss is not finite");
}

} // namespace

void hybrid_tests() {
  const Bytes batches = trainer::sample_sequences(8, 64, 1), hybrid = initialise(hybrid_model(), 3);
  const Json plan = small_plan(batches);
  check_names(hybrid);
  check_causal(hybrid, batches);
  check_shape_refusals(plan, batches);
  check_block_refusals(hybrid);
  check_not_finite(hybrid, batches);
}
