// The emulated device, which passes its self-test and then, at the second step of a session, does what FAILING_PLUGIN
// says: "crash", "memory" or "kernel".
#include "ops/cuda/plugin.h"
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <string>

static const trainer_device_plugin_table *emulated;
static size_t asked = 0;

static int open_session(const trainer_device_model *model, trainer_device_session **session, trainer_device_line *cause) {
  asked = 0;
  return emulated->open(model, session, cause);
}

static int train(trainer_device_session *session, const trainer_device_step *steps, size_t count, float *outcomes,
                 trainer_device_line *cause) {
  asked += count;
  if (asked < 2) return emulated->train(session, steps, count, outcomes, cause);
  const char *chosen = std::getenv("FAILING_PLUGIN");
  const std::string how = chosen ? chosen : "";
  if (how == "crash") std::raise(SIGSEGV);
  const bool memory = how == "memory";
  std::strcpy(cause->text, memory ? "out of memory: the device is full" : "starting a kernel: unspecified launch failure");
  return memory ? TRAINER_DEVICE_MEMORY : TRAINER_DEVICE_FAILED;
}

extern "C" __attribute__((visibility("default"))) const trainer_device_plugin_table *trainer_device_plugin(void) {
  Dl_info here;
  if (!dladdr(reinterpret_cast<void *>(&trainer_device_plugin), &here)) return nullptr;
  const std::string path = here.dli_fname;
  void *library = dlopen((path.substr(0, path.rfind('/') + 1) + "emulated_cuda.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) return nullptr;
  emulated = reinterpret_cast<trainer_device_entry>(dlsym(library, TRAINER_DEVICE_ENTRY))();
  static trainer_device_plugin_table table = *emulated;
  table.open = open_session;
  table.train = train;
  return &table;
}
