#include "update.h"
#include <atomic>
#include <cstring>

namespace trainer {

static size_t blocks_of(size_t count) { return (count + parameter_block - 1) / parameter_block; }

void fold_gradients(const OpTable<float> &ops, WorkerPool &pool, const std::vector<Buffer<float>> &parts, size_t count,
                    bool fresh, Buffer<float> &total) {
  pool.run(blocks_of(total.size()), [&](size_t block, int) {
    const size_t begin = block * parameter_block, size = std::min(parameter_block, total.size() - begin);
    float *sum = total.data() + begin;
    if (fresh) std::memcpy(sum, parts[0].data() + begin, size * sizeof(float));
    for (size_t i = fresh ? 1 : 0; i < count; i++) ops.add(sum, parts[i].data() + begin, sum, size);
  });
}

float gradient_norm(const OpTable<float> &ops, WorkerPool &pool, const Buffer<float> &gradient) {
  std::vector<float> sums(blocks_of(gradient.size()));
  pool.run(sums.size(), [&](size_t block, int) {
    const size_t begin = block * parameter_block;
    sums[block] = ops.square_sum(gradient.data() + begin, int(std::min(parameter_block, gradient.size() - begin)));
  });
  float total = 0.0f;
  for (float sum : sums) total = total + sum;
  return __builtin_sqrtf(total);
}

static bool all_finite(const float *values, size_t count) {
  uint32_t bad = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    std::memcpy(&bits, values + i, sizeof bits);
    bad |= (bits & 0x7f800000u) == 0x7f800000u;
  }
  return bad == 0;
}

Optimiser::Optimiser(const OpTable<float> &ops, const ParameterTable &table)
    : ops_(ops), table_(table), first_(table.count()), second_(table.count()) {}

bool Optimiser::update_block(const StepConstants &constants, const float *gradient, const float *anchor, float *weights,
                             size_t begin, size_t end) {
  for (const Parameter &parameter : table_.all()) {
    const size_t from = std::max(begin, parameter.offset), to = std::min(end, parameter.offset + parameter.count);
    if (from >= to) continue;
    AdamW<float> adamw = constants.adamw;
    if (!parameter.decays) adamw.weight_decay = 0.0f;
    ops_.adamw(adamw, weights + from, first_.data() + from, second_.data() + from, gradient + from, to - from);
  }
  if (anchor) ops_.pull(weights + begin, anchor + begin, constants.pull_rate, end - begin);
  return all_finite(weights + begin, end - begin);
}

bool Optimiser::update(WorkerPool &pool, const StepConstants &constants, const Buffer<float> &gradient,
                       const float *anchor, std::vector<float> &weights) {
  std::atomic<bool> finite = true;
  pool.run(blocks_of(weights.size()), [&](size_t block, int) {
    const size_t begin = block * parameter_block, end = std::min(begin + parameter_block, weights.size());
    if (!update_block(constants, gradient.data(), anchor, weights.data(), begin, end)) finite = false;
  });
  return finite;
}

std::vector<uint8_t> moments_file(const ParameterTable &table, const std::vector<float> &first,
                                  const std::vector<float> &second) {
  std::vector<ledger::Tensor> tensors;
  const auto add_all = [&](const std::string &prefix, const std::vector<float> &moments) {
    for (const Parameter &parameter : table.all()) {
      const auto begin = moments.begin() + ptrdiff_t(parameter.offset);
      tensors.push_back(
          {prefix + parameter.name, parameter.shape, std::vector<float>(begin, begin + ptrdiff_t(parameter.count))});
    }
  };
  add_all("first.", first);
  add_all("second.", second);
  return ledger::write_safetensors(tensors);
}

} // namespace trainer
