// Memory for floats: aligned to cache lines, not initialised, large pages where the system offers them.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace trainer {

template <class Real> class Buffer {
public:
  Buffer() = default;
  explicit Buffer(size_t count) : count_(count) {
    constexpr size_t line = 64, page = size_t(2) << 20;
    const size_t bytes = count * sizeof(Real), alignment = bytes >= page ? page : line;
    const size_t rounded = (bytes / alignment + 1) * alignment;
    data_.reset(static_cast<Real *>(std::aligned_alloc(alignment, rounded)));
    if (!data_) throw std::bad_alloc();
#if defined(__linux__)
    if (bytes >= page) madvise(data_.get(), rounded, MADV_HUGEPAGE);
#endif
  }

  Real *data() { return data_.get(); }
  const Real *data() const { return data_.get(); }
  size_t size() const { return count_; }
  Real &operator[](size_t i) { return data_[i]; }
  const Real &operator[](size_t i) const { return data_[i]; }

private:
  struct Release {
    void operator()(Real *data) const { std::free(data); }
  };
  std::unique_ptr<Real[], Release> data_;
  size_t count_ = 0;
};

} // namespace trainer
