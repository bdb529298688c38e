// Gradients: binary64 against central differences, the chunked forward against the plain recurrence, binary32 against
// binary64.
#include "adapt/samples.h"
#include "canon/random.h"
#include "core_recurrence.h"
#include "core_tests.h"
#include "model/sequence_pass.h"
#include "optim/distillation.h"
#include "ops/reference/table.h"
#include <cmath>

using namespace trainer;

namespace {

const OpTable<double> ops64 = reference_table<double>("binary64");
const OpTable<float> ops32 = reference_table<float>("binary32");

struct Sample {
  std::vector<uint8_t> tokens, targets, mask;
};

Sample sample_of(int length) {
  const RandomStream draw(5, 0);
  Sample sample;
  for (int t = 0; t < length; t++) {
    sample.tokens.push_back(uint8_t(draw.bits(t)));
    sample.targets.push_back(uint8_t(draw.bits(1000 + t)));
    sample.mask.push_back(t % 3 != 1);
  }
  return sample;
}

// Larger weights and steps than fresh ones, so that no term of the gradient is negligible.
std::vector<double> lively_values(const ParameterTable &table, const Shape &shape, uint64_t seed) {
  const Model fresh = initial_model(shape, seed);
  const RandomStream draw(seed, 99);
  std::vector<double> values(fresh.values.begin(), fresh.values.end());
  for (const Parameter &parameter : table.all())
    for (size_t i = parameter.offset; i < parameter.offset + parameter.count; i++) {
      values[i] += 0.2 * double(draw.symmetric(i, 1.0f));
      if (parameter.name.ends_with("dt_bias")) values[i] += 3.0;
    }
  return values;
}

// The two objectives of training as functions of the parameters.
template <class Real> class Objective64 {
public:
  Objective64(const OpTable<Real> &ops, const ParameterTable &table, const Sample &sample,
              const std::vector<Real> &anchor_logits)
      : ops_(ops), prepared_(ops, table, true), pass_(ops, table, int(sample.tokens.size()), true), sample_(sample),
        anchor_(anchor_logits), width_(table.shape().width) {}

  // Adds what is learnt from a teacher; the loss of the task then has the plan's weight.
  void learn_from(Distillation<Real> &teacher, const DistillationPlan &plan) { teacher_ = &teacher, plan_ = &plan; }

  // Loss, and its gradient where wanted. With an anchor the divergence from it, else cross entropy.
  Real operator()(const std::vector<Real> &values, std::vector<Real> *gradient) {
    const int length = int(sample_.tokens.size());
    const Real scale = Real(teacher_ ? plan_->task_weight : 1) / Real(length);
    for (size_t piece = 0; piece < prepared_.pieces(); piece++) prepared_.prepare(piece, values.data());
    std::vector<Real> losses(length);
    Real *logits = pass_.forward(prepared_, values.data(), sample_.tokens.data());
    if (teacher_) teacher_->read(pass_, logits, Real(length));
    if (anchor_.empty())
      ops_.cross_entropy(logits, sample_.targets.data(), sample_.mask.data(), length, Shape::vocabulary, scale,
                         losses.data());
    else
      ops_.divergence(anchor_.data(), logits, length, Shape::vocabulary, scale, losses.data(), pass_.scratch());
    if (!(scale > 0)) std::fill_n(logits, size_t(length) * Shape::vocabulary, Real(0));
    if (teacher_) teacher_->add_logit_gradient(logits);
    if (gradient)
      pass_.backward(prepared_, values.data(), sample_.tokens.data(), gradient->data(),
                     teacher_ ? teacher_->hidden_gradients() : std::span<const HiddenGradient<Real>>());
    Real sum = 0;
    for (Real loss : losses) sum += loss;
    return sum * scale + taught(Real(length));
  }

private:
  // What the plan's weights make of the distances from the teacher.
  Real taught(Real length) const {
    if (!teacher_) return 0;
    const Real temperature = Real(plan_->temperature);
    Real sum = Real(plan_->logits_weight) * temperature * temperature * teacher_->divergence() / length;
    for (size_t i = 0; i < plan_->hidden.size(); i++)
      sum += Real(plan_->hidden[i].weight) * teacher_->squared_error(i) / (length * Real(width_));
    return sum;
  }

  const OpTable<Real> &ops_;
  PreparedWeights<Real> prepared_;
  SequencePass<Real> pass_;
  const Sample &sample_;
  const std::vector<Real> &anchor_;
  Distillation<Real> *teacher_ = nullptr;
  const DistillationPlan *plan_ = nullptr;
  const int width_;
};

double central_difference(Objective64<double> &objective, std::vector<double> values, size_t i) {
  const double at = values[i], step = 1e-5;
  values[i] = at + step;
  const double above = objective(values, nullptr);
  values[i] = at - step;
  return (above - objective(values, nullptr)) / (2 * step);
}

double largest_of(const std::vector<double> &values, const Parameter &parameter) {
  double most = 0;
  for (size_t i = 0; i < parameter.count; i++) most = std::max(most, std::fabs(values[parameter.offset + i]));
  return most;
}

// With `part`, only of parameters whose names have it.
void check_differences(const char *what, const ParameterTable &table, Objective64<double> &objective,
                       const std::vector<double> &values, const char *part = "") {
  std::vector<double> gradient(table.count());
  objective(values, &gradient);
  for (const Parameter &parameter : table.all()) {
    if (parameter.name.find(part) == std::string::npos) continue;
    const double most = largest_of(gradient, parameter);
    double worst = 0;
    for (size_t j = 0; j < 7; j++) {
      const size_t i = parameter.offset + (j * 7919 + 3) % parameter.count;
      worst = std::max(worst, std::fabs(central_difference(objective, values, i) - gradient[i]));
    }
    expect::yes(most > 1e-9 && worst < 1e-6 * most + 1e-9, std::string(what) + " gradient of " + parameter.name +
                                                               ": off by " + std::to_string(worst) + " of " +
                                                               std::to_string(most));
  }
}

std::vector<double> logits_of(const ParameterTable &table, const std::vector<double> &values, const Sample &sample) {
  const int length = int(sample.tokens.size());
  PreparedWeights<double> prepared(ops64, table, false);
  for (size_t piece = 0; piece < prepared.pieces(); piece++) prepared.prepare(piece, values.data());
  SequencePass<double> pass(ops64, table, length, false);
  const double *logits = pass.forward(prepared, values.data(), sample.tokens.data());
  return std::vector<double>(logits, logits + size_t(length) * Shape::vocabulary);
}

void check_binary32(const ParameterTable &table, const std::vector<double> &values, const Sample &sample,
                    const char *part = "") {
  const std::vector<float> none32, narrow(values.begin(), values.end());
  const std::vector<double> none64, wide(narrow.begin(), narrow.end());
  std::vector<float> found(table.count());
  std::vector<double> wanted(table.count());
  Objective64<float>(ops32, table, sample, none32)(narrow, &found);
  Objective64<double>(ops64, table, sample, none64)(wide, &wanted);
  for (const Parameter &parameter : table.all()) {
    if (parameter.name.find(part) == std::string::npos) continue;
    double error = 0, size = 0;
    for (size_t i = parameter.offset; i < parameter.offset + parameter.count; i++) {
      error += (found[i] - wanted[i]) * (found[i] - wanted[i]);
      size += wanted[i] * wanted[i];
    }
    expect::yes(std::sqrt(error) < 1e-4 * std::sqrt(size), "binary32 gradient of " + parameter.name + ": relative error " +
                                                               std::to_string(std::sqrt(error / size)));
  }
}

void check_recurrence(const ParameterTable &table, const std::vector<double> &values, const Sample &sample) {
  const std::vector<double> found = logits_of(table, values, sample);
  const std::vector<double> plain = PlainRecurrence(table, values).logits(sample.tokens);
  double worst = 0;
  for (size_t i = 0; i < plain.size(); i++) worst = std::max(worst, std::fabs(plain[i] - found[i]));
  expect::yes(worst < 1e-11, "chunks of " + std::to_string(table.shape().chunk) + " equal the plain recurrence, off by " +
                                 std::to_string(worst));
}

Shape hybrid_shape() {
  Shape shape;
  shape.width = 6, shape.layers = 3, shape.state = 5, shape.head = 3, shape.chunk = 8;
  shape.attention.set(1);
  return shape;
}

// A short sequence, and one beyond a segment of attention, of which only attention is of interest.
void hybrid_gradient_tests() {
  const Shape shape = hybrid_shape();
  const ParameterTable table(shape);
  const std::vector<double> values = lively_values(table, shape, 3), none;
  const Sample sample = sample_of(24), long_sample = sample_of(2 * 256 + 8);
  Objective64<double> task(ops64, table, sample, none), long_task(ops64, table, long_sample, none);
  check_differences("hybrid", table, task, values);
  check_differences("long hybrid", table, long_task, values, "layers.1.");
  check_binary32(table, values, sample);
  check_binary32(table, values, long_sample, "layers.1.");
  check_recurrence(table, values, sample);
  check_recurrence(table, values, long_sample);
}

// Logits of some bytes and hidden states of two layers, from made-up teachers of another and of the same width.
void distillation_gradient_tests() {
  const Shape shape = hybrid_shape();
  const ParameterTable table(shape);
  const std::vector<double> values = lively_values(table, shape, 3), none;
  const Sample sample = sample_of(24);
  const std::vector<float> made_up = sample_values(24 * 256, 6);
  for (const bool narrow : {true, false}) {
    const int kept = narrow ? 5 : 256, teacher_width = narrow ? 9 : 6;
    DistillationPlan plan;
    plan.task_weight = narrow ? 0.5f : 0.0f, plan.logits_weight = 3, plan.temperature = 1.5f;
    plan.hidden = {{0, 2, 0.25f}, {1, 0, 2.0f}};
    if (narrow) plan.projection_seed = 4;
    std::vector<uint8_t> bytes;
    for (int i = 0; i < 24 * kept; i++) bytes.push_back(uint8_t(i / kept * 11 + i % kept * 7));
    Distillation<double> teacher(ops64, plan, shape, 24, kept, teacher_width);
    teacher.name_bytes(narrow ? bytes.data() : nullptr);
    std::copy_n(made_up.begin(), 24 * kept, teacher.teacher_logits());
    for (const size_t i : {0, 1}) std::copy_n(made_up.begin() + 7, 24 * teacher_width, teacher.teacher_hidden(i));
    Objective64<double> objective(ops64, table, sample, none);
    objective.learn_from(teacher, plan);
    check_differences(narrow ? "few logits and a projection" : "all logits, no task", table, objective, values);
  }
}

} // namespace

void gradient_tests() {
  hybrid_gradient_tests();
  distillation_gradient_tests();
  for (const int chunk : {8, 24}) {
    Shape shape;
    shape.width = 6, shape.layers = 2, shape.state = 5, shape.head = 4, shape.chunk = chunk;
    const ParameterTable table(shape);
    const Sample sample = sample_of(24);
    const std::vector<double> values = lively_values(table, shape, 1), other = lively_values(table, shape, 2), none;
    Objective64<double> task(ops64, table, sample, none);
    check_differences("task", table, task, values);
    const std::vector<double> anchor = logits_of(table, other, sample);
    Objective64<double> divergence(ops64, table, sample, anchor);
    check_differences("anchor", table, divergence, values);
    check_binary32(table, values, sample);
    check_recurrence(table, values, sample);
  }
}
