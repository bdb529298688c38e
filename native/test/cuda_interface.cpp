// trainer.h with the backend "cuda", here the emulated device, against the processor: every function that computes.
#include "cuda_tests.h"
#include "adapt/samples.h"
#include "expect.h"
#include "include/trainer_blob.h"
#include "model/parameters.h"
#include "state/json.h"
#include "state/sha256.h"
#include <cstring>

using namespace trainer;
using ledger::Json;

namespace {

using Bytes = std::vector<uint8_t>;

const trainer_options cpu{2, nullptr, 0, nullptr}, cuda{2, nullptr, 2, "cuda"};

trainer_bytes view(const Bytes &bytes) { return {bytes.data(), bytes.size()}; }
std::string text_of(const Blob &blob) { return std::string(reinterpret_cast<const char *>(blob.data()), blob.size()); }
std::string digest_of(const Bytes &bytes) { return ledger::hex(ledger::sha256(bytes.data(), bytes.size())); }

// With `large` one tap is so large that a strong decay drives it beyond binary32 at once.
Bytes checkpoint(uint64_t seed, bool large = false, bool hybrid = false) {
  Shape shape;
  shape.width = 10, shape.layers = 2, shape.state = 3, shape.head = 5;
  shape.attention[1] = hybrid;
  Model model = initial_model(shape, seed);
  if (large) model.values[model.table.layer(0).taps] = 1e9f;
  return write_checkpoint(model.table, model.values);
}

Json plan_of(const Bytes &initial, const Bytes &anchor, const Bytes &batches, const Bytes &general) {
  Json plan = Json::parse(R"({"contract": "nc-1", "sentinel": null, "steps": 3, "batch": 3, "generalBatch": 5,
    "model": {"dModel": 10, "layers": 2, "dState": 3, "headDim": 5, "expand": 2, "convWidth": 4, "chunk": 64, "vocab": 256},
    "learningRate": 0.0078125, "warmupSteps": 1, "decay": "constant", "klBeta": 0.5, "l2spLambda": 0.25,
    "trustRegion": null, "stateEverySteps": 2, "optimiser": {"beta1": 0.875, "beta2": 0.96875,
    "epsilon": 9.5367431640625e-7, "weightDecay": 0.015625, "clipNorm": 0.25}})");
  plan.set("initial", Json::object().set("checkpoint", digest_of(initial))).set("anchor", digest_of(anchor));
  return plan.set("batches", digest_of(batches)).set("general", digest_of(general));
}

struct Outcome {
  int code = 0;
  std::string message, everything; // all four results, one after the other
};

Outcome run(const Json &plan, const std::vector<Bytes> &inputs, const trainer_options &options) {
  std::vector<trainer_bytes> views;
  for (const Bytes &input : inputs) views.push_back(view(input));
  trainer_result result{};
  trainer_error error{TRAINER_OK, -1, ""};
  Outcome out;
  out.code = trainer_run(plan.canonical().c_str(), views.data(), views.size(), &options, nullptr, &result, &error);
  out.message = error.message;
  for (trainer_blob blob : {result.checkpoint, result.optimiser, result.transcript, result.receipt})
    out.everything += blob.data ? text_of(Blob(blob)) : "";
  return out;
}

// General sequences longer than the task's, from another anchor, with the pull: everything a step can have.
void training() {
  const Bytes initial = checkpoint(1), anchor = checkpoint(2), batches = sample_sequences(9, 64, 3);
  const Bytes general = sample_sequences(4, 128, 4);
  const Json plan = plan_of(initial, anchor, batches, general);
  const std::vector<Bytes> inputs{initial, anchor, batches, general};
  const Outcome wanted = run(plan, inputs, cpu), found = run(plan, inputs, cuda);
  expect::yes(wanted.code == TRAINER_OK && found.code == TRAINER_OK, "both train: " + wanted.message + found.message);
  expect::yes(wanted.everything == found.everything, "checkpoint, moments, transcript and receipt are the same bytes");
  // A weight breaks at once, or the loss in the step after.
  for (const bool large : {true, false}) {
    const Bytes begin = checkpoint(1, large);
    Json wild = plan, optimiser = Json::parse(R"({"beta1": 0, "beta2": 0, "epsilon": 1, "clipNorm": 1})");
    optimiser.set("weightDecay", double(float(1e30)));
    wild.set("learningRate", 1).set("initial", Json::object().set("checkpoint", digest_of(begin)));
    wild.set("optimiser", optimiser);
    const std::vector<Bytes> with_begin{begin, anchor, batches, general};
    const Outcome broken = run(wild, with_begin, cpu), broken_too = run(wild, with_begin, cuda);
    expect::equal(broken.message, large ? "step 0: a weight is not finite" : "step 1: the loss is not finite",
                  "it breaks");
    expect::yes(broken_too.code == TRAINER_NON_FINITE && broken_too.message == broken.message,
                "the device breaks the same way: " + broken_too.message);
  }
}

