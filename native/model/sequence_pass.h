// One sequence through the model, forward and backward, as a list of ops. Owns the memory of one worker.
#pragma once
#include "arena.h"
#include "prepared_weights.h"
#include <algorithm>
#include <span>

namespace trainer {

// A gradient in the hidden states after a layer, [length, width]: what an objective asks of them beside the logits.
template <class Real> struct HiddenGradient {
  int layer;
  const Real *values;
};

template <class Real> class SequencePass {
public:
  // Without `backward` only the running activations are kept.
  SequencePass(const OpTable<Real> &ops, const ParameterTable &table, int length, bool backward);

  int length() const { return length_; }
  // Logits [length, 256] of the tokens, to be read or overwritten with their gradient.
  Real *forward(const PreparedWeights<Real> &prepared, const Real *values, const uint8_t *tokens);
  // Hidden states after a layer in the last forward, [length, width]: the residual stream, before the final norm. Only
  // with `backward`.
  const Real *hidden(int layer) const { return layer + 1 < shape_.layers ? layers_[layer + 1].x : last_; }
  // Given the gradient in the logits of the last forward, and what is asked of hidden states, fills `gradient` (all
  // parameters).
  void backward(const PreparedWeights<Real> &prepared, const Real *values, const uint8_t *tokens, Real *gradient,
                std::span<const HiddenGradient<Real>> hidden = {});
  Real *scratch() { return scratch_; } // at least 3 * max(inner, 256) values

private:
  struct Activations {
    Real *x, *inverse, *projected, *output;                        // of every layer
    Real *activated, *gate, *step, *decay, *states, *gate_inverse; // of Mamba-2
    Real *peak, *share;                                            // of attention
  };
  // Hands out all memory from one piece, in the order of use. Run twice: to measure, then to place.
  void place(Arena<Real> &arena);
  // Memory of one layer, which may have to serve layers of both kinds.
  void place(Arena<Real> &arena, Activations &kept, bool mamba, bool attention);
  // What the layer's second product reads, [length, leaving].
  const Real *mamba_forward(const LayerOffsets &at, const Real *taps, const Real *values, Activations &kept);
  const Real *attention_forward(Activations &kept);
  void layer_forward(int index, const PreparedWeights<Real> &prepared, const Real *values, Activations &kept, Real *out);
  void layer_backward(int index, const PreparedWeights<Real> &prepared, const Real *values, Activations &kept,
                      Real *gradient);
  // From grad_inner_ to grad_projected_ and the gradients of out_proj and of all between the products.
  void mamba_backward(const LayerOffsets &at, const Real *taps, const Real *values, Activations &kept, Real *gradient);
  void attention_backward(const LayerOffsets &at, Activations &kept, Real *gradient);
  // gradient[m, n] = sum over positions of left[t, m] * right[t, n]
  void weight_gradient(const Real *left, int m, const Real *right, int n, Real *gradient);

  const OpTable<Real> &ops_;
  const ParameterTable &table_;
  const Shape shape_;
  int length_;
  bool keeps_;
  std::vector<Activations> layers_;
  Real *last_, *last_inverse_, *normal_, *inner_, *logits_, *scratch_, *mixer_scratch_;
  Real *grad_x_, *grad_normal_, *grad_inner_, *grad_output_, *grad_projected_, *grad_activated_, *grad_step_, *grad_taps_;
  Real *packed_;
  Buffer<Real> memory_;
};

template <class Real>
SequencePass<Real>::SequencePass(const OpTable<Real> &ops, const ParameterTable &table, int length, bool backward)
    : ops_(ops), table_(table), shape_(table.shape()), length_(length), keeps_(backward),
      layers_(backward ? shape_.layers : 1) {
  Arena<Real> measured(nullptr);
  place(measured);
  memory_ = Buffer<Real>(measured.used());
  Arena<Real> placed(memory_.data());
  place(placed);
}

template <class Real> void SequencePass<Real>::place(Arena<Real> &arena) {
  const size_t rows = length_, width = shape_.width, inner = shape_.inner();
  for (int i = 0; i < int(layers_.size()); i++)
    place(arena, layers_[i], !keeps_ || !shape_.attends(i), keeps_ ? shape_.attends(i) : shape_.attention.any());
  last_ = arena.take(rows * width);
  last_inverse_ = arena.take(rows);
  normal_ = arena.take(rows * width);
  inner_ = arena.take(rows * inner);
  logits_ = arena.take(rows * Shape::vocabulary);
  scratch_ = arena.take(3 * std::max<size_t>({inner, width, Shape::vocabulary}));
  const size_t attention = shape_.attention.any() ? ops_.attention_scratch(shape_, length_) : 0;
  mixer_scratch_ = arena.take(std::max(ops_.ssd_scratch(shape_), attention));
  if (!keeps_) return;
  grad_x_ = arena.take(rows * width);
  grad_normal_ = arena.take(rows * width);
  grad_inner_ = arena.take(rows * inner);
  grad_output_ = arena.take(rows * inner);
  grad_projected_ = arena.take(rows * std::max(shape_.projected(), shape_.attention.any() ? 3 * shape_.width : 0));
  grad_activated_ = arena.take(rows * shape_.convolved());
  grad_step_ = arena.take(rows * shape_.heads());
  grad_taps_ = arena.take(size_t(Shape::taps) * shape_.convolved());
  packed_ = arena.take(std::max(ops_.packed_size(length_, shape_.inner()), ops_.packed_size(length_, shape_.width)));
}

template <class Real>
void SequencePass<Real>::place(Arena<Real> &arena, Activations &kept, bool mamba, bool attention) {
  const size_t rows = length_, inner = shape_.inner(), channels = shape_.convolved(), heads = shape_.heads();
  const size_t chunks = keeps_ ? rows / shape_.chunk : 1, width = shape_.width;
  kept.x = arena.take(rows * width);
  kept.inverse = arena.take(rows);
  kept.projected = arena.take(rows * std::max<size_t>(mamba ? shape_.projected() : 0, attention ? 3 * width : 0));
  kept.output = arena.take(rows * (mamba ? inner : width));
  if (mamba) {
    kept.activated = arena.take(rows * channels);
    kept.gate = arena.take(rows * channels);
    kept.step = arena.take(rows * heads);
    kept.decay = arena.take(rows * heads);
    kept.gate_inverse = arena.take(rows);
    kept.states = arena.take(chunks * inner * shape_.state);
  }
  if (attention) {
    kept.peak = arena.take(rows * shape_.attention_heads());
    kept.share = arena.take(rows * shape_.attention_heads());
  }
}

template <class Real>
Real *SequencePass<Real>::forward(const PreparedWeights<Real> &prepared, const Real *values, const uint8_t *tokens) {
  const int width = shape_.width;
  Real *first = layers_[0].x;
  for (int t = 0; t < length_; t++)
    std::copy_n(values + table_.embeddings() + size_t(tokens[t]) * width, width, first + size_t(t) * width);
  for (int i = 0; i < shape_.layers; i++) {
    const bool top = i + 1 == shape_.layers;
    Activations &kept = layers_[keeps_ ? i : 0];
    layer_forward(i, prepared, values, kept, keeps_ && !top ? layers_[i + 1].x : last_);
    if (!keeps_ && !top) std::swap(kept.x, last_);
  }
  ops_.norm_forward(last_, values + table_.final_norm(), length_, width, normal_, last_inverse_);
  ops_.matmul(length_, Shape::vocabulary, width, {normal_, width, 1}, prepared.head().data(), logits_,
              Shape::vocabulary);
  return logits_;
}

template <class Real>
void SequencePass<Real>::layer_forward(int index, const PreparedWeights<Real> &prepared, const Real *values,
                                       Activations &kept, Real *out) {
  const LayerOffsets &at = table_.layer(index);
  const auto &packed = prepared.layer(index);
  const int width = shape_.width, entering = shape_.entering(index), leaving = shape_.leaving(index);
  ops_.norm_forward(kept.x, values + at.norm, length_, width, normal_, kept.inverse);
  ops_.matmul(length_, entering, width, {normal_, width, 1}, packed.in_proj.data(), kept.projected, entering);
  const Real *mixed =
      shape_.attends(index) ? attention_forward(kept) : mamba_forward(at, packed.taps.data(), values, kept);
  ops_.matmul(length_, width, leaving, {mixed, leaving, 1}, packed.out_proj.data(), out, width);
  ops_.add(kept.x, out, out, size_t(length_) * width);
}

template <class Real>
const Real *SequencePass<Real>::mamba_forward(const LayerOffsets &at, const Real *taps, const Real *values,
                                              Activations &kept) {
  ops_.conv_forward(shape_, length_,
                    {kept.projected, taps, values + at.conv_bias, values + at.step_bias,
                     values + at.decay_log, kept.activated, kept.gate, kept.step,
                     kept.decay});
  ops_.ssd_forward(shape_, length_,
                   {kept.activated, kept.step, kept.decay, values + at.skip, kept.output,
                    kept.states, keeps_ ? ptrdiff_t(shape_.inner()) * shape_.state : 0, mixer_scratch_});
  ops_.gate_forward(shape_, length_,
                    {kept.output, kept.projected, values + at.gate_norm, inner_,
                     kept.gate_inverse});
  return inner_;
}

template <class Real> const Real *SequencePass<Real>::attention_forward(Activations &kept) {
  ops_.attention_forward(shape_, length_, {kept.projected, kept.output, kept.peak, kept.share, mixer_scratch_});
  return kept.output;
}

template <class Real>
void SequencePass<Real>::weight_gradient(const Real *left, int m, const Real *right, int n, Real *gradient) {
  ops_.pack({right, n, 1}, length_, n, packed_);
  ops_.matmul(m, n, length_, {left, 1, m}, packed_, gradient, n);
}

template <class Real>
void SequencePass<Real>::backward(const PreparedWeights<Real> &prepared, const Real *values, const uint8_t *tokens,
                                  Real *gradient, std::span<const HiddenGradient<Real>> hidden) {
  const int width = shape_.width;
  std::fill_n(gradient + table_.final_norm(), width, Real(0));
  Real *grad_embeddings = gradient + table_.embeddings();
  weight_gradient(logits_, Shape::vocabulary, normal_, width, grad_embeddings);
  ops_.matmul(length_, width, Shape::vocabulary, {logits_, Shape::vocabulary, 1}, prepared.head_backward().data(),
              grad_normal_, width);
  ops_.norm_backward(last_, values + table_.final_norm(), last_inverse_, grad_normal_, length_, width,
                     grad_x_, gradient + table_.final_norm(), false, scratch_);
  for (int i = shape_.layers - 1; i >= 0; i--) {
    for (const HiddenGradient<Real> &asked : hidden)
      if (asked.layer == i) ops_.add(grad_x_, asked.values, grad_x_, size_t(length_) * width);
    layer_backward(i, prepared, values, layers_[i], gradient);
  }
  for (int t = 0; t < length_; t++) {
    Real *row = grad_embeddings + size_t(tokens[t]) * width;
    ops_.add(row, grad_x_ + size_t(t) * width, row, width);
  }
}

template <class Real>
void SequencePass<Real>::layer_backward(int index, const PreparedWeights<Real> &prepared, const Real *values,
                                        Activations &kept, Real *gradient) {
  const LayerOffsets &at = table_.layer(index);
  const auto &packed = prepared.layer(index);
  const int width = shape_.width, entering = shape_.entering(index), leaving = shape_.leaving(index);
  std::fill_n(gradient + at.norm, width, Real(0));
  ops_.matmul(length_, leaving, width, {grad_x_, width, 1}, packed.out_proj_backward.data(), grad_inner_,
              leaving);
  if (shape_.attends(index))
    attention_backward(at, kept, gradient);
  else
    mamba_backward(at, packed.taps.data(), values, kept, gradient);
  ops_.norm_again(kept.x, values + at.norm, kept.inverse, length_, width, normal_);
  weight_gradient(grad_projected_, entering, normal_, width, gradient + at.in_proj);
  ops_.matmul(length_, width, entering, {grad_projected_, entering, 1}, packed.in_proj_backward.data(),
              grad_normal_, width);
  ops_.norm_backward(kept.x, values + at.norm, kept.inverse, grad_normal_, length_, width,
                     grad_x_, gradient + at.norm, true, scratch_);
}

template <class Real>
void SequencePass<Real>::mamba_backward(const LayerOffsets &at, const Real *taps, const Real *values, Activations &kept,
                                        Real *gradient) {
  const int channels = shape_.convolved(), inner = shape_.inner(), width = shape_.width;
  // conv bias, dt_bias, A_log, D and the gated norm stand side by side; all are added to below
  std::fill(gradient + at.conv_bias, gradient + at.out_proj, Real(0));
  ops_.gate_backward(shape_, length_,
                     {kept.output, kept.projected, values + at.gate_norm, kept.gate_inverse,
                      grad_inner_, inner_, grad_output_, grad_projected_,
                      gradient + at.gate_norm, scratch_});
  weight_gradient(grad_x_, width, inner_, inner, gradient + at.out_proj);
  ops_.ssd_backward(shape_, length_,
                    {kept.activated, kept.step, kept.decay, values + at.skip, kept.states,
                     values + at.decay_log, grad_output_, grad_activated_, grad_step_,
                     gradient + at.skip, gradient + at.decay_log, mixer_scratch_});
  std::fill_n(grad_taps_, Shape::taps * channels, Real(0));
  ops_.conv_backward(shape_, length_,
                     {kept.projected, taps, values + at.step_bias,
                      kept.activated, kept.gate, grad_activated_, grad_step_,
                      grad_projected_, grad_taps_, gradient + at.conv_bias, gradient + at.step_bias});
  for (int j = 0; j < channels; j++)
    for (int i = 0; i < Shape::taps; i++)
      gradient[at.taps + size_t(j) * Shape::taps + i] = grad_taps_[size_t(i) * channels + j];
}

template <class Real>
void SequencePass<Real>::attention_backward(const LayerOffsets &at, Activations &kept, Real *gradient) {
  weight_gradient(grad_x_, shape_.width, kept.output, shape_.width, gradient + at.out_proj);
  ops_.attention_backward(shape_, length_,
                          {kept.projected, kept.peak, kept.share, grad_inner_, grad_projected_, mixer_scratch_});
}

} // namespace trainer
