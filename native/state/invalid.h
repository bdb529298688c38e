// The one error of malformed input: its message names the field, the value and what is allowed.
#pragma once
#include <stdexcept>

namespace ledger {

struct Invalid : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace ledger
