// Work in the order in which it is queued, and steps that are recorded once and queued as a whole.
#pragma once
#include "device.h"

namespace trainer {
namespace {

// Does not wait for work of others, nor they for its own.
class Stream {
public:
  Stream() { check_device(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "a stream"); }
  Stream(const Stream &) = delete;
  ~Stream() { cudaStreamDestroy(stream_); }
  cudaStream_t get() const { return stream_; }

private:
  cudaStream_t stream_ = nullptr;
};

// While it lives, this thread queues its work there.
class OnStream {
public:
  explicit OnStream(const Stream &stream) : before_(std::exchange(stream_at_hand(), stream.get())) {}
  OnStream(const OnStream &) = delete;
  ~OnStream() { stream_at_hand() = before_; }

private:
  cudaStream_t before_;
};

// Memory of the processor that the device copies from and to without anybody waiting.
class PinnedMemory {
public:
  PinnedMemory() = default;
  explicit PinnedMemory(size_t size) { check_device(cudaMallocHost(&data_, size), "pinned memory"); }
  PinnedMemory(PinnedMemory &&other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  PinnedMemory &operator=(PinnedMemory &&other) noexcept {
    std::swap(data_, other.data_);
    return *this;
  }
  ~PinnedMemory() {
    if (data_) cudaFreeHost(data_);
  }
  unsigned char *data() const { return data_; }

private:
  unsigned char *data_ = nullptr;
};

// A list of kernels and clearings, all of whose arguments stay what they were.
class Recording {
public:
  Recording() = default;
  Recording(const Recording &) = delete;
  ~Recording() {
    if (executable_) cudaGraphExecDestroy(executable_);
  }
  bool empty() const { return !executable_; }

  // Records what `work` queues on the stream at hand, which does not run.
  template <class Work> void record(Work work) {
    const cudaStream_t stream = stream_at_hand();
    cudaGraph_t graph = nullptr;
    check_device(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "recording a step");
    try {
      work();
    } catch (...) {
      if (cudaStreamEndCapture(stream, &graph) == cudaSuccess && graph) cudaGraphDestroy(graph);
      throw;
    }
    check_device(cudaStreamEndCapture(stream, &graph), "recording a step");
    const cudaError_t error = cudaGraphInstantiate(&executable_, graph, 0);
    cudaGraphDestroy(graph);
    check_device(error, "recording a step");
  }
  void queue() const { check_device(cudaGraphLaunch(executable_, stream_at_hand()), "starting a recorded step"); }

private:
  cudaGraphExec_t executable_ = nullptr;
};

} // namespace
} // namespace trainer
