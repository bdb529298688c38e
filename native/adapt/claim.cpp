#include "claim.h"
#include "state/invalid.h"
#include "state/json_reader.h"
#include "training.h"

namespace trainer {

using ledger::Invalid;
using ledger::Json;
using ledger::TranscriptLine;

namespace {

std::string line_name(uint64_t step) { return "transcript line " + std::to_string(step + 1); }

// Every step, the states where the plan says, and one chain from the initial weights.
void check_lines(const Plan &plan, const std::vector<TranscriptLine> &lines, const ledger::Digest &initial) {
  if (lines.size() != size_t(plan.steps))
    throw Invalid("transcript: must have a line for each of the plan's " + std::to_string(plan.steps) + " steps, has " +
                  std::to_string(lines.size()) + ": it is cut off, or of another plan");
  for (const TranscriptLine &line : lines) {
    const bool wanted = records_state(plan, int64_t(line.step));
    if (wanted == line.root.has_value()) continue;
    throw Invalid(line_name(line.step) + (wanted ? " has no root" : " has a root") + ": plan.stateEverySteps " +
                  std::to_string(plan.state_every_steps) + " has one after every " +
                  std::to_string(plan.state_every_steps) + " steps and after the last");
  }
  if (const std::optional<uint64_t> broken = first_broken_link(lines, initial))
    throw Invalid(line_name(*broken) + ".h does not follow from " +
                  (*broken == 0 ? "receipt.initial" : "the line before it"));
}

} // namespace

Claim::Claim(const Plan &plan, const std::string &receipt_text, const std::optional<std::string> &transcript)
    : receipt(Json::parse(receipt_text, "receipt")) {
  const ledger::JsonReader reader(receipt, "receipt");
  reader.field("contract").choice({"nc-1"});
  if (reader.field("plan").sha256() != plan.digest)
    throw Invalid("receipt.plan is " + reader.field("plan").string() + ", a receipt of another plan: this one's digest is " +
                  ledger::hex(plan.digest));
  initial = reader.field("initial").sha256();
  if (!transcript) return;
  lines = ledger::read_transcript(*transcript);
  check_lines(plan, *lines, initial);
  const ledger::Digest digest = ledger::sha256(transcript->data(), transcript->size());
  if (reader.field("transcript").sha256() != digest)
    throw Invalid("transcript: its SHA-256 is " + ledger::hex(digest) + ", the receipt names " +
                  reader.field("transcript").string());
}

std::vector<std::string> different_fields(const Json &claimed, const Json &found) {
  std::vector<std::string> names;
  for (const auto &[name, value] : claimed.members()) {
    const Json *other = found.find(name);
    if (other == nullptr || other->canonical() != value.canonical()) names.push_back(name);
  }
  for (const auto &[name, value] : found.members())
    if (claimed.find(name) == nullptr) names.push_back(name);
  return names;
}

} // namespace trainer
