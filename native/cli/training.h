// Running a plan from files, with progress on stderr. Interrupting (Ctrl-C) stops at the next step boundary.
#pragma once
#include <filesystem>
#include <string>

#include "../include/trainer_blob.h"
#include "commands.h"

struct Trained {
  Blob checkpoint, optimiser, transcript, receipt;
};

Trained train(const std::string &plan, const std::filesystem::path &inputs, const ChosenOptions &options);
