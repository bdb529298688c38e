// Hashes of every op on seeded inputs. Sizes are odd on purpose, so that every vector width has tails.
#include "canon/environment.h"
#include "model/buffer.h"
#include "ops/op_table.h"
#include "samples.h"
#include "selftest.h"
#include "state/sequences.h"
#include <functional>

namespace trainer {

namespace {

using Values = std::vector<float>;

std::string hash_of(const Values &values) {
  return ledger::hex(ledger::sha256(values.data(), values.size() * sizeof(float)));
}

class OpFingerprints {
public:
  explicit OpFingerprints(const OpTable<float> &ops) : ops_(ops) {
    shape_.width = 26;
    shape_.layers = 1;
    shape_.state = 19;
    shape_.head = 13;
    rows_ = size_t(length_);
    inner_ = shape_.inner(), channels_ = shape_.convolved(), projected_ = shape_.projected(), heads_ = shape_.heads();
  }

  std::vector<Fingerprint> all() {
    matmul();
    norm();
    convolution();
    state_space();
    gate();
    loss();
    optimiser();
    return std::move(found_);
  }

private:
  void note(const std::string &name, const Values &values) { found_.push_back({name, hash_of(values)}); }

  void matmul() {
    for (const int columns : {1, 7, 47}) {
      const int rows = 23, depth = 530;
      const Values left = values_of(size_t(rows) * depth, 1), right = values_of(size_t(columns) * depth, 2);
      Values out(size_t(rows) * columns);
      Buffer<float> packed(ops_.packed_size(depth, columns));
      ops_.pack({right.data(), columns, 1}, depth, columns, packed.data());
      ops_.matmul(rows, columns, depth, {left.data(), depth, 1}, packed.data(), out.data(), columns);
      note("matmul rows x" + std::to_string(columns), out);
      ops_.pack({right.data(), 1, depth}, depth, columns, packed.data());
      ops_.matmul(rows, columns, depth, {left.data(), 1, rows}, packed.data(), out.data(), columns);
      note("matmul columns x" + std::to_string(columns), out);
    }
  }

  void norm() {
    const int width = 77;
    const size_t size = rows_ * width;
    const Values x = values_of(size, 3), weight = values_of(width, 4), grad = values_of(size, 5);
    Values out(size), inverse(rows_), grad_x = values_of(size, 6), grad_weight(width), scratch(2 * width);
    ops_.norm_forward(x.data(), weight.data(), length_, width, out.data(), inverse.data());
    note("norm forward", out);
    ops_.norm_again(x.data(), weight.data(), inverse.data(), length_, width, out.data());
    note("norm again", out);
    for (const bool accumulate : {true, false}) {
      ops_.norm_backward(x.data(), weight.data(), inverse.data(), grad.data(), length_, width, grad_x.data(),
                         grad_weight.data(), accumulate, scratch.data());
      note(accumulate ? "norm backward, added" : "norm backward", grad_x);
    }
    note("norm backward, weight", grad_weight);
  }

  void convolution() {
    const Values taps = values_of(Shape::taps * channels_, 8), bias = values_of(channels_, 9);
    activated_.resize(rows_ * channels_), sigmoid_.resize(rows_ * channels_);
    step_.resize(rows_ * heads_), decay_.resize(rows_ * heads_);
    ops_.conv_forward(shape_, length_,
                      {in_.data(), taps.data(), bias.data(), step_bias_.data(), decay_log_.data(), activated_.data(),
                       sigmoid_.data(), step_.data(), decay_.data()});
    note("conv forward", activated_);
    note("conv forward, sigmoid", sigmoid_);
    note("conv forward, dt", step_);
    note("conv forward, decay", decay_);
    Values grad = values_of(rows_ * channels_, 12), grad_in(rows_ * projected_), grad_taps(Shape::taps * channels_);
    const Values grad_step = values_of(rows_ * heads_, 13);
    Values grad_bias(channels_), grad_step_bias(heads_);
    ops_.conv_backward(shape_, length_,
                       {in_.data(), taps.data(), step_bias_.data(), activated_.data(), sigmoid_.data(), grad.data(),
                        grad_step.data(), grad_in.data(), grad_taps.data(), grad_bias.data(), grad_step_bias.data()});
    note("conv backward", grad_in);
    note("conv backward, taps", grad_taps);
    note("conv backward, bias", grad_bias);
    note("conv backward, dt bias", grad_step_bias);
  }

  void state_space() {
    const Values skip = values_of(heads_, 14), grad_output = values_of(rows_ * inner_, 15);
    const size_t state = inner_ * size_t(shape_.state);
    Values output(rows_ * inner_), states(rows_ / size_t(shape_.chunk) * state);
    Values scratch(ops_.ssd_scratch(shape_));
    ops_.ssd_forward(shape_, length_,
                     {activated_.data(), step_.data(), decay_.data(), skip.data(), output.data(), states.data(),
                      ptrdiff_t(state), scratch.data()});
    note("ssd forward", output);
    note("ssd forward, states", Values(states.begin() + ptrdiff_t(state), states.end()));
    ops_.ssd_forward(shape_, length_,
                     {activated_.data(), step_.data(), decay_.data(), skip.data(), output.data(), scratch_state(state), 0,
                      scratch.data()});
    note("ssd forward, running state", output);
    Values grad_activated(rows_ * channels_), grad_step(rows_ * heads_), grad_skip(heads_), grad_decay(heads_);
    ops_.ssd_backward(shape_, length_,
                      {activated_.data(), step_.data(), decay_.data(), skip.data(), states.data(), decay_log_.data(),
                       grad_output.data(), grad_activated.data(), grad_step.data(), grad_skip.data(), grad_decay.data(),
                       scratch.data()});
    note("ssd backward", grad_activated);
    note("ssd backward, dt", grad_step);
    note("ssd backward, D", grad_skip);
    note("ssd backward, A_log", grad_decay);
  }

