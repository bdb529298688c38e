// Traces of a teacher and what a student learns from them, through the C interface.
#include "adapt/samples.h"
#include "canon/random.h"
#include "core_plans.h"
#include "core_tests.h"
#include "state/safetensors.h"
#include "state/traces.h"
#include <cmath>
#include <cstring>

using ledger::Json;

namespace {

constexpr size_t length = 64;
constexpr int width = 24;

Json teacher_model() {
  return Json::parse(small_model).set("dModel", width).set("layers", 3).set("attention", Json::parse("[1]"));
}

Bytes teacher_checkpoint() {
  const Json model = teacher_model();
  trainer_blob blob{};
  trainer_error error;
  expect::yes(trainer_initialise(model.canonical().c_str(), 3, &blob, &error) == TRAINER_OK, "a teacher");
  return take(blob);
}

struct Traced {
  int code;
  trainer_error error;
  Bytes traces;
};

Traced trace(const Bytes &checkpoint, const Bytes &sequences, const char *request) {
  Traced out{};
  trainer_blob blob{};
  out.code = trainer_trace(view(checkpoint), view(sequences), request, nullptr, &blob, &out.error);
  if (out.code == TRAINER_OK) out.traces = take(blob);
  return out;
}

void check_logits(const Bytes &teacher, const Bytes &sequences, const ledger::Traces &few, const ledger::Traces &all) {
  std::vector<float> logits(8 * length * 256), copied(length * 256), kept(length * 5);
  std::vector<trainer_item> items(8);
  trainer_error error;
  trainer_evaluate(view(teacher), view(sequences), nullptr, items.data(), logits.data(), &error);
  all.copy_logits(3, copied.data());
  expect::yes(std::memcmp(copied.data(), &logits[3 * length * 256], copied.size() * 4) == 0, "all logits");
  few.copy_logits(3, kept.data());
  bool ranked = true;
  for (size_t t = 0; t < length; t++) {
    const float *here = &copied[t * 256];
    for (int j = 0; j < 5; j++) {
      const uint8_t byte = few.bytes(3)[t * 5 + size_t(j)];
      int before = 0;
      for (int v = 0; v < 256; v++) before += here[v] > here[byte] || (here[v] == here[byte] && v < byte);
      ranked = ranked && before == j && kept[t * 5 + size_t(j)] == here[byte];
    }
  }
  expect::yes(ranked, "the five most likely bytes of every position with their logits, most likely first");
}

// The states after the last layer give the logits: their norm times the embeddings.
void check_hidden(const Bytes &teacher, const ledger::Traces &traces) {
  const std::vector<ledger::Tensor> tensors = ledger::read_safetensors(teacher);
  const std::vector<float> &embeddings = tensors.front().data, &gain = tensors.back().data;
  std::vector<float> hidden(length * width), first(length * width), logits(length * 256);
  traces.copy_logits(5, logits.data());
  traces.copy_hidden(5, 1, hidden.data());
  traces.copy_hidden(5, 0, first.data());
  expect::yes(first != hidden, "layers have different states");
  double worst = 0;
  for (size_t t = 0; t < length; t++) {
    double squares = 0, sum = 0;
    for (int j = 0; j < width; j++) squares += double(hidden[t * width + j]) * hidden[t * width + j];
    for (int j = 0; j < width; j++) sum += double(hidden[t * width + j]) * gain[j] * embeddings[77 * width + j];
    worst = std::max(worst, std::fabs(sum / std::sqrt(squares / width + 1e-5) - logits[t * 256 + 77]));
  }
  expect::yes(worst < 1e-5, "hidden states of the last layer give the logits, off by " + std::to_string(worst));
}

Json distilled_plan(const Bytes &batches, const Bytes &traces) {
  Json distillation = Json::parse(R"({"taskWeight": 0, "logits": {"weight": 1, "temperature": 2},
    "hidden": [{"teacher": 1, "student": 0, "weight": 1}, {"teacher": 2, "student": 1, "weight": 0.5}],
    "projection": {"seed": "4"}})");
  return small_plan(batches).set("distillation", distillation.set("traces", digest_of(traces)));
}

// A blob of these sequences of another one, in this order.
Bytes chosen(const Bytes &blob, const std::vector<int> &order) {
  constexpr ptrdiff_t header = 16, record = 3 * ptrdiff_t(length);
  Bytes out(blob.begin(), blob.begin() + header);
  out[8] = uint8_t(order.size());
  for (const int i : order)
    out.insert(out.end(), blob.begin() + header + i * record, blob.begin() + header + (i + 1) * record);
  return out;
}

