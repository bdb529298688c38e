// What the kernels and their callers share: launching, memory, errors, and the reductions of a warp. Compiled by nvcc
// for a device, and by g++ with the header of test/emulation in the place of the toolkit's.
#pragma once
#include "canon/cuda.h"
#include "canon/functions.h"
#include <cstddef>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace trainer {
namespace {

struct DeviceError : std::runtime_error {
  DeviceError(const std::string &what, cudaError_t error) : std::runtime_error(what), code(error) {}
  cudaError_t code;
};

inline void check_device(cudaError_t error, const char *what) {
  if (error != cudaSuccess) throw DeviceError(std::string(what) + ": " + cudaGetErrorString(error), error);
}

// Where this thread queues work for the device: the stream of the session at hand, or else the device's first.
inline cudaStream_t &stream_at_hand() {
  thread_local cudaStream_t stream = nullptr;
  return stream;
}
inline void wait_for_device(const char *what) { check_device(cudaStreamSynchronize(stream_at_hand()), what); }

template <class T> void read_device(const T *from, T *to, size_t count) {
  check_device(cudaMemcpyAsync(to, from, count * sizeof(T), cudaMemcpyDeviceToHost, stream_at_hand()),
               "copy from the device");
  wait_for_device("copy from the device");
}
template <class T> void clear_device(T *at, size_t count) {
  check_device(cudaMemsetAsync(at, 0, count * sizeof(T), stream_at_hand()), "clearing");
}

// Memory of the device, not initialised.
template <class T> class DeviceBuffer {
public:
  DeviceBuffer() = default;
  explicit DeviceBuffer(size_t count) : count_(count) {
    if (count > 0) check_device(cudaMalloc(&data_, count * sizeof(T)), "memory of the device");
  }
  DeviceBuffer(const T *from, size_t count) : DeviceBuffer(count) { write(from); }
  DeviceBuffer(DeviceBuffer &&other) noexcept
      : data_(std::exchange(other.data_, nullptr)), count_(std::exchange(other.count_, 0)) {}
  DeviceBuffer &operator=(DeviceBuffer &&other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    return *this;
  }
  ~DeviceBuffer() { cudaFree(data_); }

  T *data() const { return data_; }
  size_t size() const { return count_; }
  // Both wait until all is copied.
  void write(const T *from) { write(from, count_); }
  void write(const T *from, size_t count) {
    check_device(cudaMemcpyAsync(data_, from, count * sizeof(T), cudaMemcpyHostToDevice, stream_at_hand()),
                 "copy to the device");
    wait_for_device("copy to the device");
  }
  void read(T *to) const { read(to, count_); }
  void read(T *to, size_t count) const { read_device(data_, to, count); }
  void clear(size_t count) const { clear_device(data_, count); }

private:
  T *data_ = nullptr;
  size_t count_ = 0;
};

// Without `Meets` the threads of a block never wait for each other, which spares an emulation some work.
template <bool Meets = true, class... Parameters>
void launch(void (*kernel)(Parameters...), dim3 grid, unsigned threads, std::type_identity_t<Parameters>... arguments) {
  if (grid.x == 0 || grid.y == 0 || grid.z == 0) return;
#if defined(__CUDACC__)
  kernel<<<grid, threads, 0, stream_at_hand()>>>(arguments...);
#else
  emulation::launch(Meets, stream_at_hand(), kernel, grid, dim3(threads), arguments...);
#endif
  check_device(cudaGetLastError(), "starting a kernel");
}

constexpr int warp_lanes = 32;
constexpr unsigned block_threads = 256, warps_of_block = block_threads / warp_lanes;

inline unsigned blocks_for(size_t count, size_t each) { return unsigned((count + each - 1) / each); }

// One thread for each of `count` elements.
template <class... Parameters> void launch_elements(void (*kernel)(size_t, Parameters...), size_t count,
                                                    std::type_identity_t<Parameters>... arguments) {
  launch<false>(kernel, blocks_for(count, block_threads), block_threads, count, arguments...);
}

// One warp for each of `count` rows.
template <class... Parameters>
void launch_rows(void (*kernel)(size_t, Parameters...), size_t count, std::type_identity_t<Parameters>... arguments) {
  launch(kernel, blocks_for(count, warps_of_block), block_threads, count, arguments...);
}

__device__ inline size_t element_index() { return size_t(blockIdx.x) * block_threads + threadIdx.x; }
__device__ inline size_t row_index() { return size_t(blockIdx.x) * warps_of_block + threadIdx.x / warp_lanes; }
__device__ inline int lane_index() { return int(threadIdx.x % warp_lanes); }

// R32, its tree: lane j holds what fell to it. Both lanes of a pair add the same two values, so every lane gets the
// sum.
__device__ inline float fold_warp(float lane) {
  for (int half = warp_lanes / 2; half > 0; half /= 2) lane = Cuda::add(lane, __shfl_xor_sync(~0u, lane, half));
  return lane;
}

// R32 of x_i y_i, each taken in by fma.
__device__ inline float warp_dot(const float *x, const float *y, int count) {
  float sum = 0.0f;
  for (int i = lane_index(); i < count; i += warp_lanes) sum = Cuda::fma(x[i], y[i], sum);
  return fold_warp(sum);
}

// The largest of `count` values, in every lane.
__device__ inline float warp_largest(const float *x, int count) {
  float most = x[0];
  for (int i = lane_index(); i < count; i += warp_lanes) most = x[i] > most ? x[i] : most;
  for (int half = warp_lanes / 2; half > 0; half /= 2) {
    const float other = __shfl_xor_sync(~0u, most, half);
    most = other > most ? other : most;
  }
  return __shfl_sync(~0u, most, 0); // zeros of both signs are equal and yet not the same
}

} // namespace
} // namespace trainer
