// The plugin that computes on a device. It comes into this process only after a forked copy of the process has tried
// it, so that whatever it does wrong there costs one line and no crash.
#pragma once
#include "ops/cuda/plugin.h"
#include <string>

namespace trainer {

struct DeviceStatus {
  bool available;
  std::string text; // what the device is, or why there is none
};

// Where the plugin is looked for: TRAINER_DEVICE_PLUGIN, or trainer_cuda.so beside this program.
std::string device_plugin_path();
// Opens the plugin in a forked process and compares every op with the golden hashes of the contract.
DeviceStatus try_device(const std::string &path);
// The same for the path above, tried once in the life of this process.
const DeviceStatus &device_status();
// Throws Failure(TRAINER_UNAVAILABLE) with the reason.
const trainer_device_plugin_table &open_device(const std::string &path);
const trainer_device_plugin_table &open_device();
// The device for the backend "cuda", null for "cpu" and for no name. Throws Failure(TRAINER_UNAVAILABLE) for any other
// name too.
const trainer_device_plugin_table *device_of(const char *backend);
// Throws Failure with what the plugin said, unless `code` is TRAINER_DEVICE_OK.
void check_device(int code, const trainer_device_line &cause);

} // namespace trainer
