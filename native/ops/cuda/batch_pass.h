// A batch of sequences through the model, forward and backward, all of it on the device. The list of ops is that of
// model/sequence_pass.h; here each op takes all sequences at once, and each sequence has its own gradient.
#pragma once
#include "attention.h"
#include "conv.h"
#include "gate.h"
#include "loss.h"
#include "matmul.h"
#include "model/parameters.h"
#include "optimiser.h"
#include "ssd_gradients.h"
#include <algorithm>

namespace trainer {
namespace {

// The tokens of a position, as Positions has its other bytes.
struct Tokens {
  const uint8_t *data;
  size_t length, stride;
  __device__ int operator()(size_t row) const { return data[row / length * stride + row % length]; }
};

__global__ void embed_kernel(size_t count, const float *embeddings, Tokens tokens, int width, float *x) {
  const size_t i = element_index();
  if (i < count) x[i] = embeddings[size_t(tokens(i / width)) * width + i % width];
}

// Adds a sequence's gradients of the stream to the rows of its tokens, positions ascending: a thread for each channel.
__global__ void embed_gradient_kernel(size_t count, const float *grad_x, Tokens tokens, int width, float *gradient,
                                      size_t stride) {
  const size_t i = element_index();
  if (i >= count) return;
  const size_t sequence = i / width, j = i % width;
  for (size_t t = sequence * tokens.length; t < (sequence + 1) * tokens.length; t++) {
    float &sum = gradient[sequence * stride + size_t(tokens(t)) * width + j];
    sum = Cuda::add(sum, grad_x[t * width + j]);
  }
}

// A gradient in the hidden states after a layer, [sequences, length, width], beside that of the logits.
struct AskedOfHidden {
  int layer;
  const float *values;
};

class BatchPass {
public:
  // Room for `sequences`; without `backward` only what the next layer needs is kept.
  BatchPass(const ParameterTable &table, int sequences, int length, bool backward)
      : table_(table), shape_(table.shape()), room_(shape_, sequences, length), keeps_(backward),
        layers_(backward ? shape_.layers : 1) {
    size_t used = 0;
    place([&](size_t count) { return used += padded(count), nullptr; });
    memory_ = DeviceBuffer<float>(used);
    float *next = memory_.data();
    place([&](size_t count) { return std::exchange(next, next + padded(count)); });
  }
  // Floats on the device for each sequence.
  static size_t floats_for(const ParameterTable &table, int length, bool backward) {
    size_t used = 0;
    BatchPass measured(table, length, backward);
    measured.place([&](size_t count) { return used += padded(count), nullptr; });
    return used;
  }

  // Hidden states after a layer in the last forward, [sequences, length, width]. Only with `backward`.
  const float *hidden(int layer) const { return layer + 1 < shape_.layers ? layers_[layer + 1].x : last_; }
  // Logits [sequences, length, 256] of the tokens, to be read or overwritten with their gradient. `seen` gets each layer
  // and the hidden states after it.
  float *forward(const float *values, const Tokens &tokens, int sequences) {
    return forward(values, tokens, sequences, [](int, const float *) {});
  }
  template <class Seen> float *forward(const float *values, const Tokens &tokens, int sequences, Seen seen) {
    const Sizes at(shape_, sequences, room_.length);
    launch_elements(embed_kernel, at.rows() * shape_.width, values + table_.embeddings(), tokens, shape_.width,
                    layers_[0].x);
    for (int i = 0; i < shape_.layers; i++) {
      const bool top = i + 1 == shape_.layers;
      Activations &kept = layers_[keeps_ ? i : 0];
      layer_forward(i, at, values, kept, keeps_ && !top ? layers_[i + 1].x : last_);
      seen(i, keeps_ && !top ? layers_[i + 1].x : last_);
      if (!keeps_ && !top) std::swap(kept.x, last_);
    }
    launch_rows(norm_forward_kernel, at.rows(), last_, values + table_.final_norm(), shape_.width, normal_,
                last_inverse_);
    times_transposed(at, normal_, shape_.width, values + table_.embeddings(), Shape::vocabulary, logits_);
    return logits_;
  }
  // Given the gradient in the logits of the last forward, fills the gradient of each sequence: all parameters, one
  // sequence's after the other's.
  void backward(const float *values, const Tokens &tokens, int sequences, float *gradient,
                const std::vector<AskedOfHidden> &hidden = {}) {
    const Sizes at(shape_, sequences, room_.length);
    const int width = shape_.width;
    clear_device(gradient, size_t(sequences) * table_.count());
    weight_gradient(at, logits_, Shape::vocabulary, normal_, width, gradient + table_.embeddings());
    times(at, logits_, Shape::vocabulary, values + table_.embeddings(), width, grad_normal_);
    norm_backward(at, last_, values + table_.final_norm(), last_inverse_, gradient + table_.final_norm(), false);
    for (int i = shape_.layers - 1; i >= 0; i--) {
      for (const AskedOfHidden &asked : hidden)
        if (asked.layer == i) launch_elements(add_kernel, at.rows() * width, grad_x_, asked.values, grad_x_);
      layer_backward(i, at, values, layers_[i], gradient);
    }
    launch_elements(embed_gradient_kernel, size_t(sequences) * width, grad_x_, tokens, width,
                    gradient + table_.embeddings(), table_.count());
  }

private:
  struct Activations {
    float *x, *inverse, *projected, *output;                        // of every layer
    float *activated, *gate, *step, *decay, *states, *gate_inverse; // of Mamba-2
    float *peak, *share;                                            // of attention
  };

