// What somebody says a plan gave: a receipt and, where they were kept, its transcript and its candidate.
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
  // transcript that is not the receipt's, is cut off, broken or without its states.
  Claim(const Plan &plan, const std::string &receipt, const std::optional<std::string> &transcript);

  ledger::Json receipt;
  ledger::Digest initial{};
  std::optional<std::vector<ledger::TranscriptLine>> lines;
};

// The names of the receipts' fields that differ: those of `claimed` in order, then those that it lacks.
std::vector<std::string> different_fields(const ledger::Json &claimed, const ledger::Json &found);

} // namespace trainer
