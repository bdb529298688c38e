// Copies of a caller's arrays on the device for the length of one op.
#pragma once
#include "device.h"
#include <functional>
#include <vector>

namespace trainer {
namespace {

class Staging {
public:
  template <class T> const T *in(const T *from, size_t count) { return place(from, count); }
  // Read and written: goes back by finish().
  float *both(float *at, size_t count) {
    float *copy = place(at, count);
    back_.push_back([=] { read_device(copy, at, count); });
    return copy;
  }
  float *take(size_t count) {
    buffers_.emplace_back(count * sizeof(float));
    return reinterpret_cast<float *>(buffers_.back().data());
  }
  void finish() {
    for (const auto &copy : back_) copy();
  }

private:
  template <class T> T *place(const T *from, size_t count) {
    buffers_.emplace_back(count * sizeof(T));
    buffers_.back().write(reinterpret_cast<const unsigned char *>(from));
    T *copy = reinterpret_cast<T *>(buffers_.back().data());
    return copy;
  }

  std::vector<DeviceBuffer<unsigned char>> buffers_;
  std::vector<std::function<void()>> back_;
};

} // namespace
} // namespace trainer
