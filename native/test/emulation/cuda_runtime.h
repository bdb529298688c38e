// The part of CUDA that ops/cuda uses, on the processor: takes the place of the toolkit's header, so that the kernels'
// own sources run without a GPU. Blocks run one after the other. A block's threads are fibers, each run up to its next
// barrier; a warp whose lanes do not meet at one barrier ends the program. `order` turns the order of threads around: a
// kernel that lacks a barrier then gives another result. What is started runs no sooner than somebody waits, so that a
// result read too early, or an input changed too early, shows. Says nothing about a GPU's own arithmetic, memory or
// timing.
#pragma once
#include "fibers.h"
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <map>
#include <type_traits>
#include <utility>

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
constexpr int cudaSuccess = 0, cudaErrorMemoryAllocation = 2, cudaErrorNoDevice = 100, cudaErrorLaunchFailure = 719,
              cudaErrorStreamCaptureUnsupported = 900;
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice };
struct cudaDeviceProp {
  char name[256];
};

namespace emulation {

using Work = std::vector<std::function<void()>>;
struct Stream {
  bool recording = false;
  Work recorded;
};

// What was asked of the device since somebody last looked.
struct Counts {
  int waits, kernels, graphs, copies, allocations;
};

// The pretended device.
struct Device {
  static Device &instance() {
    static Device device;
    return device;
  }
  void submit(Stream *stream, std::function<void()> work) {
    (stream && stream->recording ? stream->recorded : started).push_back(std::move(work));
  }
  // Runs what was started. A stream that is recorded forbids it.
  cudaError_t wait() {
    if (recording > 0) return cudaErrorStreamCaptureUnsupported;
    counts.waits++;
    run();
    return cudaSuccess;
  }
  void run() {
    for (const auto &work : std::exchange(started, {})) work();
  }

  int devices = 1;
  int launches = -1; // until one fails; -1: none does
  int recording = 0; // streams
  size_t total = size_t(4) << 30, used = 0;
  std::map<void *, size_t> blocks;
  std::map<char *, size_t> pinned;
  Work started;
  Counts counts{};
};

inline bool pinned(const void *at) {
  const auto &blocks = Device::instance().pinned;
  auto after = blocks.upper_bound(static_cast<char *>(const_cast<void *>(at)));
  return after != blocks.begin() && (--after, at < after->first + after->second);
}
inline void copy(void *to, const void *from, size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

} // namespace emulation

inline const char *cudaGetErrorString(cudaError_t error) {
  if (error == cudaErrorMemoryAllocation) return "out of memory";
  if (error == cudaErrorLaunchFailure) return "unspecified launch failure";
  if (error == cudaErrorStreamCaptureUnsupported) return "operation not permitted when stream is capturing";
  return error == cudaErrorNoDevice ? "no CUDA-capable device is detected" : "no error";
}
inline cudaError_t cudaGetLastError() {
  int &launches = emulation::Device::instance().launches;
  if (launches > 0) launches--;
  return launches == 0 ? cudaErrorLaunchFailure : cudaSuccess;
}
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
  if (device.recording > 0) return cudaErrorStreamCaptureUnsupported;
  device.counts.allocations++;
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
  device.run();
  device.used -= found->second;
  device.blocks.erase(found);
  std::free(block);
  return cudaSuccess;
}
template <class T> cudaError_t cudaMallocHost(T **at, size_t bytes) {
  emulation::Device &device = emulation::Device::instance();
  if (device.recording > 0) return cudaErrorStreamCaptureUnsupported;
  device.counts.allocations++;
  char *block = static_cast<char *>(std::malloc(bytes));
  if (!block) return cudaErrorMemoryAllocation;
  device.pinned[block] = bytes;
  *at = reinterpret_cast<T *>(block);
  return cudaSuccess;
}
inline cudaError_t cudaFreeHost(void *block) {
  emulation::Device &device = emulation::Device::instance();
  device.run();
  device.pinned.erase(static_cast<char *>(block));
  std::free(block);
  return cudaSuccess;
}

using cudaStream_t = emulation::Stream *;
constexpr unsigned cudaStreamNonBlocking = 1;
inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned) {
  *stream = new emulation::Stream;
  return cudaSuccess;
}
inline cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete stream;
  return cudaSuccess;
}
inline cudaError_t cudaStreamSynchronize(cudaStream_t) { return emulation::Device::instance().wait(); }

// Memory of the processor that is not pinned makes a copy wait; a recorded step may have no such copy.
inline cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  emulation::Device &device = emulation::Device::instance();
  if (!stream || !stream->recording) device.counts.copies++;
  const bool waits = kind != cudaMemcpyDeviceToDevice && !emulation::pinned(kind == cudaMemcpyHostToDevice ? from : to);
  if (waits)
    if (const cudaError_t error = device.wait()) return error;
  device.submit(stream, [=] { emulation::copy(to, from, bytes); });
  if (waits) device.run();
  return cudaSuccess;
}
inline cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream) {
  emulation::Device::instance().submit(stream, [=] {
    if (bytes > 0) std::memset(to, value, bytes);
  });
  return cudaSuccess;
}

using cudaGraph_t = emulation::Work *;
using cudaGraphExec_t = emulation::Work *;
enum cudaStreamCaptureMode { cudaStreamCaptureModeThreadLocal };
inline cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  if (!stream || stream->recording) return cudaErrorStreamCaptureUnsupported;
  stream->recording = true;
  emulation::Device::instance().recording++;
  return cudaSuccess;
}
inline cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph) {
  if (!stream->recording) return cudaErrorStreamCaptureUnsupported;
  stream->recording = false;
  emulation::Device::instance().recording--;
  *graph = new emulation::Work(std::exchange(stream->recorded, {}));
  return cudaSuccess;
}
inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t *executable, cudaGraph_t graph, unsigned long long) {
  *executable = new emulation::Work(*graph);
  return cudaSuccess;
}
inline cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
inline cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph) {
  delete graph;
  return cudaSuccess;
}
inline cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream) {
  emulation::Device &device = emulation::Device::instance();
  device.counts.graphs++;
  for (const auto &work : *graph) device.submit(stream, work);
  return cudaSuccess;
}

namespace emulation {

template <class... Parameters>
void run_kernel(bool meets, void (*kernel)(Parameters...), Extent grid, Extent block, Parameters... arguments) {
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

template <class... Parameters> void launch(bool meets, Stream *stream, void (*kernel)(Parameters...), Extent grid,
                                           Extent block, std::type_identity_t<Parameters>... arguments) {
  Device &device = Device::instance();
  if (!stream || !stream->recording) device.counts.kernels++;
  device.submit(stream, [=] { run_kernel<Parameters...>(meets, kernel, grid, block, arguments...); });
}

} // namespace emulation
