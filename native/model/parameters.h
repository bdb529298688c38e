// The parameters of a model as one flat array in checkpoint order, with names and shapes of Hugging Face Mamba2ForCausalLM;
// attention layers have those of NemotronHForCausalLM, whose blocks are the same.
#pragma once
#include "state/safetensors.h"
#include "shape.h"
#include <cstdint>
#include <string>
#include <vector>

namespace trainer {

struct Parameter {
  std::string name;
  std::vector<int64_t> shape;
  size_t offset, count;
  bool decays; // weight decay is for matrices only: in_proj, conv1d.weight, out_proj, and those of attention
};

// Attention has norm, in_proj (its q_proj, k_proj and v_proj side by side) and out_proj (its o_proj) only.
struct LayerOffsets {
  size_t norm, in_proj, taps, conv_bias, step_bias, decay_log, skip, gate_norm, out_proj;
};

class ParameterTable {
public:
  explicit ParameterTable(const Shape &shape);

  const Shape &shape() const { return shape_; }
  size_t count() const { return count_; }
  const std::vector<Parameter> &all() const { return all_; }
  size_t embeddings() const { return embeddings_; }
  size_t final_norm() const { return final_norm_; }
  const LayerOffsets &layer(int index) const { return layers_[index]; }

private:
  size_t add(std::string name, std::vector<int64_t> shape, bool decays);

  Shape shape_;
  size_t count_ = 0, embeddings_ = 0, final_norm_ = 0;
  std::vector<Parameter> all_;
  std::vector<LayerOffsets> layers_;
};

// A model: sizes and values.
struct Model {
  explicit Model(const Shape &shape) : table(shape), values(table.count()) {}
  ParameterTable table;
  std::vector<float> values;
};

// Fresh weights: a function of the shape and the seed alone.
Model initial_model(const Shape &shape, uint64_t seed);
// Throws ledger::Invalid naming the tensor when the file is no checkpoint of a supported model.
Model read_checkpoint(const uint8_t *data, size_t size, const std::string &what);
std::vector<uint8_t> write_checkpoint(const ParameterTable &table, const std::vector<float> &values);
// Throws ledger::Invalid naming the first size that is not supported.
void check_shape(const Shape &shape, const std::string &what);

} // namespace trainer
