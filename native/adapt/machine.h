// Where a job is computed: on the processor, by a table of ops and threads, or on a device.
#pragma once
#include "model/worker_pool.h"
#include "ops/cuda/plugin.h"
#include "ops/op_table.h"

namespace trainer {

struct Machine {
  const OpTable<float> &ops;
  WorkerPool &pool;
  const trainer_device_plugin_table *device = nullptr; // not null: it trains and scores
};

} // namespace trainer
