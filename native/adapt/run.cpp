#include "run.h"
#include "model/failure.h"
#include "optim/objective.h"
#include "optim/update.h"
#include "state/invalid.h"
#include "state/transcript.h"
#include "receipt.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

namespace trainer {

using ledger::Digest;
using ledger::Invalid;
using ledger::Sequences;

Inputs::Inputs(const trainer_bytes *inputs, size_t count) {
  for (size_t i = 0; i < count; i++) blobs_.emplace_back(ledger::sha256(inputs[i].data, inputs[i].size), inputs[i]);
}

const trainer_bytes &Inputs::find(const Digest &digest, const char *field) const {
  for (const auto &[known, bytes] : blobs_)
    if (known == digest) return bytes;
  throw Failure(TRAINER_MISSING, std::string(field) + " names " + ledger::hex(digest) + ", which is not among the inputs");
}

namespace {

Model load(const Plan &plan, const Inputs &inputs, const Digest &digest, const char *field) {
  const trainer_bytes &bytes = inputs.find(digest, field);
  Model model = read_checkpoint(bytes.data, bytes.size, field);
  if (model.table.shape() != plan.shape) throw Invalid(std::string(field) + ": its shape is not that of plan.model");
  return model;
}

Sequences load_sequences(const Inputs &inputs, const Digest &digest, const char *field) {
  const trainer_bytes &bytes = inputs.find(digest, field);
  const Sequences sequences(bytes.data, bytes.size, field);
  if (sequences.count() == 0 || sequences.length() == 0) throw Invalid(std::string(field) + ": holds no sequence");
  return sequences;
}

void check_hidden(const DistillationPlan &plan, const Shape &student, const ledger::TraceHeader &header) {
  for (size_t i = 0; i < plan.hidden.size(); i++)
    if (std::find(header.layers.begin(), header.layers.end(), plan.hidden[i].teacher) == header.layers.end())
      throw Invalid("plan.distillation.hidden[" + std::to_string(i) + "].teacher: the traces have no hidden states of layer " +
                    std::to_string(plan.hidden[i].teacher));
  if (plan.hidden.empty() || (header.width == student.width) != plan.projection_seed.has_value()) return;
  const std::string widths =
      "the teacher is " + std::to_string(header.width) + " wide and the student " + std::to_string(student.width);
  throw Invalid("plan.distillation.projection must be " +
                std::string(plan.projection_seed ? "null where both are equally wide: " : "there where widths differ: ") +
                widths);
}

ledger::Traces load_traces(const DistillationPlan &plan, const Shape &student, const Inputs &inputs,
                           const Sequences &batches) {
  const char *const field = "plan.distillation.traces";
  const trainer_bytes &bytes = inputs.find(plan.traces, field);
  ledger::Traces traces(bytes.data, bytes.size, field);
  const ledger::TraceHeader &header = traces.header();
  if (header.length != batches.length())
    throw Invalid(std::string(field) + " are of sequences of " + std::to_string(header.length) + " bytes, plan.batches has " +
                  std::to_string(batches.length()));
  for (size_t i = 0; i < batches.count(); i++)
    if (!traces.find(batches.tokens(i)))
      throw Invalid(std::string(field) + " are of other sequences: sequence " + std::to_string(i) +
                    " of plan.batches is not among them");
  if (plan.logits_weight > 0 && header.kept == 0) throw Invalid(std::string(field) + " have no logits to learn from");
  check_hidden(plan, student, header);
  return traces;
}

// Everything a plan names, loaded and checked before the first step.
struct Job {
  Job(const Plan &plan, const Inputs &inputs)
      : initial(plan.seed ? initial_model(plan.shape, *plan.seed)
                          : load(plan, inputs, plan.checkpoint, "plan.initial.checkpoint")),
        batches(load_sequences(inputs, plan.batches, "plan.batches")) {
    if (plan.anchor) anchor = load(plan, inputs, *plan.anchor, "plan.anchor");
    if (plan.general) general = load_sequences(inputs, *plan.general, "plan.general");
    if (plan.sentinel) sentinel = load_sequences(inputs, *plan.sentinel, "plan.sentinel");
    const size_t wanted = size_t(plan.steps) * size_t(plan.batch);
    if (batches.count() != wanted)
      throw Invalid("plan.batches must hold steps * batch = " + std::to_string(wanted) + " sequences, not " +
                    std::to_string(batches.count()));
    for (int64_t step = 0; step < plan.steps; step++)
      if (batches.scored(size_t(step * plan.batch), size_t(plan.batch)) == 0)
        throw Invalid("plan.batches: step " + std::to_string(step) + " has no scored position");
    if (plan.distillation) traces = load_traces(*plan.distillation, plan.shape, inputs, batches);
  }
  Model initial;
  Sequences batches;
  std::optional<Model> anchor;
  std::optional<Sequences> general, sentinel;
  std::optional<ledger::Traces> traces;
};

struct StepSequences {
  std::vector<size_t> task, general;
};

StepSequences sequences_of(const Plan &plan, const Job &job, int64_t step) {
  StepSequences out;
  for (int64_t i = 0; i < plan.batch; i++) out.task.push_back(size_t(step * plan.batch + i));
  for (int64_t i = 0; i < plan.general_batch; i++)
    out.general.push_back(size_t(step * plan.general_batch + i) % job.general->count());
  return out;
}

// SHA-256 of the step's sequences as they stand in their blobs: the task's, then the general ones.
Digest batch_digest(const Job &job, const StepSequences &sequences) {
  ledger::Sha256 hash;
  const auto task = job.batches.records(sequences.task.front(), sequences.task.size());
  hash.update(task.data(), task.size());
  for (size_t sequence : sequences.general) {
    const auto record = job.general->records(sequence, 1);
    hash.update(record.data(), record.size());
  }
  return hash.digest();
}

std::vector<ledger::TensorDigest> tensor_digests(const Model &model) {
  std::vector<ledger::TensorDigest> digests;
  for (const Parameter &parameter : model.table.all())
    digests.push_back(
        {parameter.name, ledger::sha256(model.values.data() + parameter.offset, parameter.count * sizeof(float))});
  return digests;
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

// Tells the caller how far the job is. The clock is read for this only.
class Progress {
public:
  Progress(const trainer_hooks &hooks, const Plan &plan, size_t length)
      : hooks_(hooks), steps_(plan.steps), tokens_per_step_(plan.batch * int64_t(length)) {}

  void check_cancelled(int64_t step) const {
    if (hooks_.cancelled && hooks_.cancelled(hooks_.context))
      throw Failure(TRAINER_CANCELLED, "cancelled before step " + std::to_string(step), step);
  }
  void report(int64_t step, float loss) {
    if (!hooks_.progress) return;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
    const int64_t tokens = (step + 1) * tokens_per_step_;
    const trainer_progress progress{step + 1, steps_, tokens, double(loss), double(tokens) / elapsed.count()};
    hooks_.progress(hooks_.context, &progress);
  }

private:
  const trainer_hooks &hooks_;
  int64_t steps_, tokens_per_step_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

} // namespace

RunResult run_plan(const Plan &plan, const Inputs &inputs, const OpTable<float> &ops, WorkerPool &pool,
                   const trainer_hooks &hooks, int micro_batch) {
  const Job job(plan, inputs);
  Model model = job.initial;
  const std::vector<uint8_t> initial_file = write_checkpoint(model.table, model.values);
  Receipt receipt(plan, ledger::sha256(initial_file.data(), initial_file.size()), job.batches.length());
  ledger::TranscriptWriter transcript(receipt.initial());
  Objective objective(ops, pool, model.table, int(job.batches.length()), size_t(plan.batch), micro_batch);
  if (job.traces) objective.distil(*plan.distillation, *job.traces);
  if (plan.kl_beta > 0)
    objective.anchor(job.anchor->values, int(job.general->length()), size_t(plan.general_batch), plan.kl_beta);
  Optimiser optimiser(ops, model.table);
  Schedule schedule(plan);
  Progress progress(hooks, plan, job.batches.length());
  const float *anchor = plan.l2sp_lambda > 0 ? job.anchor->values.data() : nullptr;

  for (int64_t step = 0; step < plan.steps; step++) {
    progress.check_cancelled(step);
    const bool last = step + 1 == plan.steps;
    const StepSequences sequences = sequences_of(plan, job, step);
    const StepOutcome outcome = objective.measure(model.values, job.batches, sequences.task,
                                                  job.general ? &*job.general : nullptr, sequences.general,
                                                  last && plan.kl_beta > 0);
    check_finite(outcome, step);
    StepConstants constants = schedule.next(step);
    const float most = plan.optimiser.clip_norm;
    constants.adamw.clip = outcome.norm > most ? most / outcome.norm : 1.0f;
    if (!optimiser.update(pool, constants, objective.gradient(), anchor, model.values))
      throw Failure(TRAINER_NON_FINITE, "step " + std::to_string(step) + ": a weight is not finite", step);
    receipt.add(outcome);
    std::optional<std::vector<ledger::TensorDigest>> state;
    if (last || (step + 1) % plan.state_every_steps == 0) state = tensor_digests(model);
    transcript.add(uint64_t(step), outcome.loss, outcome.norm, batch_digest(job, sequences), state);
    progress.report(step, outcome.loss);
  }

  std::optional<TrustOutcome> trust;
  if (plan.trust_region) trust = enforce(*plan.trust_region, ops, pool, job.initial, *job.sentinel, model);
  RunResult result;
  result.checkpoint = write_checkpoint(model.table, model.values);
  result.optimiser = optimiser.state_file();
  result.transcript = transcript.text();
  result.receipt = receipt.text(job.initial, job.anchor ? &*job.anchor : nullptr, model, trust, result.checkpoint,
                                result.optimiser, result.transcript);
  return result;
}

} // namespace trainer
