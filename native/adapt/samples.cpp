#include "samples.h"
#include "canon/random.h"
#include "describe.h"
#include "model/parameters.h"
#include "state/json.h"
#include "trace.h"

namespace trainer {

using ledger::Json;

std::vector<float> sample_values(size_t count, uint64_t seed) {
  const RandomStream draw(seed, 1);
  std::vector<float> values(count);
  for (size_t i = 0; i < count; i++) values[i] = draw.symmetric(i, 2.0f);
  return values;
}

std::vector<float> values_of(size_t count, uint64_t seed) {
  std::vector<float> values = sample_values(count, seed);
  for (size_t i = 0; i < count; i += 97) values[i] = i % 2 ? -0.0f : 0.0f;
  for (size_t i = 31; i < count; i += 101) values[i] = values[i] * 1e-39f;
  return values;
}

static void put_u32(std::vector<uint8_t> &blob, size_t value) {
  for (int shift = 0; shift < 32; shift += 8) blob.push_back(uint8_t(value >> shift));
}

std::vector<uint8_t> sample_sequences(size_t count, size_t length, uint64_t seed) {
  const RandomStream draw(seed, 2);
  std::vector<uint8_t> blob{'P', 'L', 'S', 'Q', '0', '0', '0', '1'};
  put_u32(blob, count);
  put_u32(blob, length);
  for (size_t i = 0; i < count; i++) {
    const size_t begin = i * 1024, period = 3 + draw.bits(begin) % 13;
    const auto byte_at = [&](size_t t) { return uint8_t(draw.bits(begin + 1 + t % period)); };
    for (size_t t = 0; t < length; t++) blob.push_back(byte_at(t));
    for (size_t t = 0; t < length; t++) blob.push_back(byte_at(t + 1));
    for (size_t t = 0; t < length; t++) blob.push_back(t % 5 != 0);
  }
  return blob;
}

static Json optimiser_json() {
  Json json = Json::object();
  json.set("beta1", double(0.9f)).set("beta2", double(0.98f)).set("epsilon", double(1e-8f));
  return json.set("weightDecay", double(0.01f)).set("clipNorm", 1);
}

static Json trust_region_json() {
  Json factors = Json::array(), json = Json::object();
  for (double factor : {0.5, 0.25, 0.125}) factors.push(factor);
  json.set("klNatsPerByte", double(0.03f)).set("weightRatio", 0.25);
  return json.set("factors", std::move(factors));
}

Shape sample_teacher(const Shape &student) {
  Shape teacher = student;
  teacher.width = 3 * student.head, teacher.layers = 3;
  teacher.attention.reset().set(1);
  return teacher;
}

std::vector<uint8_t> sample_traces(const Shape &student, const std::vector<uint8_t> &sequences,
                                   const Machine &machine) {
  const Model teacher = initial_model(sample_teacher(student), 9);
  const std::vector<uint8_t> checkpoint = write_checkpoint(teacher.table, teacher.values);
  ledger::TraceHeader header = read_trace_request(R"({"logits": 16, "hidden": [1]})", teacher.table.shape());
  header.teacher = ledger::sha256(checkpoint.data(), checkpoint.size());
  header.sequences = ledger::sha256(sequences.data(), sequences.size());
  return trace(machine, teacher, ledger::Sequences(sequences.data(), sequences.size(), "sample"), header);
}

static Json distillation_json(Json traces) {
  Json json = Json::parse(R"({"taskWeight": 0.5, "logits": {"weight": 2, "temperature": 1.5},
    "hidden": [{"teacher": 1, "student": 0, "weight": 0.25}], "projection": {"seed": "5"}})");
  return json.set("traces", std::move(traces));
}

RunResult run_sample(const SamplePlan &sample, const Machine &machine, const trainer_hooks &hooks, int micro_batch) {
  std::vector<std::vector<uint8_t>> blobs;
  const auto supply = [&](std::vector<uint8_t> blob) {
    blobs.push_back(std::move(blob));
    return Json(ledger::hex(ledger::sha256(blobs.back().data(), blobs.back().size())));
  };
  const bool kl = sample.kl_beta > 0;
  Json plan = Json::object(), initial = Json::object();
  plan.set("contract", "nc-1").set("model", shape_json(sample.shape)).set("initial", initial.set("seed", "7"));
  if (kl || sample.l2sp_lambda > 0) {
    const Model anchor = initial_model(sample.shape, 8);
    plan.set("anchor", supply(write_checkpoint(anchor.table, anchor.values)));
  }
  const std::vector<uint8_t> batches = sample_sequences(size_t(sample.steps) * sample.batch, sample.length, 1);
  plan.set("batches", supply(batches));
  if (sample.distillation)
    plan.set("distillation", distillation_json(supply(sample_traces(sample.shape, batches, machine))));
  if (kl) plan.set("general", supply(sample_sequences(5, sample.length, 2)));
  if (sample.trust_region) plan.set("sentinel", supply(sample_sequences(3, sample.length, 3)));
  plan.set("steps", sample.steps).set("batch", sample.batch).set("generalBatch", kl ? sample.general_batch : 0);
  plan.set("learningRate", double(0.002f)).set("warmupSteps", sample.steps > 10 ? 10 : 1).set("decay", "linear");
  plan.set("optimiser", optimiser_json()).set("klBeta", double(sample.kl_beta));
  plan.set("l2spLambda", double(sample.l2sp_lambda)).set("stateEverySteps", sample.state_every);
  if (sample.trust_region) plan.set("trustRegion", trust_region_json());
  std::vector<trainer_bytes> inputs;
  for (const std::vector<uint8_t> &blob : blobs) inputs.push_back({blob.data(), blob.size()});
  return run_plan(read_plan(plan.canonical()), Inputs(inputs.data(), inputs.size()), machine, hooks, micro_batch);
}

} // namespace trainer
