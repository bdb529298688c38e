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
    const bool wanted = records_state(plan, int64_t(line.step), plan.state_every_steps);
    if (wanted == line.root.has_value()) continue;
    throw Invalid(line_name(line.step) + (wanted ? " has no root" : " has a root") + ": plan.stateEverySteps " +
                  std::to_string(plan.state_every_steps) + " has one after every " +
                  std::to_string(plan.state_every_steps) + " steps and after the last");
  }
  if (const std::optional<uint64_t> broken = first_broken_link(lines, initial))
    throw Invalid(line_name(*broken) + ".h does not follow from " +
                  (*broken == 0 ? "receipt.initial" : "the line before it"));
}

// The transcript with further states: the same steps, and no other state where it has one.
std::vector<TranscriptLine> with_states(std::vector<TranscriptLine> lines, const std::string &text) {
  const std::vector<TranscriptLine> states = ledger::read_transcript(text, "states");
  if (states.size() != lines.size())
    throw Invalid("states: must have a line for each of the " + std::to_string(lines.size()) + " steps, has " +
                  std::to_string(states.size()));
  for (size_t i = 0; i < lines.size(); i++) {
    const bool same_step = states[i].h == lines[i].h;
    if (!same_step || (lines[i].root && states[i].root && *states[i].root != *lines[i].root))
      throw Invalid(std::string("states line ") + std::to_string(i + 1) + (same_step ? ".root" : ".h") +
                    " is not the transcript's: they are of another training");
    if (!states[i].root) continue;
    lines[i].root = states[i].root;
    lines[i].tensors = states[i].tensors;
  }
  return lines;
}

} // namespace

Claim::Claim(const Plan &plan, const std::string &receipt_text, const std::optional<std::string> &transcript,
             const std::optional<std::string> &states)
    : receipt(Json::parse(receipt_text, "receipt")) {
  const ledger::JsonReader reader(receipt, "receipt");
  reader.field("contract").choice({"nc-1"});
  if (reader.field("plan").sha256() != plan.digest)
    throw Invalid("receipt.plan is " + reader.field("plan").string() + ", a receipt of another plan: this one's digest is " +
                  ledger::hex(plan.digest));
  initial = reader.field("initial").sha256();
  if (!transcript && states) throw Invalid("states: need the transcript that they belong to");
  if (!transcript) return;
  lines = ledger::read_transcript(*transcript);
  check_lines(plan, *lines, initial);
  const ledger::Digest digest = ledger::sha256(transcript->data(), transcript->size());
  if (reader.field("transcript").sha256() != digest)
    throw Invalid("transcript: its SHA-256 is " + ledger::hex(digest) + ", the receipt names " +
                  reader.field("transcript").string());
  if (states) lines = with_states(std::move(*lines), *states);
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
