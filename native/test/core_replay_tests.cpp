// The audit drill: a claim that departs from its plan in one step, made by training so, and a replay that must name it.
#include "adapt/describe.h"
#include "adapt/replay.h"
#include "adapt/samples.h"
#include "core_isa.h"
#include "core_tests.h"
#include "state/json_reader.h"
#include <bit>
#include <cstring>
#include <random>

using namespace trainer;
using ledger::Json;

namespace {

constexpr int steps = 12;
constexpr int64_t sequence_bytes = 3 * 64;

enum class Deed { nothing, flip_in_state, flip_in_memory, skip_batch, change_rate };

// What is done, from which step, and for a flipped bit where.
struct Tampering {
  Deed deed = Deed::nothing;
  int64_t step = 0;
  size_t tensor = 0, element = 0;
  int bit = 0;
};

struct Drill {
  explicit Drill(int64_t state_every) : blob(sample_sequences(steps, 64, 3)) {
    Json text = Json::parse(R"({"contract": "nc-1", "anchor": null, "general": null, "sentinel": null, "batch": 1,
      "generalBatch": 0, "learningRate": 0.0078125, "warmupSteps": 1, "decay": "constant", "klBeta": 0,
      "l2spLambda": 0, "trustRegion": null, "initial": {"seed": "7"},
      "optimiser": {"beta1": 0.875, "beta2": 0.96875, "epsilon": 9.5367431640625e-7, "weightDecay": 0.015625,
      "clipNorm": 1}})");
    Shape shape;
    shape.width = 16, shape.layers = 1, shape.state = 8, shape.head = 8, shape.expand = 2;
    text.set("model", shape_json(shape)).set("steps", steps).set("stateEverySteps", state_every);
    plan = read_plan(text.set("batches", ledger::hex(ledger::sha256(blob.data(), blob.size()))).canonical());
  }

  // The results of training so, under the plan's own name. `states`: those after every step, as the same deed gives them.
  RunResult claim(const Tampering &tampering, std::string *states = nullptr) {
    std::vector<uint8_t> data = blob;
    if (tampering.deed == Deed::skip_batch) {
      const auto skipped = data.begin() + 16 + tampering.step * sequence_bytes;
      data.erase(skipped, skipped + sequence_bytes);
      data.insert(data.end(), blob.begin() + 16, blob.begin() + 16 + sequence_bytes);
    }
    Plan followed = plan;
    followed.batches = ledger::sha256(data.data(), data.size());
    const trainer_bytes bytes{data.data(), data.size()};
    Training training(followed, Inputs(&bytes, 1), Machine{ops, pool}, 0);
    ledger::TranscriptWriter fine(training.initial());
    while (!training.done()) {
      const bool now = training.step() == tampering.step;
      if (now && tampering.deed == Deed::change_rate) followed.learning_rate *= 0.5f;
      const StepOutcome outcome = training.advance();
      if (now && tampering.deed == Deed::flip_in_state) flip(training, tampering);
      const ledger::TranscriptLine line = training.record();
      fine.add(line.step, outcome.loss, outcome.norm, line.batch, training.state());
      if (now && tampering.deed == Deed::flip_in_memory) flip(training, tampering);
    }
    if (states) *states = fine.text();
    return training.finish();
  }

  std::string states(int64_t every) {
    const trainer_bytes bytes{blob.data(), blob.size()};
    return run_states(plan, Inputs(&bytes, 1), every, {ops, pool}, {});
  }

  Json replay(const RunResult &claimed, bool with_candidate = false) {
    ClaimBytes claim{claimed.receipt, claimed.transcript, std::nullopt, std::nullopt};
    if (with_candidate) claim.candidate = trainer_bytes{claimed.checkpoint.data(), claimed.checkpoint.size()};
    return replay(claim);
  }
  Json replay(const ClaimBytes &claim) {
    const trainer_bytes bytes{blob.data(), blob.size()};
    return Json::parse(replay_plan(plan, Inputs(&bytes, 1), claim, {ops, pool}, {}), "verdict");
  }

