// Running a plan from files, with progress on stderr. Interrupting (Ctrl-C) stops at the next step boundary.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "../include/trainer_blob.h"
#include "commands.h"

struct Trained {
  Blob checkpoint, optimiser, transcript, receipt;
};

// What of a claim was given: all but the receipt may be missing.
struct ClaimFiles {
  std::string receipt;
  std::optional<std::vector<uint8_t>> transcript, candidate, states;
};
// The verdict as JSON.
Blob replay(const std::string &plan, const std::filesystem::path &inputs, const ClaimFiles &claim,
            const ChosenOptions &options);

// The transcript with the state after every `every` steps.
Blob states(const std::string &plan, const std::filesystem::path &inputs, int every, const ChosenOptions &options);

Trained train(const std::string &plan, const std::filesystem::path &inputs, const ChosenOptions &options);