  // Measures only.
  BatchPass(const ParameterTable &table, int length, bool backward)
      : table_(table), shape_(table.shape()), room_(shape_, 1, length), keeps_(backward),
        layers_(backward ? shape_.layers : 1) {}

  static size_t padded(size_t count) { return (count + 63) / 64 * 64; }

  AttentionSizes attention(int sequences) const { return {shape_, sequences, room_.length}; }
  // Columns of the widest first product.
  size_t entering(bool mamba, bool attends) const {
    return std::max<size_t>(mamba ? shape_.projected() : 0, attends ? 3 * shape_.width : 0);
  }

  template <class Take> void place(Take take) {
    const size_t rows = room_.rows(), width = shape_.width, inner = shape_.inner(), heads = shape_.heads();
    const bool attends = shape_.attention.any();
    for (int i = 0; i < int(layers_.size()); i++)
      place(layers_[i], !keeps_ || !shape_.attends(i), keeps_ ? shape_.attends(i) : attends, take);
    last_ = take(rows * width), last_inverse_ = take(rows), normal_ = take(rows * width), inner_ = take(rows * inner);
    logits_ = take(rows * Shape::vocabulary);
    chunk_.similarity = take(room_.blocks() * room_.chunk * room_.chunk);
    chunk_.entering = take(rows * heads), chunk_.leaving = take(rows * heads);
    if (attends) attention_ = place_attention(attention(room_.sequences), keeps_, take);
    if (!keeps_) return;
    grad_x_ = take(rows * width), grad_normal_ = take(rows * width), grad_inner_ = take(rows * inner);
    grad_output_ = take(rows * inner), grad_projected_ = take(rows * entering(true, attends));
    grad_activated_ = take(rows * room_.channels), grad_step_ = take(rows * heads), gated_ = take(rows * inner);
    ssd_ = place_backward(room_, chunk_, take);
  }
  // Memory of one layer, which may have to serve layers of both kinds.
  template <class Take> void place(Activations &kept, bool mamba, bool attends, Take take) {
    const size_t rows = room_.rows(), width = shape_.width, inner = shape_.inner(), heads = shape_.heads();
    kept.x = take(rows * width), kept.inverse = take(rows), kept.projected = take(rows * entering(mamba, attends));
    kept.output = take(rows * (mamba ? inner : width));
    if (attends) kept.peak = take(rows * shape_.attention_heads()), kept.share = take(rows * shape_.attention_heads());
    if (!mamba) return;
    kept.activated = take(rows * room_.channels), kept.gate = take(rows * room_.channels);
    kept.step = take(rows * heads), kept.decay = take(rows * heads), kept.gate_inverse = take(rows);
    kept.states = take(room_.blocks() * inner * shape_.state);
  }

  // out = x W^T with W [outputs, inputs].
  static void times_transposed(const Sizes &at, const float *x, int inputs, const float *weight, int outputs,
                               float *out) {
    device_product({int(at.rows()), outputs, inputs, {x, inputs, 1}, {weight, 1, inputs}, out, outputs});
  }
  // out = x W with W [inputs, outputs].
  static void times(const Sizes &at, const float *x, int inputs, const float *weight, int outputs, float *out) {
    device_product({int(at.rows()), outputs, inputs, {x, inputs, 1}, {weight, outputs, 1}, out, outputs});
  }
  // For each sequence: gradient[m, n] = sum over positions of left[t, m] * right[t, n].
  void weight_gradient(const Sizes &at, const float *left, int m, const float *right, int n, float *gradient) const {
    const ptrdiff_t length = at.length;
    Product product{m, n, at.length, {left, 1, m}, {right, n, 1}, gradient, n};
    product.items = at.sequences, product.c_item = ptrdiff_t(table_.count());
    product.a_item = length * m, product.b_item = length * n;
    device_product(product);
  }
  void norm_backward(const Sizes &at, const float *x, const float *weight, const float *inverse, float *grad_weight,
                     bool accumulate) const {
    const int width = shape_.width;
    launch_rows(norm_backward_kernel, at.rows(),
                NormBackward{x, weight, inverse, grad_normal_, width, grad_x_, accumulate});
    launch_elements(norm_weight_kernel, size_t(at.sequences) * width,
                    NormWeight{x, inverse, grad_normal_, at.length, width, grad_weight, table_.count()});
  }
  // Taps stand as in the parameters: [CD, 1, 4].
  static constexpr Taps taps{1, Shape::taps};

