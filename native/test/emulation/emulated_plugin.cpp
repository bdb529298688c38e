// The plugin from the kernels' own sources, with the processor in the place of a GPU.
#include "ops/cuda/plugin.cu"

// What a test may turn: the order of threads (0 ascending, 1 descending), how many devices there are, and their memory.
extern "C" __attribute__((visibility("default"))) void trainer_emulation(int order, int devices, size_t bytes) {
  emulation::order = order;
  emulation::Memory &memory = emulation::Memory::instance();
  memory.devices = devices, memory.total = bytes;
}
