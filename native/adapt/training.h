// A plan under way, step by step: whoever holds it decides what to do with each step's outcome.
#pragma once
#include "optim/learner.h"
#include "state/transcript.h"
#include "job.h"
#include "machine.h"
#include "receipt.h"
#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace trainer {

struct RunResult {
  std::vector<uint8_t> checkpoint, optimiser;
  std::string transcript, receipt;
};

std::vector<ledger::TensorDigest> tensor_digests(const Model &model);
// Whether a transcript with the state after every `every` steps has it after this one.
bool records_state(const Plan &plan, int64_t step, int64_t every);

class Training {
public:
  // Borrows the plan, the bytes of the inputs, and what the machine is made of.
  Training(const Plan &plan, const Inputs &inputs, const Machine &machine, int micro_batch);
  Training(const Training &) = delete;

  int64_t step() const { return step_; } // steps trained and recorded
  bool done() const { return step_ == plan_.steps; }
  size_t length() const { return job_.batches.length(); }
  const ledger::Digest &initial() const { return receipt_.initial(); }
  const ParameterTable &table() const { return model_.table; }
  // On the processor they may be changed.
  std::vector<float> &weights() { return learner_->weights(); }

  // Asks for the state after some steps besides those that the transcript records it after.
  void ask_for_states(std::function<bool(int64_t step)> asked) { asked_ = std::move(asked); }
  // Trains one step, and on a device some more, up to one after which the state is asked for. Throws
  // Failure(TRAINER_NON_FINITE).
  StepOutcome advance();
  // Writes that step, with the weights as they now are, into the transcript; its line.
  ledger::TranscriptLine record();
  std::vector<ledger::TensorDigest> state();
  // After the last step. Throws Failure(TRAINER_BUDGET).
  RunResult finish();

private:
  bool has_state(int64_t step) const;
  std::vector<StepRequest> next_steps();

  const Plan &plan_;
  const Machine machine_;
  Job job_;
  Model model_; // as far as it was fetched from the learner
  Receipt receipt_;
  ledger::TranscriptWriter transcript_;
  std::unique_ptr<Learner> learner_;
  Schedule schedule_;
  std::function<bool(int64_t step)> asked_;
  std::deque<StepOutcome> trained_; // from the step at hand on
  StepOutcome outcome_;
  int64_t step_ = 0;
};

} // namespace trainer
