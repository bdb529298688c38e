// The C interface as its callers see it: results, errors and their codes.
#include "adapt/samples.h"
#include "core_plans.h"
#include "core_tests.h"
#include "model/parameters.h"
#include "state/json.h"
#include "state/transcript.h"
#include "trainer.h"
#include <algorithm>
#include <cmath>
#include <cstring>

using ledger::Json;

namespace {

struct Watch {
  int steps = 0, stop_after = 1000;
};

void watch_progress(void *context, const trainer_progress *progress) {
  Watch &watch = *static_cast<Watch *>(context);
  watch.steps++;
  expect::yes(progress->step == watch.steps && progress->tokens == watch.steps * 128 && progress->loss_nats_mean > 0,
              "progress of step " + std::to_string(progress->step));
}

int watch_cancelled(void *context) {
  const Watch &watch = *static_cast<Watch *>(context);
  return watch.steps >= watch.stop_after;
}

void check_run(const Json &plan, const Bytes &batches) {
  Watch watch;
  const trainer_hooks hooks{watch_progress, watch_cancelled, &watch};
  const Outcome out = run(plan, {batches}, &hooks);
  expect::yes(out.code == TRAINER_OK && watch.steps == 4, std::string("a plan runs: ") + out.error.message);
  const Json receipt = Json::parse(std::string(out.receipt.begin(), out.receipt.end()));
  const std::string canonical = plan.canonical();
  expect::equal(receipt.find("plan")->string(), digest_of(Bytes(canonical.begin(), canonical.end())), "plan digest");
  expect::equal(receipt.find("candidate")->string(), digest_of(out.checkpoint), "candidate digest");
  expect::equal(receipt.find("optimiser")->string(), digest_of(out.optimiser), "optimiser digest");
  expect::equal(receipt.find("transcript")->string(), digest_of(out.transcript), "transcript digest");
  expect::yes(receipt.find("tokens")->number() == 512 && receipt.find("factor")->number() == 1, "tokens and factor");
  expect::yes(receipt.find("trust")->kind() == Json::Kind::null, "no trust region, no trust");
  const auto lines = ledger::read_transcript(std::string(out.transcript.begin(), out.transcript.end()));
  ledger::Digest initial = ledger::digest_from_hex(receipt.find("initial")->string(), "initial");
  expect::yes(lines.size() == 4 && !ledger::first_broken_link(lines, initial), "the transcript is one unbroken chain");
  expect::yes(!lines[0].root && !lines[1].root && lines[2].root && lines[3].root, "states after steps 3 and 4");
  const trainer::Model model = trainer::read_checkpoint(out.checkpoint.data(), out.checkpoint.size(), "checkpoint");
  const trainer::Parameter &tensor = model.table.all()[2];
  expect::equal(ledger::hex(lines[3].tensors[2].digest),
                ledger::hex(ledger::sha256(model.values.data() + tensor.offset, tensor.count * sizeof(float))),
                "the last recorded state is the checkpoint");

  Watch short_watch{0, 2};
  const trainer_hooks short_hooks{watch_progress, watch_cancelled, &short_watch};
  const Outcome stopped = run(plan, {batches}, &short_hooks);
  expect::yes(stopped.code == TRAINER_CANCELLED && stopped.error.step == 2, "cancelled between steps 2 and 3");
}

void check_refusals(const Json &good, const Bytes &batches) {
  const auto with = [&](const char *name, Json value) { return Json(good).set(name, std::move(value)); };
  fails(good, {}, TRAINER_MISSING, "plan.batches names");
  fails(with("extra", 1), {batches}, TRAINER_INVALID, "extra");
  fails(with("learningRate", 0.1), {batches}, TRAINER_INVALID, "plan.learningRate");
  fails(with("steps", 5), {batches}, TRAINER_INVALID, "must hold steps * batch = 10");
  fails(with("contract", "nc-2"), {batches}, TRAINER_INVALID, "plan.contract");
  fails(with("l2spLambda", 0.5), {batches}, TRAINER_INVALID, "plan.anchor");
  fails(with("anchor", digest_of(batches)), {batches}, TRAINER_INVALID, "plan.anchor");
  fails(with("learningRate", 1).set("optimiser", Json::parse(R"({"beta1": 0, "beta2": 0, "epsilon": 1,
      "weightDecay": 633825300114114700548351602688, "clipNorm": 1})")), {batches}, TRAINER_NON_FINITE, "not finite");
  Bytes unscored = batches;
  const size_t record = 3 * 64;
  for (size_t i = 0; i < 2; i++) std::memset(unscored.data() + 16 + i * record + 128, 0, 64);
  fails(with("batches", digest_of(unscored)), {unscored}, TRAINER_INVALID, "step 0 has no scored position");
  const Json region = Json::parse(R"({"klNatsPerByte": 0, "weightRatio": 0, "factors": [0.5]})");
  fails(with("trustRegion", region).set("sentinel", digest_of(batches)), {batches}, TRAINER_BUDGET, "factor 0.5");
}

void check_measurements(const Bytes &sequences) {
  trainer_error error;
  trainer_blob blob{};
  Bytes models[2];
  for (uint64_t seed : {0, 1}) {
    expect::yes(trainer_initialise(small_model, seed, &blob, &error) == TRAINER_OK, "initialise");
    models[seed] = take(blob);
  }
  expect::yes(models[0] != models[1], "another seed is another model");
  std::vector<trainer_item> items(8);
  std::vector<float> logits(8 * 64 * 256);
  const trainer_options options{2, nullptr};
  expect::yes(trainer_evaluate(view(models[0]), view(sequences), &options, items.data(), logits.data(), &error) == 0,
              "evaluate");
  const uint8_t *record = sequences.data() + 16;
  double sum = 0;
  unsigned scored = 0;
  for (int t = 0; t < 64; t++) {
    if (!record[128 + t]) continue;
    double total = 0;
    for (int v = 0; v < 256; v++) total += std::exp(double(logits[t * 256 + v]));
    sum += std::log(total) - logits[t * 256 + record[64 + t]];
    scored++;
  }
  expect::yes(items[0].scored == scored && std::fabs(items[0].nll_nats - sum) < 1e-4 * sum, "loss from the logits");
  expect::yes(std::fabs(items[0].nll_nats / scored - std::log(256.0)) < 0.5, "a fresh model is near eight bits");
  std::vector<double> nats(8);
  trainer_divergence(view(models[0]), view(models[0]), view(sequences), &options, nats.data(), &error);
  expect::yes(std::all_of(nats.begin(), nats.end(), [](double x) { return x == 0.0; }), "no divergence from itself");
  trainer_divergence(view(models[0]), view(models[1]), view(sequences), &options, nats.data(), &error);
  expect::yes(std::all_of(nats.begin(), nats.end(), [](double x) { return x > 0.0; }), "divergence from another");

  trainer_interpolate(view(models[0]), view(models[1]), 0.0f, &blob, &error);
  expect::yes(take(blob) == models[0], "the line begins at a");
  trainer_interpolate(view(models[0]), view(models[1]), 0.5f, &blob, &error);
  const Bytes middle = take(blob);
  const auto relative = [&](const Bytes &to) {
    trainer_distance(view(models[0]), view(to), &blob, &error);
    const Bytes text = take(blob);
    return Json::parse(std::string(text.begin(), text.end())).find("relative")->number();
  };
  expect::yes(relative(models[0]) == 0 && std::fabs(relative(middle) * 2 / relative(models[1]) - 1) < 1e-4,
              "half way is half the distance");
  Bytes broken = models[0];
  broken.resize(broken.size() - 4);
  expect::yes(trainer_describe(view(broken), &blob, &error) == TRAINER_INVALID, "a cut file is refused");
  const trainer_options strange{1, "sse9"};
  expect::yes(trainer_evaluate(view(models[0]), view(sequences), &strange, items.data(), nullptr, &error) ==
                  TRAINER_UNAVAILABLE,
              "an unknown instruction set is refused");
}

} // namespace

void contract_tests() {
  const Bytes batches = trainer::sample_sequences(8, 64, 1);
  const Json plan = small_plan(batches);
  check_run(plan, batches);
  check_refusals(plan, batches);
  check_measurements(batches);
}
