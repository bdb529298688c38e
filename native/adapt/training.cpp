#include "training.h"
#include "model/failure.h"
#include "device_learner.h"
#include <cmath>

namespace trainer {

namespace {

ledger::Digest checkpoint_digest(const Model &model) {
  const std::vector<uint8_t> file = write_checkpoint(model.table, model.values);
  return ledger::sha256(file.data(), file.size());
}

void check_finite(const StepOutcome &outcome, int64_t step) {
  const std::string at = "step " + std::to_string(step) + ": ";
  if (!std::isfinite(outcome.loss)) throw Failure(TRAINER_NON_FINITE, at + "the loss is not finite", step);
  if (!std::isfinite(outcome.kl)) throw Failure(TRAINER_NON_FINITE, at + "the divergence is not finite", step);
  if (!std::isfinite(outcome.divergence))
    throw Failure(TRAINER_NON_FINITE, at + "the divergence from the teacher is not finite", step);
  for (const float error : outcome.hidden)
    if (!std::isfinite(error))
      throw Failure(TRAINER_NON_FINITE, at + "the distance from the teacher's hidden states is not finite", step);
  if (!std::isfinite(outcome.norm)) throw Failure(TRAINER_NON_FINITE, at + "the gradient is not finite", step);
}

std::unique_ptr<Learner> make_learner(const Machine &machine, const Plan &plan, const Job &job, int micro_batch) {
  LearnerTask task{&job.batches, job.general ? &*job.general : nullptr, job.anchor ? &job.anchor->values : nullptr,
                   size_t(plan.batch), size_t(plan.general_batch), plan.kl_beta, plan.l2sp_lambda > 0, micro_batch};
  if (job.traces) task.distillation = &*plan.distillation, task.traces = &*job.traces;
  if (!machine.device) return std::make_unique<CpuLearner>(machine.ops, machine.pool, job.initial, task);
  return std::make_unique<DeviceLearner>(*machine.device, job.initial, task);
}

} // namespace

std::vector<ledger::TensorDigest> tensor_digests(const Model &model) {
  std::vector<ledger::TensorDigest> digests;
  for (const Parameter &parameter : model.table.all())
    digests.push_back(
        {parameter.name, ledger::sha256(model.values.data() + parameter.offset, parameter.count * sizeof(float))});
  return digests;
}

bool records_state(const Plan &plan, int64_t step, int64_t every) {
  return step + 1 == plan.steps || (step + 1) % every == 0;
}

Training::Training(const Plan &plan, const Inputs &inputs, const Machine &machine, int micro_batch)
    : plan_(plan), machine_(machine), job_(plan, inputs), model_(job_.initial),
      receipt_(plan, checkpoint_digest(job_.initial), job_.batches.length()), transcript_(receipt_.initial()),
      learner_(make_learner(machine, plan, job_, micro_batch)), schedule_(plan) {}

bool Training::has_state(int64_t step) const {
  return records_state(plan_, step, plan_.state_every_steps) || (asked_ && asked_(step));
}

std::vector<StepRequest> Training::next_steps() {
  std::vector<StepRequest> steps;
  for (int64_t step = step_; step < plan_.steps && steps.size() < learner_->at_once(); step++) {
    const bool last = step + 1 == plan_.steps;
    steps.push_back({sequences_of(plan_, job_, step), schedule_.next(step), plan_.optimiser.clip_norm,
                     last && plan_.kl_beta > 0});
    if (has_state(step)) break;
  }
  return steps;
}

StepOutcome Training::advance() {
  if (trained_.empty())
    for (StepOutcome &outcome : learner_->train(next_steps())) trained_.push_back(std::move(outcome));
  outcome_ = std::move(trained_.front());
  trained_.pop_front();
  check_finite(outcome_, step_);
  if (!outcome_.finite)
    throw Failure(TRAINER_NON_FINITE, "step " + std::to_string(step_) + ": a weight is not finite", step_);
  receipt_.add(outcome_);
  return outcome_;
}

std::vector<ledger::TensorDigest> Training::state() {
  model_.values = learner_->weights();
  return tensor_digests(model_);
}

ledger::TranscriptLine Training::record() {
  std::optional<std::vector<ledger::TensorDigest>> state;
  if (records_state(plan_, step_, plan_.state_every_steps)) state = this->state();
  const ledger::Digest batch = batch_digest(job_, sequences_of(plan_, job_, step_));
  return transcript_.add(uint64_t(step_++), outcome_.loss, outcome_.norm, batch, state);
}

RunResult Training::finish() {
  RunResult result;
  model_.values = learner_->weights();
  result.optimiser = learner_->state_file();
  learner_.reset(); // what follows may need its memory
  std::optional<TrustOutcome> trust;
  if (plan_.trust_region) trust = enforce(*plan_.trust_region, machine_, job_.initial, *job_.sentinel, model_);
  result.checkpoint = write_checkpoint(model_.table, model_.values);
  result.transcript = transcript_.text();
  result.receipt = receipt_.text(job_.initial, job_.anchor ? &*job_.anchor : nullptr, model_, trust, result.checkpoint,
                                 result.optimiser, result.transcript);
  return result;
}

} // namespace trainer
