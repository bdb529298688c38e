// Hashes of attention and of training with it. The sequence is longer than two segments of positions, and no size is whole.
#include "canon/environment.h"
#include "samples.h"
#include "selftest.h"

namespace trainer {

namespace {

using Values = std::vector<float>;

std::string hash_of(const Values &values) {
  return ledger::hex(ledger::sha256(values.data(), values.size() * sizeof(float)));
}

std::vector<Fingerprint> attention_fingerprints(const OpTable<float> &ops) {
  Shape shape;
  shape.width = 26, shape.head = 13;
  const int length = 2 * 256 + 75;
  const size_t rows = size_t(length), width = 26, heads = 2;
  const Values projected = values_of(rows * 3 * width, 31), grad_output = values_of(rows * width, 32);
  Values output(rows * width), peak(heads * rows), share(heads * rows), grad_projected(rows * 3 * width);
  Values scratch(ops.attention_scratch(shape, length));
  ops.attention_forward(shape, length, {projected.data(), output.data(), peak.data(), share.data(), scratch.data()});
  ops.attention_backward(shape, length, {projected.data(), peak.data(), share.data(), grad_output.data(),
                                         grad_projected.data(), scratch.data()});
  return {{"attention forward", hash_of(output)},
          {"attention forward, peak", hash_of(peak)},
          {"attention forward, share", hash_of(share)},
          {"attention backward", hash_of(grad_projected)}};
}

std::vector<Fingerprint> error_fingerprints(const OpTable<float> &ops) {
  const int rows = 9, width = 77;
  const Values x = values_of(size_t(rows) * width, 33), target = values_of(size_t(rows) * width, 34);
  Values errors(rows), gradient(x.size());
  ops.squared_error(x.data(), target.data(), rows, width, 0.125f, errors.data(), gradient.data());
  return {{"squared error", hash_of(errors)}, {"squared error, gradient", hash_of(gradient)}};
}

} // namespace

std::vector<Fingerprint> hybrid_op_fingerprints(const OpTable<float> &ops) {
  const FloatEnvironment environment;
  std::vector<Fingerprint> found = attention_fingerprints(ops);
  for (Fingerprint &fingerprint : error_fingerprints(ops)) found.push_back(std::move(fingerprint));
  return found;
}

std::vector<Fingerprint> hybrid_job_fingerprints(const OpTable<float> &ops, int threads, int micro_batch,
                                                 const trainer_device_plugin_table *device) {
  const FloatEnvironment environment;
  WorkerPool pool(threads);
  const Machine machine{ops, pool, device};
  std::vector<Fingerprint> found;
  const auto train = [&](const std::string &name, const SamplePlan &plan) {
    const RunResult run = run_sample(plan, machine, {}, micro_batch);
    found.push_back({name, ledger::hex(ledger::sha256(run.checkpoint.data(), run.checkpoint.size()))});
    found.push_back({name + ", receipt", ledger::hex(ledger::sha256(run.receipt.data(), run.receipt.size()))});
  };
  SamplePlan plan;
  plan.shape.width = 26, plan.shape.layers = 3, plan.shape.state = 19, plan.shape.head = 13;
  plan.shape.attention.set(1);
  plan.length = 320, plan.batch = 3, plan.steps = 1;
  train("hybrid weights after 1 step", plan);
  plan.length = 64, plan.batch = 5, plan.steps = 10, plan.general_batch = 3, plan.kl_beta = 2.0f;
  train("hybrid weights after 10 steps with anchor", plan);
  SamplePlan student;
  student.shape.width = 26, student.shape.layers = 2, student.shape.state = 19, student.shape.head = 13;
  student.length = 128, student.batch = 3, student.steps = 10, student.distillation = true;
  const std::vector<uint8_t> traces = sample_traces(student.shape, sample_sequences(3, 128, 1), machine);
  found.push_back({"traces of a hybrid teacher", ledger::hex(ledger::sha256(traces.data(), traces.size()))});
  train("distilled weights after 10 steps", student);
  return found;
}

} // namespace trainer
