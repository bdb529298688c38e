// The errors of the core; api.cpp maps them to the codes of the C interface.
#pragma once
#include "include/trainer.h"
#include <cstdint>
#include <stdexcept>
#include <string>

namespace trainer {

class Failure : public std::runtime_error {
public:
  Failure(trainer_code code, const std::string &message, int64_t step = -1)
      : std::runtime_error(message), code_(code), step_(step) {}
  trainer_code code() const { return code_; }
  int64_t step() const { return step_; }

private:
  trainer_code code_;
  int64_t step_;
};

} // namespace trainer
