// A plugin whose additions are off by one bit.
#include "ops/cuda/plugin.h"
#include "ops/reference/table.h"
#include <cstring>

static void add(const float *a, const float *b, float *sum, size_t count) {
  trainer::reference_add(a, b, sum, count);
  uint32_t bits;
  std::memcpy(&bits, sum, sizeof bits);
  bits ^= 1;
  std::memcpy(sum, &bits, sizeof bits);
}

static int probe(trainer_device_line *line) {
  std::strcpy(line->text, "a device that adds wrongly");
  return TRAINER_DEVICE_OK;
}

static void no_failure(trainer_device_line *line) { line->text[0] = 0; }

extern "C" __attribute__((visibility("default"))) const trainer_device_plugin_table *trainer_device_plugin(void) {
  static trainer::OpTable<float> ops = trainer::reference_table<float>("wrong");
  ops.add = add;
  static trainer_device_plugin_table table{};
  table.abi = TRAINER_DEVICE_ABI, table.size = sizeof table, table.probe = probe;
  table.ops = &ops, table.ops_failure = no_failure;
  return &table;
}
