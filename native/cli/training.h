// Running a plan from files, with progress on stderr. Interrupting (Ctrl-C) stops at the next step boundary.
#pragma once
#include <filesystem>
#include <string>

#include "../include/trainer_blob.h"
#include "commands.h"

struct Trained {
  Blob checkpoint, optimiser, transcript, receipt;
};

// The verdict of a replay as JSON. `transcript` and `candidate` may be null.
struct ClaimFiles {
  std::string receipt;
  const std::vector<uint8_t> *transcript, *candidate;
};
Blob replay(const std::string &plan, const std::filesystem::path &inputs, const ClaimFiles &claim,
            const ChosenOptions &options);

Trained train(const std::string &plan, const std::filesystem::path &inputs, const ChosenOptions &options);
