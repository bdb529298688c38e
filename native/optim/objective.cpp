#include "objective.h"
#include "update.h"

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

void Objective::prepare(PreparedWeights<float> &prepared, const float *values) {
  pool_.run(prepared.pieces(), [&](size_t piece, int) { prepared.prepare(piece, values); });
}

static float sum_ascending(const float *values, int count) {
  float sum = 0.0f;
  for (int t = 0; t < count; t++) sum = sum + values[t];
  return sum;
}

void Objective::task_item(const float *values, const ledger::Sequences &task, size_t sequence, float scale, int worker,
                          Buffer<float> &gradient, float &loss) {
  Pass &pass = *passes_[worker];
  std::vector<float> losses(length_);
  float *logits = pass.forward(prepared_, values, task.tokens(sequence));
  ops_.cross_entropy(logits, task.targets(sequence), task.mask(sequence), length_, Shape::vocabulary, scale,
                     losses.data());
  pass.backward(prepared_, values, task.tokens(sequence), gradient.data());
  loss = sum_ascending(losses.data(), length_);
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
  prepare(prepared_, values.data());

  StepOutcome outcome;
  std::vector<float> sums(std::max(batch.size(), general_batch.size()));
  bool fresh = true;
  for (size_t first = 0; first < batch.size(); first += parts_.size()) {
    const size_t count = std::min(parts_.size(), batch.size() - first);
    pool_.run(count, [&](size_t i, int worker) {
      task_item(values.data(), task, batch[first + i], scale.task, worker, parts_[i], sums[first + i]);
    });
    fold_gradients(ops_, pool_, parts_, count, fresh, total_);
    fresh = false;
  }
  outcome.loss = sum_ascending(sums.data(), int(batch.size())) / scale.positions;
  if (parts) outcome.norm_task = gradient_norm(ops_, pool_, total_);

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
