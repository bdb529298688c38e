// What somebody says a plan gave: a receipt and, where they were kept, its transcript, and the states of the same training
// at more steps than the plan says.
#pragma once
#include "state/json.h"
#include "state/transcript.h"
#include "plan.h"
#include <optional>
#include <string>
#include <vector>

namespace trainer {

struct Claim {
  // Throws ledger::Invalid in one line when they cannot be held against the plan: another contract, another plan, a
  // transcript that is not the receipt's, is cut off, broken or without its states, states that are not the transcript's.
  Claim(const Plan &plan, const std::string &receipt, const std::optional<std::string> &transcript,
        const std::optional<std::string> &states);

  ledger::Json receipt;
  ledger::Digest initial{};
  std::optional<std::vector<ledger::TranscriptLine>> lines; // with all states that are known
};

// The names of the receipts' fields that differ: those of `claimed` in order, then those that it lacks.
std::vector<std::string> different_fields(const ledger::Json &claimed, const ledger::Json &found);

} // namespace trainer