  void layer_forward(int index, const Sizes &sizes, const float *values, Activations &kept, float *out) {
    const LayerOffsets &at = table_.layer(index);
    const int width = shape_.width;
    launch_rows(norm_forward_kernel, sizes.rows(), kept.x, values + at.norm, width, normal_, kept.inverse);
    times_transposed(sizes, normal_, width, values + at.in_proj, shape_.entering(index), kept.projected);
    const float *mixed = shape_.attends(index) ? attention_forward(sizes, kept) : mamba_forward(sizes, at, values, kept);
    times_transposed(sizes, mixed, shape_.leaving(index), values + at.out_proj, width, out);
    launch_elements(add_kernel, sizes.rows() * width, kept.x, out, out);
  }
  // What the layer's second product reads.
  const float *mamba_forward(const Sizes &sizes, const LayerOffsets &at, const float *values, Activations &kept) {
    device_conv_forward(sizes,
                        {kept.projected, values + at.taps, values + at.conv_bias, values + at.step_bias,
                         values + at.decay_log, kept.activated, kept.gate, kept.step, kept.decay},
                        taps);
    device_ssd_forward(sizes,
                       {kept.activated, kept.step, kept.decay, values + at.skip, kept.output, kept.states,
                        ptrdiff_t(shape_.inner()) * shape_.state, nullptr},
                       chunk_);
    launch_rows(gate_forward_kernel, sizes.rows(), sizes,
                GateForward<float>{kept.output, kept.projected, values + at.gate_norm, inner_, kept.gate_inverse});
    return inner_;
  }
  const float *attention_forward(const Sizes &sizes, Activations &kept) {
    device_attention_forward(attention(sizes.sequences),
                             {kept.projected, kept.output, kept.peak, kept.share, nullptr}, attention_);
    return kept.output;
  }

  void layer_backward(int index, const Sizes &sizes, const float *values, Activations &kept, float *gradient) {
    const LayerOffsets &at = table_.layer(index);
    const int width = shape_.width, entering = shape_.entering(index);
    times(sizes, grad_x_, width, values + at.out_proj, shape_.leaving(index), grad_inner_);
    if (shape_.attends(index)) attention_backward(sizes, at, kept, gradient);
    else mamba_backward(sizes, at, values, kept, gradient);
    launch_elements(norm_again_kernel, sizes.rows() * width, kept.x, values + at.norm, kept.inverse, width, normal_);
    weight_gradient(sizes, grad_projected_, entering, normal_, width, gradient + at.in_proj);
    times(sizes, grad_projected_, entering, values + at.in_proj, width, grad_normal_);
    norm_backward(sizes, kept.x, values + at.norm, kept.inverse, gradient + at.norm, true);
  }
  // From grad_inner_ to grad_projected_ and the gradients of out_proj and of all between the products.
  void mamba_backward(const Sizes &sizes, const LayerOffsets &at, const float *values, Activations &kept,
                      float *gradient) {
    device_gate_backward(sizes,
                         {kept.output, kept.projected, values + at.gate_norm, kept.gate_inverse, grad_inner_, inner_,
                          grad_output_, grad_projected_, gradient + at.gate_norm, gated_},
                         table_.count());
    weight_gradient(sizes, grad_x_, shape_.width, inner_, shape_.inner(), gradient + at.out_proj);
    device_ssd_backward(sizes,
                        {kept.activated, kept.step, kept.decay, values + at.skip, kept.states, values + at.decay_log,
                         grad_output_, grad_activated_, grad_step_, gradient + at.skip, gradient + at.decay_log,
                         nullptr},
                        ssd_, table_.count());
    device_conv_backward(sizes,
                         {kept.projected, values + at.taps, values + at.step_bias, kept.activated, kept.gate,
                          grad_activated_, grad_step_, grad_projected_, gradient + at.taps, gradient + at.conv_bias,
                          gradient + at.step_bias},
                         taps, table_.count());
  }
  void attention_backward(const Sizes &sizes, const LayerOffsets &at, Activations &kept, float *gradient) {
    weight_gradient(sizes, grad_x_, shape_.width, kept.output, shape_.width, gradient + at.out_proj);
    device_attention_backward(attention(sizes.sequences),
                              {kept.projected, kept.peak, kept.share, grad_inner_, grad_projected_, nullptr},
                              attention_);
  }

  const ParameterTable &table_;
  const Shape shape_;
  const Sizes room_;
  bool keeps_;
  std::vector<Activations> layers_;
  float *last_, *last_inverse_, *normal_, *inner_, *logits_;
  float *grad_x_, *grad_normal_, *grad_inner_, *grad_output_, *grad_projected_, *grad_activated_, *grad_step_, *gated_;
  ChunkScratch chunk_;
  SsdBackwardScratch ssd_;
  AttentionScratch attention_;
  DeviceBuffer<float> memory_;
};

} // namespace
} // namespace trainer
