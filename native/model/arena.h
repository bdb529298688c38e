// Memory handed out piece by piece, each beginning on its own cache line.
#pragma once
#include <cstddef>

namespace trainer {
namespace {

template <class Real> class Arena {
public:
  // With a null beginning nothing may be touched: such an arena only measures.
  explicit Arena(Real *begin) : begin_(begin) {}

  Real *take(size_t count) {
    Real *taken = begin_ ? begin_ + used_ : nullptr;
    used_ += (count + line - 1) / line * line;
    return taken;
  }
  size_t used() const { return used_; }

private:
  static constexpr size_t line = 64 / sizeof(float);
  Real *begin_;
  size_t used_ = 0;
};

} // namespace
} // namespace trainer
