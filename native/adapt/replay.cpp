#include "replay.h"
#include "claim.h"
#include "progress.h"
#include "state/invalid.h"
#include "verdict.h"

namespace trainer {

using ledger::Divergence;
using ledger::Json;

namespace {

// Steps to the first state, which are those between two.
int64_t state_distance(const std::vector<ledger::TranscriptLine> &lines) {
  int64_t steps = 1;
  for (const ledger::TranscriptLine &line : lines) {
    if (line.root) break;
    steps++;
  }
  return steps;
}

// Steps are compared as they are trained, so that nothing is trained beyond the first that differs, but for what a device
// had under way.
std::optional<Divergence> compare_steps(Training &training, const Claim &claim, Progress &progress) {
  if (claim.initial != training.initial()) {
    Divergence divergence;
    divergence.what = "initial";
    divergence.claimed = ledger::hex(claim.initial), divergence.found = ledger::hex(training.initial());
    return divergence;
  }
  training.ask_for_states([&](int64_t step) { return claim.lines && (*claim.lines)[size_t(step)].root; });
  ledger::LineComparison comparison;
  while (!training.done()) {
    const int64_t step = training.step();
    progress.check_cancelled(step);
    const StepOutcome outcome = training.advance();
    ledger::TranscriptLine line = training.record();
    progress.report(step, outcome.loss);
    if (!claim.lines) continue;
    const ledger::TranscriptLine &claimed = (*claim.lines)[size_t(step)];
    if (claimed.root && !line.root) {
      line.tensors = training.state();
      line.root = ledger::state_root(line.tensors);
    }
    if (const auto found = comparison.next(claimed, line)) return found;
  }
  return std::nullopt;
}

// A checkpoint handed in against the one trained.
std::optional<Divergence> compare_candidate(const Plan &plan, const trainer_bytes &claimed, const RunResult &result,
                                            uint64_t from) {
  const ledger::Digest digest = ledger::sha256(claimed.data, claimed.size);
  const ledger::Digest found = ledger::sha256(result.checkpoint.data(), result.checkpoint.size());
  if (digest == found) return std::nullopt;
  const Model model = read_checkpoint(claimed.data, claimed.size, "candidate");
  if (model.table.shape() != plan.shape) throw ledger::Invalid("candidate: its shape is not that of plan.model");
  const Model trained = read_checkpoint(result.checkpoint.data(), result.checkpoint.size(), "checkpoint");
  Divergence divergence;
  divergence.what = "candidate";
  divergence.from = from, divergence.step = uint64_t(plan.steps - 1);
  divergence.tensors = ledger::different_tensors(tensor_digests(model), tensor_digests(trained));
  divergence.of = trained.table.all().size();
  divergence.claimed = ledger::hex(digest), divergence.found = ledger::hex(found);
  return divergence;
}

// The receipt as a whole, where no step shows where the difference lies.
std::optional<Divergence> compare_receipt(const Plan &plan, const Json &claimed, const Json &found,
                                          const std::vector<std::string> &fields, uint64_t from) {
  if (fields.empty()) return std::nullopt;
  Divergence divergence;
  divergence.what = "receipt";
  divergence.from = from, divergence.step = uint64_t(plan.steps - 1);
  const std::string &name = fields[0];
  const auto text = [&](const Json *value) { return value ? value->canonical() : "nothing"; };
  divergence.claimed = text(claimed.find(name)), divergence.found = text(found.find(name));
  return divergence;
}

} // namespace

std::string replay_plan(const Plan &plan, const Inputs &inputs, const ClaimBytes &claimed, const Machine &machine,
                        const trainer_hooks &hooks, int micro_batch) {
  const Claim claim(plan, claimed.receipt, claimed.transcript, claimed.states);
  Training training(plan, inputs, machine, micro_batch);
  Progress progress(hooks, plan, training.length());
  Verdict verdict;
  if (claim.lines) verdict.state_every = state_distance(*claim.lines);
  verdict.divergence = compare_steps(training, claim, progress);
  verdict.replayed = training.step();
  if (!verdict.divergence) {
    const RunResult result = training.finish();
    const Json receipt = Json::parse(result.receipt, "receipt");
    verdict.fields = different_fields(claim.receipt, receipt);
    // Equal steps, or an equal receipt, leave only what came after them.
    const uint64_t from = claim.lines || verdict.fields.empty() ? uint64_t(plan.steps - 1) : 0;
    if (claimed.candidate) verdict.divergence = compare_candidate(plan, *claimed.candidate, result, from);
    if (!verdict.divergence) verdict.divergence = compare_receipt(plan, claim.receipt, receipt, verdict.fields, from);
  }
  return verdict_json(plan, verdict);
}

} // namespace trainer
