// A plugin of a later trainer: nothing behind its number may be looked at.
#include "ops/cuda/plugin.h"

extern "C" __attribute__((visibility("default"))) const void *trainer_device_plugin(void) {
  static const uint32_t table[] = {TRAINER_DEVICE_ABI + 1};
  return table;
}
