// The contract's functions over ranges of bit patterns, for comparing a device on every input there is.
#pragma once
#include "canon/random.h"
#include "device.h"

namespace trainer {
namespace {

__device__ inline float function_of(int function, float x) {
  switch (function) {
  case 0: return trainer::exp<Cuda>(x);
  case 1: return trainer::log<Cuda>(x);
  case 2: return trainer::log1p<Cuda>(x);
  case 3: return trainer::sigmoid<Cuda>(x);
  case 4: return trainer::softplus<Cuda>(x);
  case 5: return trainer::silu<Cuda>(x);
  default: return trainer::rsqrt<Cuda>(x);
  }
}

// Integers only are added, so the order does not matter.
__global__ void function_sum_kernel(int function, float lowest, float highest, uint64_t begin, uint64_t end,
                                    unsigned long long *sum) {
  unsigned long long part = 0;
  for (uint64_t bits = begin + element_index(); bits < end; bits += uint64_t(gridDim.x) * block_threads) {
    const float x = Cuda::from_bits(int32_t(uint32_t(bits)));
    if (!(x >= lowest && x <= highest)) continue;
    const uint32_t y = uint32_t(Cuda::bits(function_of(function, x)));
    part += mix64((bits << 32 | y) + 0x9E3779B97F4A7C15ull);
  }
  atomicAdd(sum, part);
}

inline uint64_t device_function_sum(int function, float lowest, float highest, uint64_t begin, uint64_t end) {
  DeviceBuffer<unsigned long long> sum(1);
  sum.clear(1);
  const unsigned blocks = blocks_for(size_t(end - begin), block_threads), most = 4096;
  launch(function_sum_kernel, blocks < most ? blocks : most, block_threads, function, lowest, highest, begin, end,
         sum.data());
  unsigned long long out = 0;
  sum.read(&out);
  return out;
}

} // namespace
} // namespace trainer
