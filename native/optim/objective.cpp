#include "objective.h"
#include "update.h"
#include <algorithm>

namespace trainer {

static size_t wave_size(const WorkerPool &pool, int micro_batch) {
  if (micro_batch > 0) return size_t(micro_batch);
  const size_t threads = size_t(pool.threads());
  return (8 + threads - 1) / threads * threads;
}

Objective::Objective(const OpTable<float> &ops, WorkerPool &pool, const ParameterTable &table, int length, size_t batch,
                     int micro_batch)
    : ops_(ops), pool_(pool), table_(table), prepared_(ops, table, true), passes_(make_passes(length, true)),
      length_(length), micro_batch_(wave_size(pool, micro_batch)), total_(table.count()) {
  reserve_parts(batch);
}

Objective::Passes Objective::make_passes(int length, bool backward) {
  Passes passes;
  for (int worker = 0; worker < pool_.threads(); worker++)
    passes.push_back(std::make_unique<Pass>(ops_, table_, length, backward));
  return passes;
}

void Objective::reserve_parts(size_t batch) {
  const size_t wanted = std::min(batch, micro_batch_);
  while (parts_.size() < wanted) parts_.emplace_back(table_.count());
}

void Objective::anchor(const std::vector<float> &values, int length, size_t batch, float beta) {
  anchor_values_ = values.data();
  anchor_prepared_ = std::make_unique<PreparedWeights<float>>(ops_, table_, false);
  prepare(*anchor_prepared_, anchor_values_);
  anchor_passes_ = make_passes(length, false);
  general_length_ = length;
  if (length != length_) general_passes_ = make_passes(length, true);
  beta_ = beta;
  total_anchor_ = Buffer<float>(table_.count());
  reserve_parts(batch);
}

void Objective::distil(const DistillationPlan &plan, const ledger::Traces &traces) {
  distillation_ = &plan;
  traces_ = &traces;
  const ledger::TraceHeader &header = traces.header();
  for (int worker = 0; worker < pool_.threads(); worker++)
    distillations_.push_back(std::make_unique<Distillation<float>>(ops_, plan, table_.shape(), length_, header.kept,
                                                                   header.width));
}

void Objective::prepare(PreparedWeights<float> &prepared, const float *values) {
  pool_.run(prepared.pieces(), [&](size_t piece, int) { prepared.prepare(piece, values); });
}

static float sum_ascending(const float *values, int count) {
  float sum = 0.0f;
  for (int t = 0; t < count; t++) sum = sum + values[t];
  return sum;
}

void Objective::task_item(const float *values, const ledger::Sequences &task, size_t sequence, float scale,
                          float positions, int worker, Buffer<float> &gradient, TaskSums &sums) {
  Pass &pass = *passes_[worker];
  Distillation<float> *distillation = traces_ ? distillations_[worker].get() : nullptr;
  std::vector<float> losses(length_);
  float *logits = pass.forward(prepared_, values, task.tokens(sequence));
  if (distillation) compare_with_teacher(*distillation, pass, task.tokens(sequence), logits, positions, sums);
  ops_.cross_entropy(logits, task.targets(sequence), task.mask(sequence), length_, Shape::vocabulary, scale,
                     losses.data());
  if (!(scale > 0)) std::fill_n(logits, size_t(length_) * Shape::vocabulary, 0.0f);
  if (distillation) distillation->add_logit_gradient(logits);
  pass.backward(prepared_, values, task.tokens(sequence), gradient.data(),
                distillation ? distillation->hidden_gradients() : std::span<const HiddenGradient<float>>());
  sums.loss = sum_ascending(losses.data(), length_);
}

void Objective::compare_with_teacher(Distillation<float> &distillation, const Pass &pass, const uint8_t *tokens,
                                     const float *logits, float positions, TaskSums &sums) const {
  const size_t sequence = traces_->find(tokens).value();
  const std::vector<int> &layers = traces_->header().layers;
  if (distillation_->logits_weight > 0) {
    distillation.name_bytes(traces_->bytes(sequence));
    traces_->copy_logits(sequence, distillation.teacher_logits());
  }
  for (size_t i = 0; i < distillation_->hidden.size(); i++) {
    const auto layer = std::find(layers.begin(), layers.end(), distillation_->hidden[i].teacher);
    traces_->copy_hidden(sequence, size_t(layer - layers.begin()), distillation.teacher_hidden(i));
  }
  distillation.read(pass, logits, positions);
  sums.divergence = distillation.divergence();
  for (size_t i = 0; i < distillation_->hidden.size(); i++) sums.hidden.push_back(distillation.squared_error(i));
}

// Sums over ascending sequences, then one division.
void Objective::finish_distillation(const std::vector<TaskSums> &sums, float positions, StepOutcome &outcome) const {
  float divergence = 0.0f;
  for (const TaskSums &item : sums) divergence = divergence + item.divergence;
  outcome.divergence = divergence / positions;
  for (size_t i = 0; i < distillation_->hidden.size(); i++) {
    float error = 0.0f;
    for (const TaskSums &item : sums) error = error + item.hidden[i];
    outcome.hidden.push_back(error / (positions * float(table_.shape().width)));
  }
}

void Objective::general_item(const float *values, const ledger::Sequences &general, size_t sequence, float scale,
                             int worker, Buffer<float> &gradient, float &kl) {
  Pass &pass = *(general_passes_.empty() ? passes_ : general_passes_)[worker];
  Pass &anchor_pass = *anchor_passes_[worker];
  const uint8_t *tokens = general.tokens(sequence);
  std::vector<float> nats(general_length_);
  const float *anchor_logits = anchor_pass.forward(*anchor_prepared_, anchor_values_, tokens);
  float *logits = pass.forward(prepared_, values, tokens);
  ops_.divergence(anchor_logits, logits, general_length_, Shape::vocabulary, scale, nats.data(), pass.scratch());
  pass.backward(prepared_, values, tokens, gradient.data());
  kl = sum_ascending(nats.data(), general_length_);
}

StepScale::StepScale(const ledger::Sequences &blob, const StepSequences &sequences, size_t general_length, float beta) {
  size_t scored = 0;
  for (size_t sequence : sequences.task) scored += blob.scored(sequence, 1);
  positions = float(scored), general_positions = float(sequences.general.size() * general_length);
  task = 1.0f / positions, general = beta / general_positions;
}

StepOutcome Objective::measure(const std::vector<float> &values, const ledger::Sequences &task,
                               const StepSequences &sequences, const ledger::Sequences *general, bool parts) {
  const std::vector<size_t> &batch = sequences.task, &general_batch = sequences.general;
  const StepScale scale(task, sequences, size_t(general_length_), beta_);
  const float all_positions = float(batch.size() * size_t(length_));
  const float task_scale = distillation_ ? distillation_->task_weight / scale.positions : scale.task;
  prepare(prepared_, values.data());

  StepOutcome outcome;
  std::vector<TaskSums> task_sums(batch.size());
  bool fresh = true;
  for (size_t first = 0; first < batch.size(); first += parts_.size()) {
    const size_t count = std::min(parts_.size(), batch.size() - first);
    pool_.run(count, [&](size_t i, int worker) {
      task_item(values.data(), task, batch[first + i], task_scale, all_positions, worker, parts_[i],
                task_sums[first + i]);
    });
    fold_gradients(ops_, pool_, parts_, count, fresh, total_);
    fresh = false;
  }
  float loss = 0.0f;
  for (const TaskSums &item : task_sums) loss = loss + item.loss;
  outcome.loss = loss / scale.positions;
  if (distillation_) finish_distillation(task_sums, all_positions, outcome);
  if (parts) outcome.norm_task = gradient_norm(ops_, pool_, total_);

  std::vector<float> sums(general_batch.size());
  for (size_t first = 0; first < general_batch.size(); first += parts_.size()) {
    const size_t count = std::min(parts_.size(), general_batch.size() - first);
    pool_.run(count, [&](size_t i, int worker) {
      general_item(values.data(), *general, general_batch[first + i], scale.general, worker, parts_[i], sums[first + i]);
    });
    fold_gradients(ops_, pool_, parts_, count, false, total_);
    if (parts) fold_gradients(ops_, pool_, parts_, count, first == 0, total_anchor_);
  }
  if (!general_batch.empty()) {
    outcome.kl = sum_ascending(sums.data(), int(general_batch.size())) / scale.general_positions;
    if (parts) outcome.norm_anchor = gradient_norm(ops_, pool_, total_anchor_);
  }
  outcome.norm = gradient_norm(ops_, pool_, total_);
  return outcome;
}

} // namespace trainer
