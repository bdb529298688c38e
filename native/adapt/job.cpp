#include "job.h"
#include "model/failure.h"
#include "state/invalid.h"
#include <algorithm>

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

} // namespace

Job::Job(const Plan &plan, const Inputs &inputs)
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

StepSequences sequences_of(const Plan &plan, const Job &job, int64_t step) {
  StepSequences out;
  for (int64_t i = 0; i < plan.batch; i++) out.task.push_back(size_t(step * plan.batch + i));
  for (int64_t i = 0; i < plan.general_batch; i++)
    out.general.push_back(size_t(step * plan.general_batch + i) % job.general->count());
  return out;
}

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

} // namespace trainer
