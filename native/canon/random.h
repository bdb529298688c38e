// Counter-based randomness: a draw is a function of (seed, stream, index) and never of the order in which it is asked for.
#pragma once
#include "scalar.h"
#include <cstdint>

namespace trainer {
namespace {

CANON inline uint64_t mix64(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

class RandomStream {
public:
  RandomStream(uint64_t seed, uint64_t stream) : key_(mix64(mix64(seed + golden) + (stream + 1) * golden)) {}

  uint32_t bits(uint64_t index) const { return uint32_t(mix64(key_ + (index + 1) * golden) >> 32); }
  // Uniform on [0, 1) in steps of 2^-24.
  float uniform(uint64_t index) const { return float(bits(index) >> 8) * (1.0f / 16777216.0f); }
  float symmetric(uint64_t index, float bound) const { return (2.0f * uniform(index) - 1.0f) * bound; }
  // Nearly standard normal: twelve uniforms added in order, less six. Bounded by six, and exact on every machine.
  float normal(uint64_t index) const {
    float sum = 0.0f;
    for (uint64_t j = 0; j < 12; j++) sum = sum + uniform(12 * index + j);
    return sum - 6.0f;
  }

private:
  static constexpr uint64_t golden = 0x9E3779B97F4A7C15ull;
  uint64_t key_;
};

} // namespace
} // namespace trainer