  static void flip(Training &training, const Tampering &tampering) {
    const Parameter &parameter = training.table().all()[tampering.tensor];
    float &weight = training.weights()[parameter.offset + tampering.element % parameter.count];
    weight = std::bit_cast<float>(std::bit_cast<uint32_t>(weight) ^ 1u << tampering.bit);
  }

  std::string tensor_name(size_t index) const { return ParameterTable(plan.shape).all()[index].name; }

  std::vector<uint8_t> blob;
  Plan plan;
  const OpTable<float> &ops = *tested_sets().back().ops;
  WorkerPool pool{1};
};

struct Found {
  explicit Found(const Json &verdict) : text(verdict.canonical()), sentence(verdict.find("sentence")->string()) {
    const Json &json = *verdict.find("divergence");
    equal = verdict.find("equal")->boolean();
    replayed = int64_t(verdict.find("replayed")->number());
    if (json.kind() == Json::Kind::null) return;
    what = json.find("what")->string();
    from = int64_t(json.find("from")->number()), step = int64_t(json.find("step")->number());
    tensors = int(json.find("tensors")->number());
    if (tensors > 0) tensor = json.find("tensor")->string();
  }
  std::string text, sentence, what, tensor;
  bool equal;
  int64_t replayed, from = -1, step = -1;
  int tensors = 0;
};

Tampering random_tampering(std::mt19937 &random, Deed deed, size_t tensors) {
  return {deed, int64_t(random() % (steps - 1)), random() % tensors, random(), int(random() % 23)};
}

// A state after every step: the step is exact, and a flipped bit is in one tensor alone.
void fine_drill() {
  Drill drill(1);
  const size_t tensors = ParameterTable(drill.plan.shape).all().size();
  std::mt19937 random(20);
  for (int round = 0; round < 24; round++) {
    const Tampering stored = random_tampering(random, Deed::flip_in_state, tensors);
    const std::string what = "round " + std::to_string(round) + ": ";
    const Found state(drill.replay(drill.claim(stored)));
    expect::yes(state.what == "tensor" && state.from == stored.step && state.step == stored.step && state.tensors == 1 &&
                    state.tensor == drill.tensor_name(stored.tensor) && state.replayed == stored.step + 1,
                what + "a bit of a stored state: " + state.text);
    const Tampering memory = random_tampering(random, Deed::flip_in_memory, tensors);
    const Found after(drill.replay(drill.claim(memory)));
    expect::yes(after.from == memory.step + 1 && after.step == memory.step + 1,
                what + "a bit flipped between two steps shows in the second: " + after.text);
    const Tampering skipped = random_tampering(random, Deed::skip_batch, tensors);
    const Found batch(drill.replay(drill.claim(skipped)));
    expect::yes(batch.what == "batch" && batch.from == skipped.step && batch.step == skipped.step,
                what + "a skipped batch: " + batch.text);
    const Tampering rate = random_tampering(random, Deed::change_rate, tensors);
    const Found slower(drill.replay(drill.claim(rate)));
    expect::yes(slower.what == "tensor" && slower.from == rate.step && slower.step == rate.step && slower.tensors > 1,
                what + "another rate: " + slower.text);
  }
}

// Fewer states: an interval that begins after the last equal one and holds the step, never a step that is not it.
void coarse_drill() {
  std::mt19937 random(21);
  for (int round = 0; round < 24; round++) {
    const int64_t every = 2 + round % 5;
    Drill drill(every);
    const size_t tensors = ParameterTable(drill.plan.shape).all().size();
    for (Deed deed : {Deed::flip_in_state, Deed::change_rate, Deed::skip_batch}) {
      const Tampering tampering = random_tampering(random, deed, tensors);
      const Found found(drill.replay(drill.claim(tampering)));
      const int64_t begins = deed == Deed::skip_batch ? tampering.step : tampering.step / every * every;
      const bool holds = found.from == begins && tampering.step <= found.step && found.step < begins + every;
      expect::yes(!found.equal && holds,
                  "states every " + std::to_string(every) + ", step " + std::to_string(tampering.step) + ": " + found.text);
    }
  }
}