  float *scratch_state(size_t size) {
    running_.resize(size);
    return running_.data();
  }

  void gate() {
    const Values output = values_of(rows_ * inner_, 16), weight = values_of(inner_, 17);
    const Values grad = values_of(rows_ * inner_, 18);
    Values normalised(rows_ * inner_), inverse(rows_), grad_output(rows_ * inner_), grad_in(rows_ * projected_);
    Values grad_weight(inner_), scratch(3 * inner_);
    ops_.gate_forward(shape_, length_, {output.data(), in_.data(), weight.data(), normalised.data(), inverse.data()});
    note("gate forward", normalised);
    ops_.gate_backward(shape_, length_,
                       {output.data(), in_.data(), weight.data(), inverse.data(), grad.data(), normalised.data(),
                        grad_output.data(), grad_in.data(), grad_weight.data(), scratch.data()});
    note("gate backward", grad_output);
    note("gate backward, z", grad_in);
    note("gate backward, weight", grad_weight);
    note("gate backward, normalised", normalised);
  }

  void loss() {
    const std::vector<uint8_t> blob = sample_sequences(1, rows_, 19);
    const ledger::Sequences sequence(blob.data(), blob.size(), "sample");
    const Values base = values_of(rows_ * Shape::vocabulary, 20), other = values_of(rows_ * Shape::vocabulary, 21);
    Values logits = base, losses(rows_), scratch(3 * Shape::vocabulary);
    for (const float scale : {0.0f, 0.125f})
      ops_.cross_entropy(logits.data(), sequence.targets(0), sequence.mask(0), length_, Shape::vocabulary, scale,
                         losses.data());
    note("cross entropy", losses);
    note("cross entropy, gradient", logits);
    logits = base;
    for (const float scale : {0.0f, 0.125f})
      ops_.divergence(other.data(), logits.data(), length_, Shape::vocabulary, scale, losses.data(), scratch.data());
    note("divergence", losses);
    note("divergence, gradient", logits);
  }

  void optimiser() {
    const size_t count = 1237;
    const Values gradient = values_of(count, 22), anchor = values_of(count, 23);
    Values weight = values_of(count, 24), first = values_of(count, 25), second(count);
    const AdamW<float> constants{0.75f, 0.9f, 0.98f, 1.0f - 0.9f, 1.0f - 0.98f, 10.0f, 50.0f, 1e-8f, 0.002f, 0.01f};
    for (int i = 0; i < 3; i++)
      ops_.adamw(constants, weight.data(), first.data(), second.data(), gradient.data(), count);
    note("adamw", weight);
    note("adamw, first", first);
    note("adamw, second", second);
    ops_.pull(weight.data(), anchor.data(), 0.003f, count);
    note("pull", weight);
    ops_.add(weight.data(), anchor.data(), weight.data(), count);
    note("add", weight);
    note("square sum", {ops_.square_sum(weight.data(), int(count)), ops_.square_sum(weight.data(), 7)});
  }

  const OpTable<float> &ops_;
  const int length_ = 192;
  Shape shape_;
  size_t rows_, inner_, channels_, projected_, heads_;
  // one projection serves as input of several ops: 52 inner + 2 * 19 state channels, 4 heads
  const Values in_ = values_of(size_t(192) * 146, 7), step_bias_ = values_of(4, 10), decay_log_ = values_of(4, 11);
  Values activated_, sigmoid_, step_, decay_, running_;
  std::vector<Fingerprint> found_;
};

} // namespace

std::vector<Fingerprint> op_fingerprints(const OpTable<float> &ops) {
  const FloatEnvironment environment;
  return OpFingerprints(ops).all();
}

std::vector<Fingerprint> job_fingerprints(const OpTable<float> &ops, int threads, bool long_job, int micro_batch,
                                          const trainer_device_plugin_table *device) {
  const FloatEnvironment environment;
  WorkerPool pool(threads);
  std::vector<Fingerprint> found;
  const auto train = [&](const std::string &name, const SamplePlan &plan) {
    const RunResult run = run_sample(plan, {ops, pool, device}, {}, micro_batch);
    found.push_back({name, ledger::hex(ledger::sha256(run.checkpoint.data(), run.checkpoint.size()))});
    found.push_back({name + ", receipt", ledger::hex(ledger::sha256(run.receipt.data(), run.receipt.size()))});
  };
  SamplePlan plan;
  plan.shape.width = 26, plan.shape.layers = 2, plan.shape.state = 19, plan.shape.head = 13;
  plan.length = 128, plan.batch = 3, plan.steps = 1;
  train("weights after 1 step", plan);
  plan.steps = 10, plan.batch = 9, plan.general_batch = 3, plan.kl_beta = 2.0f, plan.l2sp_lambda = 0.5f, plan.trust_region = true;
  train("weights after 10 steps with anchor and trust region", plan);
  if (!long_job) return found;
  SamplePlan large;
  large.shape.width = 32, large.shape.layers = 2;
  large.length = 128, large.batch = 2, large.steps = 100;
  train("weights after 100 steps", large);
  return found;
}

} // namespace trainer
