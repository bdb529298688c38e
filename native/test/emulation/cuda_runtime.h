// The part of CUDA that ops/cuda uses, on the processor: takes the place of the toolkit's header, so that the kernels'
// own sources run without a GPU. Blocks run one after the other. A block's threads are fibers, each run up to its next
// barrier; a warp whose lanes do not meet at one barrier ends the program. `order` turns the order of threads around: a
// kernel that lacks a barrier then gives another result. Says nothing about a GPU's own arithmetic, memory or timing.
#pragma once
#include "fibers.h"
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <map>
#include <type_traits>

#define __global__
#define __device__
#define __host__
#define __shared__ static
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __launch_bounds__(...)

#define threadIdx emulation::thread_index
#define blockIdx emulation::block_index
#define blockDim emulation::block_size
#define gridDim emulation::grid_size

using dim3 = emulation::Extent;
struct alignas(16) float4 {
  float x, y, z, w;
};

inline void __syncthreads() { emulation::Block::current().stop(emulation::Stop::block); }
inline void __syncwarp() { emulation::Block::current().stop(emulation::Stop::warp); }
inline float __shfl_xor_sync(unsigned, float value, int mask) {
  return emulation::Block::current().exchange(value, [=](int lane) { return lane ^ mask; });
}
inline float __shfl_sync(unsigned, float value, int source) {
  return emulation::Block::current().exchange(value, [=](int) { return source; });
}

inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return __builtin_sqrtf(a); }
inline float __int2float_rn(int a) { return float(a); }
inline int __float_as_int(float a) {
  int bits;
  std::memcpy(&bits, &a, sizeof bits);
  return bits;
}
inline float __int_as_float(int a) {
  float value;
  std::memcpy(&value, &a, sizeof value);
  return value;
}
inline unsigned long long atomicAdd(unsigned long long *at, unsigned long long value) {
  const unsigned long long found = *at;
  *at += value;
  return found;
}

using cudaError_t = int;
constexpr int cudaSuccess = 0, cudaErrorMemoryAllocation = 2, cudaErrorNoDevice = 100, cudaErrorLaunchFailure = 719;
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice };
struct cudaDeviceProp {
  char name[256];
};

namespace emulation {

// The pretended device.
struct Device {
  static Device &instance() {
    static Device device;
    return device;
  }
  int devices = 1;
  int launches = -1; // until one fails; -1: none does
  size_t total = size_t(4) << 30, used = 0;
  std::map<void *, size_t> blocks;
};

} // namespace emulation

inline const char *cudaGetErrorString(cudaError_t error) {
  if (error == cudaErrorMemoryAllocation) return "out of memory";
  if (error == cudaErrorLaunchFailure) return "unspecified launch failure";
  return error == cudaErrorNoDevice ? "no CUDA-capable device is detected" : "no error";
}
inline cudaError_t cudaGetLastError() {
  int &launches = emulation::Device::instance().launches;
  if (launches > 0) launches--;
  return launches == 0 ? cudaErrorLaunchFailure : cudaSuccess;
}
inline cudaError_t cudaDeviceSynchronize() { return cudaSuccess; }
inline cudaError_t cudaGetDeviceCount(int *count) {
  *count = emulation::Device::instance().devices;
  return *count > 0 ? cudaSuccess : cudaErrorNoDevice;
}
inline cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int) {
  std::strcpy(properties->name, "emulation on the processor, no GPU");
  return cudaSuccess;
}
inline cudaError_t cudaMemGetInfo(size_t *available, size_t *total) {
  const emulation::Device &device = emulation::Device::instance();
  *available = device.total > device.used ? device.total - device.used : 0, *total = device.total;
  return cudaSuccess;
}
// Fresh memory is full of NaNs, so that a value nobody wrote shows.
template <class T> cudaError_t cudaMalloc(T **at, size_t bytes) {
  emulation::Device &device = emulation::Device::instance();
  if (device.used + bytes > device.total) return cudaErrorMemoryAllocation;
  void *block = std::malloc(bytes);
  if (!block) return cudaErrorMemoryAllocation;
  std::memset(block, 0xff, bytes);
  device.used += bytes;
  device.blocks[block] = bytes;
  *at = static_cast<T *>(block);
  return cudaSuccess;
}
inline cudaError_t cudaFree(void *block) {
  emulation::Device &device = emulation::Device::instance();
  const auto found = device.blocks.find(block);
  if (found == device.blocks.end()) return cudaSuccess;
  device.used -= found->second;
  device.blocks.erase(found);
  std::free(block);
  return cudaSuccess;
}
inline cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind) {
  std::memcpy(to, from, bytes);
  return cudaSuccess;
}
inline cudaError_t cudaMemset(void *to, int value, size_t bytes) {
  std::memset(to, value, bytes);
  return cudaSuccess;
}

namespace emulation {

template <class... Parameters> void launch(bool meets, void (*kernel)(Parameters...), Extent grid, Extent block,
                                           std::type_identity_t<Parameters>... arguments) {
  const std::function<void()> body = [=] { kernel(arguments...); };
  grid_size = grid, block_size = block;
  for (unsigned z = 0; z < grid.z; z++)
    for (unsigned y = 0; y < grid.y; y++)
      for (unsigned x = 0; x < grid.x; x++) {
        block_index = {x, y, z};
        if (meets) Block::current().run(body, int(block.x));
        else Block::current().run_apart(body, int(block.x));
      }
}

} // namespace emulation