// The task counts for nothing here, so that only what is learnt from the teacher can bring the distances down. Every step
// reads the same two sequences, in turn one or the other first: traces are found by tokens.
void check_learning() {
  constexpr int steps = 40;
  const Bytes once = trainer::sample_sequences(2, length, 1);
  std::vector<int> order;
  for (int i = 0; i < steps; i++) order.push_back(i % 2), order.push_back(1 - i % 2);
  const Bytes batches = chosen(once, order);
  const Bytes teacher = run(small_plan(batches).set("model", teacher_model()).set("steps", steps), {batches}).checkpoint;
  const Bytes traces = trace(teacher, once, R"({"logits": 32, "hidden": [1, 2]})").traces;
  const Json plan = distilled_plan(batches, traces).set("steps", steps);
  const Outcome out = run(plan, {batches, traces});
  expect::yes(out.code == TRAINER_OK, std::string("a student learns: ") + out.error.message);
  if (out.code != TRAINER_OK) return;
  const Json receipt = Json::parse(std::string(out.receipt.begin(), out.receipt.end()));
  const Json &found = *receipt.find("distillation");
  const auto falls = [&](double from, double to, const std::string &what) {
    expect::yes(to < 0.5 * from, what + " falls from " + std::to_string(from) + " to " + std::to_string(to));
  };
  falls(found.find("divergenceFirst")->number(), found.find("divergenceLast")->number(), "divergence");
  for (const size_t i : {0, 1})
    falls(found.find("hiddenFirst")->items()[i].number(), found.find("hiddenLast")->items()[i].number(),
          "squared error of target " + std::to_string(i));
}

// KL of one position at temperature 2 over the bytes that the teacher's traces keep, in binary64.
double softened_divergence(const float *teacher, const uint8_t *bytes, int kept, const float *student) {
  double total_p = 0, total_q = 0, sum = 0;
  for (int j = 0; j < kept; j++) total_p += std::exp(teacher[j] / 2.0), total_q += std::exp(student[bytes[j]] / 2.0);
  for (int j = 0; j < kept; j++)
    sum += std::exp(teacher[j] / 2.0) / total_p *
           (teacher[j] / 2.0 - std::log(total_p) - student[bytes[j]] / 2.0 + std::log(total_q));
  return sum;
}

// Mean squared distance of one sequence's states from the projection of the teacher's, as docs/trainer.md has it.
double sketched_error(const std::vector<float> &teacher, const std::vector<float> &student, size_t student_width) {
  const trainer::RandomStream draw(4, 0);
  double sum = 0;
  for (size_t t = 0; t < length; t++)
    for (size_t i = 0; i < student_width; i++) {
      double target = 0;
      for (size_t j = 0; j < width; j++)
        target += double(draw.normal(i * width + j)) / std::sqrt(double(width)) * teacher[t * width + j];
      sum += (student[t * student_width + i] - target) * (student[t * student_width + i] - target);
    }
  return sum / double(length * student_width);
}

// The figures of the first step are those of the fresh student, which its own traces give.
void check_figures(const Bytes &teacher, const Bytes &batches) {
  const Bytes traces = trace(teacher, batches, R"({"logits": 8, "hidden": [1, 2]})").traces;
  const Outcome out = run(distilled_plan(batches, traces), {batches, traces});
  trainer_blob blob{};
  trainer_error error;
  trainer_initialise(small_model, UINT64_MAX, &blob, &error);
  const Bytes own = trace(take(blob), batches, R"({"logits": 256, "hidden": [0, 1]})").traces;
  const ledger::Traces taught(traces.data(), traces.size(), "teacher"), fresh(own.data(), own.size(), "student");
  std::vector<float> kept(length * 8), logits(length * 256), theirs(length * width), ours(length * 16);
  double divergence = 0, error_0 = 0;
  for (const size_t sequence : {0, 1}) {
    taught.copy_logits(sequence, kept.data()), fresh.copy_logits(sequence, logits.data());
    for (size_t t = 0; t < length; t++)
      divergence += softened_divergence(&kept[t * 8], taught.bytes(sequence) + t * 8, 8, &logits[t * 256]) / (2 * length);
    taught.copy_hidden(sequence, 0, theirs.data()), fresh.copy_hidden(sequence, 0, ours.data());
    error_0 += sketched_error(theirs, ours, 16) / 2;
  }
  const Json found = *Json::parse(std::string(out.receipt.begin(), out.receipt.end())).find("distillation");
  const auto near = [](double wanted, double is, const std::string &what) {
    expect::yes(std::fabs(is - wanted) < 1e-4 * wanted, what + " is " + std::to_string(is) + ", by definition " +
                                                            std::to_string(wanted));
  };
  near(divergence, found.find("divergenceFirst")->number(), "divergence");
  near(error_0, found.find("hiddenFirst")->items()[0].number(), "squared error");
}

