// The plugin from the kernels' own sources, with the processor in the place of a GPU.
#include "ops/cuda/plugin.cu"

// What a test may turn: the order of threads (0 ascending, 1 descending), how many devices there are, their memory, and
// after how many kernels one fails (-1: none).
extern "C" __attribute__((visibility("default"))) void trainer_emulation(int order, int devices, size_t bytes,
                                                                         int launches) {
  emulation::order = order;
  emulation::Device &device = emulation::Device::instance();
  device.devices = devices, device.total = bytes, device.launches = launches;
}

// What was asked of the device since this was last called.
extern "C" __attribute__((visibility("default"))) emulation::Counts trainer_emulation_counts() {
  return std::exchange(emulation::Device::instance().counts, {});
}
