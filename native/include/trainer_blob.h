// Owns a trainer_blob, frees it with trainer_free.
#pragma once
#include <utility>

#include "trainer.h"

class Blob {
 public:
  Blob() = default;
  explicit Blob(const trainer_blob &blob) : blob_(blob) {}
  Blob(Blob &&other) noexcept : blob_(std::exchange(other.blob_, {nullptr, 0})) {}
  Blob &operator=(Blob &&other) noexcept {
    std::swap(blob_, other.blob_);
    return *this;
  }
  ~Blob() {
    if (blob_.data != nullptr) trainer_free(&blob_);
  }

  // For a function of the C surface to fill.
  trainer_blob *out() { return &blob_; }
  const uint8_t *data() const { return blob_.data; }
  size_t size() const { return blob_.size; }

 private:
  trainer_blob blob_{nullptr, 0};
};
