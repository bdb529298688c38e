// Forward passes on the processor.
#pragma once
#include "model/sequence_pass.h"
#include "model/worker_pool.h"
#include <memory>

namespace trainer {

// One model ready for forward passes on every worker.
class Forward {
public:
  // Only when it `keeps` can hidden states be asked for.
  Forward(const OpTable<float> &ops, WorkerPool &pool, const Model &model, int length, bool keeps = false)
      : model_(model), prepared_(ops, model.table, false) {
    pool.run(prepared_.pieces(), [&](size_t piece, int) { prepared_.prepare(piece, model.values.data()); });
    for (int worker = 0; worker < pool.threads(); worker++)
      passes_.push_back(std::make_unique<SequencePass<float>>(ops, model.table, length, keeps));
  }
  // length x 256, until the worker's next call.
  float *logits(int worker, const uint8_t *tokens) {
    return passes_[worker]->forward(prepared_, model_.values.data(), tokens);
  }
  // length x width, of the worker's last call.
  const float *hidden(int worker, int layer) const { return passes_[worker]->hidden(layer); }
  float *scratch(int worker) { return passes_[worker]->scratch(); }

private:
  const Model &model_;
  PreparedWeights<float> prepared_;
  std::vector<std::unique_ptr<SequencePass<float>>> passes_;
};

} // namespace trainer