// Whoever trained so gives the states after every step of it: the step and the tensor are exact again.
void finer_drill() {
  Drill drill(6);
  const size_t tensors = ParameterTable(drill.plan.shape).all().size();
  std::mt19937 random(22);
  for (int round = 0; round < 12; round++) {
    const Tampering flipped = random_tampering(random, Deed::flip_in_state, tensors);
    std::string states;
    const RunResult claimed = drill.claim(flipped, &states);
    const Found found(drill.replay(ClaimBytes{claimed.receipt, claimed.transcript, std::nullopt, states}));
    expect::yes(found.from == flipped.step && found.step == flipped.step && found.tensors == 1 &&
                    found.tensor == drill.tensor_name(flipped.tensor),
                "with the states of every step: " + found.text);
  }
  const RunResult honest = drill.claim({});
  const Json verdict = drill.replay(ClaimBytes{honest.receipt, honest.transcript, std::nullopt, drill.states(4)});
  expect::yes(verdict.find("equal")->boolean() && verdict.find("stateEverySteps")->number() == 4, "honest states are equal");
  expect::equal(drill.states(6), honest.transcript, "as far apart as the plan says, they are the transcript");
  std::string other;
  drill.claim({Deed::change_rate, 5}, &other);
  const auto refused = [&](const std::optional<std::string> &transcript, const std::string &states, const char *part) {
    expect::refused([&] { drill.replay(ClaimBytes{honest.receipt, transcript, std::nullopt, states}); }, part, part);
  };
  refused(honest.transcript, other, "states line 6.root is not the transcript's");
  drill.claim({Deed::skip_batch, 5}, &other);
  refused(honest.transcript, other, "states line 6.h is not the transcript's");
  refused(honest.transcript, other.substr(0, other.find('\n') + 1), "states: must have a line for each of the 12 steps");
  refused(honest.transcript, "x\n", "states line 1");
  refused(std::nullopt, drill.states(1), "states: need the transcript");
  expect::refused([&] { drill.states(0); }, "every must be 1 to the plan's 12 steps, not 0", "no distance");
}

long header_size(const RunResult &result) {
  uint64_t size;
  std::memcpy(&size, result.checkpoint.data(), sizeof size);
  return long(size);
}

void sentences() {
  Drill fine(1), coarse(6);
  const RunResult honest = fine.claim({});
  const auto said = [](const Json &verdict) { return verdict.find("sentence")->string(); };
  expect::equal(said(fine.replay(honest, true)),
                "equal: all 12 steps and the receipt come out the same, to the last bit of the weights", "equal");
  const Tampering flipped{Deed::flip_in_state, 4, 2, 9, 22};
  expect::equal(said(fine.replay(fine.claim(flipped))),
                "differs in step 4: after it, tensor backbone.layers.0.mixer.in_proj.weight differs, alone of 11", "exact");
  const std::string between = said(coarse.replay(coarse.claim({Deed::change_rate, 8})));
  expect::yes(between.find("differs somewhere between step 6 and step 9: in step 9 the loss is ") == 0 &&
                  between.find("; states are known every 6 steps only") != std::string::npos,
              "an interval: " + between);
  expect::equal(said(fine.replay(fine.claim({Deed::skip_batch, 7}))),
                "differs in step 7: it was trained on another batch than the plan's", "batch");
  RunResult other = honest;
  other.checkpoint.back() ^= 0x40;
  expect::equal(said(fine.replay(other, true)),
                "differs in the candidate handed in: tensor backbone.norm_f.weight differs, alone of 11; the receipt comes "
                "out the same, so these are not the weights it speaks of", "candidate");
  RunResult padded = honest;
  padded.checkpoint[0] += 8;  // the header's length, in its lowest byte
  padded.checkpoint.insert(padded.checkpoint.begin() + 8 + header_size(honest), 8, ' ');
  const std::string same = said(fine.replay(padded, true));
  expect::yes(same.find("differs in the candidate handed in: the file is another one, with the same 11 tensors; ") == 0,
              "a file of the same weights with other bytes: " + same);
  Json receipt = Json::parse(honest.receipt);
  const std::string better = receipt.set("lossLast", 0.5).canonical();
  expect::equal(said(fine.replay(ClaimBytes{better, honest.transcript, std::nullopt, std::nullopt})),
                "differs in the receipt: lossLast; all 12 steps are equal, so it came after the last one",
                "receipt");
  expect::equal(said(fine.replay(ClaimBytes{better, std::nullopt, std::nullopt, std::nullopt})),
                "differs in the receipt: lossLast; no transcript was given, so it arose between step 0 and step 11 or after",
                "no transcript");
  const RunResult slower = fine.claim({Deed::change_rate, 3});
  const std::string weights = said(fine.replay(
      ClaimBytes{slower.receipt, std::nullopt, trainer_bytes{slower.checkpoint.data(), slower.checkpoint.size()}, std::nullopt}));
  expect::yes(weights.find("differs in the candidate handed in: tensor backbone.embeddings.weight is the first of 11") == 0 &&
                  weights.find("no transcript was given, so it arose between step 0 and step 11") != std::string::npos,
              "no transcript, and a candidate: " + weights);
  expect::yes(fine.replay(ClaimBytes{honest.receipt, std::nullopt, std::nullopt, std::nullopt}).find("equal")->boolean(),
              "a receipt without its transcript is compared all the same");
}

