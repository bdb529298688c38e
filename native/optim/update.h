// Folding of per-sequence gradients, clipping and the AdamW update, shared out in parameter blocks of 4,096.
#pragma once
#include "model/buffer.h"
#include "model/parameters.h"
#include "model/worker_pool.h"
#include "ops/op_table.h"
#include "schedule.h"
#include <vector>

namespace trainer {

constexpr size_t parameter_block = 4096;

// total = total + parts[0] + parts[1] ... in that order, or parts[0] + ... when `fresh`.
void fold_gradients(const OpTable<float> &ops, WorkerPool &pool, const std::vector<Buffer<float>> &parts, size_t count,
                    bool fresh, Buffer<float> &total);
// sqrt of the ascending sum of the blocks' R32 sums of squares.
float gradient_norm(const OpTable<float> &ops, WorkerPool &pool, const Buffer<float> &gradient);

// First and second moments as tensors "first.<parameter>" and "second.<parameter>".
std::vector<uint8_t> moments_file(const ParameterTable &table, const std::vector<float> &first,
                                  const std::vector<float> &second);

class Optimiser {
public:
  Optimiser(const OpTable<float> &ops, const ParameterTable &table);
  // Updates the weights; `anchor` may be null. False when a weight is no longer finite.
  bool update(WorkerPool &pool, const StepConstants &constants, const Buffer<float> &gradient, const float *anchor,
              std::vector<float> &weights);
  std::vector<uint8_t> state_file() const { return moments_file(table_, first_, second_); }

private:
  bool update_block(const StepConstants &constants, const float *gradient, const float *anchor, float *weights,
                    size_t begin, size_t end);

  const OpTable<float> &ops_;
  const ParameterTable &table_;
  std::vector<float> first_, second_;
};

} // namespace trainer