void check_refusals(const Bytes &teacher, const Bytes &batches) {
  const Bytes traces = trace(teacher, batches, R"({"logits": 8, "hidden": [1, 2]})").traces;
  const Json good = distilled_plan(batches, traces);
  const auto with = [&](const char *name, Json value) {
    return Json(good).set("distillation", Json(*good.find("distillation")).set(name, std::move(value)));
  };
  const auto refused = [&](const Bytes &other, const std::string &part) {
    fails(with("traces", digest_of(other)), {batches, other}, TRAINER_INVALID, part);
  };
  expect::yes(run(good, {batches, traces}).code == TRAINER_OK, "the plan itself is good");
  fails(good, {batches}, TRAINER_MISSING, "plan.distillation.traces names");
  fails(with("extra", 1), {batches, traces}, TRAINER_INVALID, "plan.distillation.extra is not a known field");
  fails(with("projection", Json()), {batches, traces}, TRAINER_INVALID,
        "plan.distillation.projection must be there where widths differ: the teacher is 24 wide and the student 16");
  fails(with("hidden", Json::parse(R"([{"teacher": 0, "student": 0, "weight": 1}])")), {batches, traces}, TRAINER_INVALID,
        "plan.distillation.hidden[0].teacher: the traces have no hidden states of layer 0");
  fails(with("hidden", Json::parse(R"([{"teacher": 1, "student": 2, "weight": 1}])")), {batches, traces}, TRAINER_INVALID,
        "plan.distillation.hidden[0].student must be an integer from 0 to 1");
  fails(with("logits", Json::parse(R"({"weight": 1, "temperature": 0})")), {batches, traces}, TRAINER_INVALID,
        "plan.distillation.logits.temperature must be a number");
  fails(with("hidden", Json::array()), {batches, traces}, TRAINER_INVALID, "plan.distillation.projection must be null");
  Json nothing = Json(*good.find("distillation")).set("hidden", Json::array()).set("logits", Json());
  fails(Json(good).set("distillation", nothing.set("projection", Json())), {batches, traces}, TRAINER_INVALID,
        "plan.distillation must learn from logits or from hidden states");

  refused(trace(teacher, trainer::sample_sequences(8, length, 2), R"({"logits": 8, "hidden": [1, 2]})").traces,
          "are of other sequences: sequence 0 of plan.batches");
  refused(trace(teacher, trainer::sample_sequences(8, 128, 1), R"({"logits": 8, "hidden": [1, 2]})").traces,
          "are of sequences of 128 bytes, plan.batches has 64");
  refused(trace(teacher, batches, R"({"logits": 0, "hidden": [1, 2]})").traces, "have no logits to learn from");
  refused(batches, "are no traces");
  Bytes damaged = traces;
  damaged.pop_back();
  refused(damaged, "bytes for each of 8 sequences");
  damaged = traces;
  const float not_a_number = NAN;
  std::memcpy(damaged.data() + damaged.size() - 4, &not_a_number, 4);
  refused(damaged, "sequence 7 has a value that is not finite");
  damaged = traces;
  damaged[100 + length + 1] = damaged[100 + length];
  refused(damaged, "position 0 of sequence 0 names a byte twice");
}

void check_trace_refusals(const Bytes &teacher, const Bytes &sequences) {
  const auto refused = [&](const char *request, const std::string &part) {
    const Traced found = trace(teacher, sequences, request);
    fails_with(found.code, found.error, TRAINER_INVALID, part);
  };
  refused(R"({"logits": 257, "hidden": []})", "trace.logits must be an integer from 0 to 256");
  refused(R"({"logits": 1, "hidden": [3]})", "trace.hidden[0] must be an integer from 0 to 2");
  refused(R"({"logits": 1, "hidden": [1, 0]})", "trace.hidden[1] must be greater than the layer before it");
  refused(R"({"logits": 0, "hidden": []})", "trace must be an object that asks for logits or for hidden states");
  std::vector<ledger::Tensor> tensors = ledger::read_safetensors(teacher);
  tensors[1].data[0] = NAN;
  const Traced broken = trace(ledger::write_safetensors(tensors), sequences, R"({"logits": 1, "hidden": [2]})");
  fails_with(broken.code, broken.error, TRAINER_NON_FINITE, "a logit or hidden state is not finite");
}

} // namespace

void distillation_tests() {
  const Bytes teacher = teacher_checkpoint(), sequences = trainer::sample_sequences(8, length, 1);
  const Bytes few = trace(teacher, sequences, R"({"logits": 5, "hidden": []})").traces;
  const Bytes all = trace(teacher, sequences, R"({"logits": 256, "hidden": [0, 2]})").traces;
  const ledger::Traces few_read(few.data(), few.size(), "few"), all_read(all.data(), all.size(), "all");
  expect::yes(ledger::hex(few_read.header().teacher) == digest_of(teacher) &&
                  ledger::hex(few_read.header().sequences) == digest_of(sequences) && few_read.header().width == 0,
              "traces name the teacher and the sequences");
  check_logits(teacher, sequences, few_read, all_read);
  check_hidden(teacher, all_read);
  check_learning();
  check_figures(teacher, sequences);
  check_refusals(teacher, sequences);
  check_trace_refusals(teacher, sequences);
}