// Three ways to learn from a hybrid teacher of the student's width: all logits and states of two layers and nothing else,
// a few logits, and states alone beside the task.
void learning() {
  const Bytes initial = checkpoint(1, false, true), teacher = checkpoint(5, false, true);
  const Bytes batches = sample_sequences(9, 64, 3);
  const auto learn = [&](const char *request, const char *distillation) {
    Blob traces;
    trainer_error error{TRAINER_OK, -1, ""};
    trainer_trace(view(teacher), view(batches), request, &cpu, traces.out(), &error);
    const Bytes bytes(traces.data(), traces.data() + traces.size());
    Json model = Json::parse(R"({"dModel": 10, "layers": 2, "dState": 3, "headDim": 5, "expand": 2, "convWidth": 4,
      "chunk": 64, "vocab": 256, "attention": [1]})");
    Json plan = plan_of(initial, initial, batches, batches).set("model", model).set("klBeta", 0).set("generalBatch", 0);
    plan.set("anchor", Json()).set("general", Json()).set("l2spLambda", 0);
    plan.set("distillation", Json::parse(distillation).set("traces", digest_of(bytes)));
    const std::vector<Bytes> inputs{initial, batches, bytes};
    const Outcome wanted = run(plan, inputs, cpu), found = run(plan, inputs, cuda);
    expect::yes(wanted.code == TRAINER_OK && wanted.everything == found.everything,
                std::string("a student of ") + distillation + ": " + wanted.message + found.message);
  };
  learn(R"({"logits": 256, "hidden": [0, 1]})",
        R"({"taskWeight": 0, "logits": {"weight": 1, "temperature": 2}, "projection": null,
            "hidden": [{"teacher": 1, "student": 1, "weight": 1}, {"teacher": 0, "student": 0, "weight": 0.5}]})");
  learn(R"({"logits": 3, "hidden": []})",
        R"({"taskWeight": 0.25, "logits": {"weight": 1, "temperature": 0.75}, "projection": null, "hidden": []})");
  learn(R"({"logits": 1, "hidden": [0]})",
        R"({"taskWeight": 1, "logits": null, "projection": null, "hidden": [{"teacher": 0, "student": 1, "weight": 2}]})");
}

// The processor's claim replayed by the device, with states after every step.
void replaying() {
  const Bytes initial = checkpoint(1), anchor = checkpoint(2), batches = sample_sequences(9, 64, 3);
  const Bytes general = sample_sequences(4, 128, 4);
  const std::string plan = plan_of(initial, anchor, batches, general).canonical();
  const std::vector<trainer_bytes> inputs{view(initial), view(anchor), view(batches), view(general)};
  trainer_result result{};
  trainer_error error{TRAINER_OK, -1, ""};
  trainer_run(plan.c_str(), inputs.data(), inputs.size(), &cpu, nullptr, &result, &error);
  const Blob candidate(result.checkpoint), optimiser(result.optimiser), transcript(result.transcript);
  const std::string receipt = text_of(Blob(result.receipt));
  Blob states, wanted, verdict;
  trainer_states(plan.c_str(), inputs.data(), inputs.size(), 1, &cpu, nullptr, wanted.out(), &error);
  trainer_states(plan.c_str(), inputs.data(), inputs.size(), 1, &cuda, nullptr, states.out(), &error);
  expect::yes(states.size() > 0 && text_of(states) == text_of(wanted), "states of every step");
  const trainer_claim claim{receipt.c_str(), {transcript.data(), transcript.size()},
                            {candidate.data(), candidate.size()}, {states.data(), states.size()}};
  trainer_replay(plan.c_str(), inputs.data(), inputs.size(), &claim, &cuda, nullptr, verdict.out(), &error);
  expect::yes(error.code == TRAINER_OK && text_of(verdict).find("\"divergence\":null,\"equal\":true") == 1,
              std::string("the claim holds: ") + error.message + (verdict.data() ? text_of(verdict) : ""));
}