std::string without_line(const std::string &text, int line) {
  size_t begin = 0;
  for (int i = 0; i < line; i++) begin = text.find('\n', begin) + 1;
  return text.substr(0, begin) + text.substr(text.find('\n', begin) + 1);
}

// What cannot be held against the plan is refused before anything is trained.
void refusals() {
  Drill drill(4), finer(2);
  const RunResult honest = drill.claim({});
  const auto refused = [&](const std::string &receipt, const std::string &transcript, const std::string &part) {
    expect::refused([&] { drill.replay(ClaimBytes{receipt, transcript, std::nullopt, std::nullopt}); }, part, part);
  };
  const std::string &receipt = honest.receipt, &transcript = honest.transcript;
  // Whoever cuts a transcript may name what is left.
  const auto naming = [&](const std::string &text) {
    return Json::parse(receipt).set("transcript", ledger::hex(ledger::sha256(text.data(), text.size()))).canonical();
  };
  const auto with = [&](const char *field, Json value) { return Json::parse(receipt).set(field, value).canonical(); };
  refused(receipt, transcript.substr(0, transcript.size() / 2), "does not end with a line feed");
  const std::string cut = without_line(transcript, steps - 1);
  refused(naming(cut), cut, "must have a line for each of the plan's 12 steps, has 11");
  refused(receipt, "", "has 0: it is cut off");
  refused(finer.claim({}).receipt, transcript, "a receipt of another plan");
  refused(with("contract", "nc-2"), transcript, "receipt.contract must be one of \"nc-1\", not \"nc-2\"");
  refused(with("transcript", ledger::hex(drill.plan.digest)), transcript, "the receipt names");
  refused("{}", transcript, "receipt.contract");
  std::string rootless = transcript;
  const size_t root = rootless.find(",\"root\""), end = rootless.find("]", root);
  const size_t step = rootless.find(",\"step\"", root);
  rootless = rootless.substr(0, root) + rootless.substr(step, rootless.find(",\"tensors\"", root) - step) +
             rootless.substr(end + 1);
  refused(naming(rootless), rootless, "transcript line 4 has no root: plan.stateEverySteps 4");
  const std::string every_two = finer.claim({}).transcript;
  refused(naming(every_two), every_two, "transcript line 2 has a root");
  std::string broken = transcript;
  const size_t loss = broken.find("\"loss\":\"", broken.find('\n')) + 15;
  broken[loss] = broken[loss] == '0' ? '1' : '0';
  refused(naming(broken), broken, "transcript line 2.h does not follow from the line before it");
  refused(with("initial", ledger::hex(drill.plan.digest)), transcript, "does not follow from receipt.initial");
  expect::refused([&] {
    drill.replay(ClaimBytes{receipt, transcript, trainer_bytes{drill.blob.data(), drill.blob.size()}, std::nullopt});
  }, "candidate", "a candidate that is no checkpoint");
}

} // namespace

void replay_tests() {
  fine_drill();
  coarse_drill();
  finer_drill();
  sentences();
  refusals();
}
