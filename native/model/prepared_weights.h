// Weights in the layouts that the ops read: matrices packed for matmul and the convolution's taps by position, made once
// per step and shared by all workers.
#pragma once
#include "ops/op_table.h"
#include "buffer.h"
#include "parameters.h"
#include <vector>

namespace trainer {

template <class Real> class PreparedWeights {
public:
  struct Layer {
    Buffer<Real> in_proj;          // [D] -> [F]; of attention [D] -> [3 D]
    Buffer<Real> in_proj_backward; // the other way
    Buffer<Real> out_proj;         // [DI] -> [D]; of attention [D] -> [D]
    Buffer<Real> out_proj_backward;
    Buffer<Real> taps; // [4, CD]; none of attention
  };

  PreparedWeights(const OpTable<Real> &ops, const ParameterTable &table, bool backward)
      : ops_(ops), table_(table), backward_(backward), layers_(table.shape().layers) {
    const Shape &shape = table.shape();
    for (int i = 0; i < shape.layers; i++) {
      Layer &layer = layers_[i];
      const int entering = shape.entering(i), leaving = shape.leaving(i);
      layer.in_proj = Buffer<Real>(ops.packed_size(shape.width, entering));
      layer.out_proj = Buffer<Real>(ops.packed_size(leaving, shape.width));
      if (!shape.attends(i)) layer.taps = Buffer<Real>(size_t(Shape::taps) * shape.convolved());
      if (!backward) continue;
      layer.in_proj_backward = Buffer<Real>(ops.packed_size(entering, shape.width));
      layer.out_proj_backward = Buffer<Real>(ops.packed_size(shape.width, leaving));
    }
    head_ = Buffer<Real>(ops.packed_size(shape.width, Shape::vocabulary));
    if (backward) head_backward_ = Buffer<Real>(ops.packed_size(Shape::vocabulary, shape.width));
  }

  // Work comes in pieces so that threads can share it: call prepare for every piece in [0, pieces()).
  size_t pieces() const { return layers_.size() + 1; }
  void prepare(size_t piece, const Real *values) {
    const Shape &shape = table_.shape();
    const int width = shape.width;
    if (piece == layers_.size()) {
      pack_pair(values + table_.embeddings(), Shape::vocabulary, width, head_, head_backward_);
      return;
    }
    const int index = int(piece);
    const LayerOffsets &at = table_.layer(index);
    Layer &layer = layers_[piece];
    pack_pair(values + at.in_proj, shape.entering(index), width, layer.in_proj, layer.in_proj_backward);
    pack_pair(values + at.out_proj, width, shape.leaving(index), layer.out_proj, layer.out_proj_backward);
    if (shape.attends(index)) return;
    for (int j = 0; j < shape.convolved(); j++)
      for (int i = 0; i < Shape::taps; i++)
        layer.taps[size_t(i) * shape.convolved() + j] = values[at.taps + size_t(j) * Shape::taps + i];
  }

  const Layer &layer(int index) const { return layers_[index]; }
  const Buffer<Real> &head() const { return head_; }
  const Buffer<Real> &head_backward() const { return head_backward_; }

private:
  // A weight [outputs, inputs] as the right-hand side of x W^T and, for the backward, of dy W.
  void pack_pair(const Real *weight, int outputs, int inputs, Buffer<Real> &forward, Buffer<Real> &backward) {
    ops_.pack({weight, 1, inputs}, inputs, outputs, forward.data());
    if (backward_) ops_.pack({weight, inputs, 1}, outputs, inputs, backward.data());
  }

  const OpTable<Real> &ops_;
  const ParameterTable &table_;
  bool backward_;
  std::vector<Layer> layers_;
  Buffer<Real> head_, head_backward_;
};

} // namespace trainer