// Of a hybrid model against a pure one.
void measuring() {
  const Bytes p = checkpoint(1, false, true), q = checkpoint(2), blob = sample_sequences(70, 64, 5);
  const size_t count = 70, size = count * 64 * 256;
  struct Measured {
    std::vector<trainer_item> items = std::vector<trainer_item>(count);
    std::vector<float> logits = std::vector<float>(size);
    std::vector<double> nats = std::vector<double>(count);
    std::vector<trainer_byte_score> scores = std::vector<trainer_byte_score>(count * 64);
    std::string all_logits, some_logits;
  };
  const auto measure = [&](const trainer_options &options) {
    Measured out;
    trainer_error error{TRAINER_OK, -1, ""};
    trainer_evaluate(view(p), view(blob), &options, out.items.data(), out.logits.data(), &error);
    trainer_divergence(view(p), view(q), view(blob), &options, out.nats.data(), &error);
    trainer_byte_scores(view(p), view(blob), 0.01, &options, out.scores.data(), &error);
    Blob all, some;
    trainer_trace(view(p), view(blob), R"({"logits": 256, "hidden": [0, 1]})", &options, all.out(), &error);
    trainer_trace(view(p), view(blob), R"({"logits": 7, "hidden": [1]})", &options, some.out(), &error);
    expect::yes(error.code == TRAINER_OK, std::string("measured: ") + error.message);
    out.all_logits = text_of(all), out.some_logits = text_of(some);
    return out;
  };
  const Measured wanted = measure(cpu), found = measure(cuda);
  const auto same = [](const auto &a, const auto &b) {
    return std::memcmp(a.data(), b.data(), a.size() * sizeof a[0]) == 0;
  };
  expect::yes(wanted.items[0].scored > 0 && same(wanted.items, found.items), "evaluation");
  expect::yes(same(wanted.logits, found.logits), "logits");
  expect::yes(wanted.nats[0] > 0 && same(wanted.nats, found.nats), "divergence");
  bool equal = wanted.scores[0].likelihood > 0;
  for (size_t i = 0; i < wanted.scores.size(); i++) { // field by field: there is padding between them
    const trainer_byte_score &a = wanted.scores[i], &b = found.scores[i];
    equal = equal && a.confidence == b.confidence && a.likelihood == b.likelihood && a.brier == b.brier &&
            a.nll_nats == b.nll_nats && a.held == b.held && a.right == b.right;
  }
  expect::yes(equal, "byte scores");
  expect::yes(wanted.all_logits.size() > size * sizeof(float) && wanted.all_logits == found.all_logits,
              "traces with all logits and hidden states");
  expect::yes(wanted.some_logits.size() > count && wanted.some_logits == found.some_logits,
              "traces with some logits and the last hidden states");
}

void describing() {
  trainer_error error{TRAINER_OK, -1, ""};
  Blob json;
  trainer_backends(json.out(), &error);
  const Json cuda_entry = Json::parse(text_of(json)).find("backends")->items().at(1);
  expect::equal(cuda_entry.canonical(),
                R"({"available":true,"device":"emulation on the processor, no GPU","name":"cuda","reason":null})",
                "backends");
  Blob bench;
  const char *options = R"({"backend": "cuda", "dModel": 32, "layers": 1, "length": 64, "batch": 1, "steps": 3})";
  const char *cpu_options = R"({"dModel": 32, "layers": 1, "length": 64, "batch": 1, "steps": 3})";
  trainer_bench(options, bench.out(), &error);
  Blob cpu_bench;
  trainer_bench(cpu_options, cpu_bench.out(), &error);
  const Json found = Json::parse(text_of(bench)), wanted = Json::parse(text_of(cpu_bench));
  expect::equal(found.find("backend")->string(), "cuda", "the benchmark names its backend");
  expect::equal(found.find("weightsSha256")->string(), wanted.find("weightsSha256")->string(),
                "weights of the benchmark");
  const trainer_options strange{1, nullptr, 0, "gpu"};
  Blob nothing;
  expect::yes(trainer_selftest(&strange, nothing.out(), &error) == TRAINER_UNAVAILABLE &&
                  std::string(error.message) == "backend must be one of cpu, cuda, not gpu",
              std::string("an unknown backend is refused: ") + error.message);
}

} // namespace

void interface_tests() {
  training();
  learning();
  replaying();
  measuring();
  describing();
}
