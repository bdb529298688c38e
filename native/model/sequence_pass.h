// One sequence through the model, forward and backward, as a list of ops. Owns the memory of one worker.
#pragma once
#include "prepared_weights.h"
#include <algorithm>

namespace trainer {

template <class Real> class SequencePass {
public:
  // Without `backward` only the running activations are kept.
  SequencePass(const OpTable<Real> &ops, const ParameterTable &table, int length, bool backward);

  int length() const { return length_; }
  // Logits [length, 256] of the tokens, to be read or overwritten with their gradient.
  Real *forward(const PreparedWeights<Real> &prepared, const Real *values, const uint8_t *tokens);
  // Given the gradient in the logits of the last forward, fills `gradient` (all parameters).
  void backward(const PreparedWeights<Real> &prepared, const Real *values, const uint8_t *tokens, Real *gradient);
  Real *scratch() { return scratch_.data(); } // at least 3 * max(inner, 256) values

private:
  struct Activations {
    Buffer<Real> x, inverse, projected, activated, gate, step, decay, output, states, gate_inverse;
  };
  void allocate(Activations &kept, bool states);
  void layer_forward(int index, const PreparedWeights<Real> &prepared, const Real *values, Activations &kept, Real *out);
  void layer_backward(int index, const PreparedWeights<Real> &prepared, const Real *values, Activations &kept,
                      Real *gradient);
  void mixer_backward(int index, const PreparedWeights<Real> &prepared, const Real *values, Activations &kept,
                      Real *gradient);
  // gradient[m, n] = sum over positions of left[t, m] * right[t, n]
  void weight_gradient(const Real *left, int m, const Real *right, int n, Real *gradient);

  const OpTable<Real> &ops_;
  const ParameterTable &table_;
  const Shape shape_;
  int length_;
  bool keeps_;
  std::vector<Activations> layers_;
  Buffer<Real> last_, last_inverse_, normal_, inner_, logits_, scratch_, ssd_scratch_;
  Buffer<Real> grad_x_, grad_normal_, grad_inner_, grad_output_, grad_projected_, grad_activated_, grad_step_, grad_taps_;
  Buffer<Real> packed_;
};

template <class Real>
SequencePass<Real>::SequencePass(const OpTable<Real> &ops, const ParameterTable &table, int length, bool backward)
    : ops_(ops), table_(table), shape_(table.shape()), length_(length), keeps_(backward),
      layers_(backward ? shape_.layers : 1) {
  const size_t rows = length, width = shape_.width, inner = shape_.inner();
  for (Activations &kept : layers_) allocate(kept, backward);
  last_ = Buffer<Real>(rows * width);
  last_inverse_ = Buffer<Real>(rows);
  normal_ = Buffer<Real>(rows * width);
  inner_ = Buffer<Real>(rows * inner);
  logits_ = Buffer<Real>(rows * Shape::vocabulary);
  scratch_ = Buffer<Real>(3 * std::max<size_t>({inner, width, Shape::vocabulary}));
  ssd_scratch_ = Buffer<Real>(ops.ssd_scratch(shape_));
  if (!backward) return;
  grad_x_ = Buffer<Real>(rows * width);
  grad_normal_ = Buffer<Real>(rows * width);
  grad_inner_ = Buffer<Real>(rows * inner);
  grad_output_ = Buffer<Real>(rows * inner);
  grad_projected_ = Buffer<Real>(rows * shape_.projected());
  grad_activated_ = Buffer<Real>(rows * shape_.convolved());
  grad_step_ = Buffer<Real>(rows * shape_.heads());
  grad_taps_ = Buffer<Real>(size_t(Shape::taps) * shape_.convolved());
  packed_ = Buffer<Real>(std::max(ops.packed_size(length, shape_.inner()), ops.packed_size(length, shape_.width)));
}

template <class Real> void SequencePass<Real>::allocate(Activations &kept, bool states) {
  const size_t rows = length_, inner = shape_.inner(), channels = shape_.convolved(), heads = shape_.heads();
  kept.x = Buffer<Real>(rows * shape_.width);
  kept.inverse = Buffer<Real>(rows);
  kept.projected = Buffer<Real>(rows * shape_.projected());
  kept.activated = Buffer<Real>(rows * channels);
  kept.gate = Buffer<Real>(rows * channels);
  kept.step = Buffer<Real>(rows * heads);
  kept.decay = Buffer<Real>(rows * heads);
  kept.output = Buffer<Real>(rows * inner);
  kept.gate_inverse = Buffer<Real>(rows);
  const size_t chunks = states ? length_ / shape_.chunk : 1;
  kept.states = Buffer<Real>(chunks * inner * shape_.state);
}

template <class Real>
Real *SequencePass<Real>::forward(const PreparedWeights<Real> &prepared, const Real *values, const uint8_t *tokens) {
  const int width = shape_.width;
  Real *first = layers_[0].x.data();
  for (int t = 0; t < length_; t++)
    std::copy_n(values + table_.embeddings() + size_t(tokens[t]) * width, width, first + size_t(t) * width);
  for (int i = 0; i < shape_.layers; i++) {
    const bool top = i + 1 == shape_.layers;
    Activations &kept = layers_[keeps_ ? i : 0];
    layer_forward(i, prepared, values, kept, keeps_ && !top ? layers_[i + 1].x.data() : last_.data());
    if (!keeps_ && !top) std::swap(kept.x, last_);
  }
  ops_.norm_forward(last_.data(), values + table_.final_norm(), length_, width, normal_.data(), last_inverse_.data());
  ops_.matmul(length_, Shape::vocabulary, width, {normal_.data(), width, 1}, prepared.head().data(), logits_.data(),
              Shape::vocabulary);
  return logits_.data();
}

template <class Real>
void SequencePass<Real>::layer_forward(int index, const PreparedWeights<Real> &prepared, const Real *values,
                                       Activations &kept, Real *out) {
  const LayerOffsets &at = table_.layer(index);
  const auto &packed = prepared.layer(index);
  const int width = shape_.width, inner = shape_.inner(), projected = shape_.projected();
  ops_.norm_forward(kept.x.data(), values + at.norm, length_, width, normal_.data(), kept.inverse.data());
  ops_.matmul(length_, projected, width, {normal_.data(), width, 1}, packed.in_proj.data(), kept.projected.data(),
              projected);
  ops_.conv_forward(shape_, length_,
                    {kept.projected.data(), packed.taps.data(), values + at.conv_bias, values + at.step_bias,
                     values + at.decay_log, kept.activated.data(), kept.gate.data(), kept.step.data(),
                     kept.decay.data()});
  ops_.ssd_forward(shape_, length_,
                   {kept.activated.data(), kept.step.data(), kept.decay.data(), values + at.skip, kept.output.data(),
                    kept.states.data(), keeps_ ? ptrdiff_t(inner) * shape_.state : 0, ssd_scratch_.data()});
  ops_.gate_forward(shape_, length_,
                    {kept.output.data(), kept.projected.data(), values + at.gate_norm, inner_.data(),
                     kept.gate_inverse.data()});
  ops_.matmul(length_, width, inner, {inner_.data(), inner, 1}, packed.out_proj.data(), out, width);
  ops_.add(kept.x.data(), out, out, size_t(length_) * width);
}

template <class Real>
void SequencePass<Real>::weight_gradient(const Real *left, int m, const Real *right, int n, Real *gradient) {
  ops_.pack({right, n, 1}, length_, n, packed_.data());
  ops_.matmul(m, n, length_, {left, 1, m}, packed_.data(), gradient, n);
}

template <class Real>
void SequencePass<Real>::backward(const PreparedWeights<Real> &prepared, const Real *values, const uint8_t *tokens,
                                  Real *gradient) {
  const int width = shape_.width;
  std::fill_n(gradient + table_.final_norm(), width, Real(0));
  Real *grad_embeddings = gradient + table_.embeddings();
  weight_gradient(logits_.data(), Shape::vocabulary, normal_.data(), width, grad_embeddings);
  ops_.matmul(length_, width, Shape::vocabulary, {logits_.data(), Shape::vocabulary, 1}, prepared.head_backward().data(),
              grad_normal_.data(), width);
  ops_.norm_backward(last_.data(), values + table_.final_norm(), last_inverse_.data(), grad_normal_.data(), length_, width,
                     grad_x_.data(), gradient + table_.final_norm(), false, scratch_.data());
  for (int i = shape_.layers - 1; i >= 0; i--) layer_backward(i, prepared, values, layers_[i], gradient);
  for (int t = 0; t < length_; t++) {
    Real *row = grad_embeddings + size_t(tokens[t]) * width;
    ops_.add(row, grad_x_.data() + size_t(t) * width, row, width);
  }
}

template <class Real>
void SequencePass<Real>::layer_backward(int index, const PreparedWeights<Real> &prepared, const Real *values,
                                        Activations &kept, Real *gradient) {
  const LayerOffsets &at = table_.layer(index);
  const auto &packed = prepared.layer(index);
  const int width = shape_.width, inner = shape_.inner(), projected = shape_.projected();
  // conv bias, dt_bias, A_log, D and the gated norm stand side by side; all are added to below
  std::fill(gradient + at.conv_bias, gradient + at.out_proj, Real(0));
  std::fill_n(gradient + at.norm, width, Real(0));
  ops_.matmul(length_, inner, width, {grad_x_.data(), width, 1}, packed.out_proj_backward.data(), grad_inner_.data(),
              inner);
  ops_.gate_backward(shape_, length_,
                     {kept.output.data(), kept.projected.data(), values + at.gate_norm, kept.gate_inverse.data(),
                      grad_inner_.data(), inner_.data(), grad_output_.data(), grad_projected_.data(),
                      gradient + at.gate_norm, scratch_.data()});
  weight_gradient(grad_x_.data(), width, inner_.data(), inner, gradient + at.out_proj);
  mixer_backward(index, prepared, values, kept, gradient);
  ops_.norm_again(kept.x.data(), values + at.norm, kept.inverse.data(), length_, width, normal_.data());
  weight_gradient(grad_projected_.data(), projected, normal_.data(), width, gradient + at.in_proj);
  ops_.matmul(length_, width, projected, {grad_projected_.data(), projected, 1}, packed.in_proj_backward.data(),
              grad_normal_.data(), width);
  ops_.norm_backward(kept.x.data(), values + at.norm, kept.inverse.data(), grad_normal_.data(), length_, width,
                     grad_x_.data(), gradient + at.norm, true, scratch_.data());
}

template <class Real>
void SequencePass<Real>::mixer_backward(int index, const PreparedWeights<Real> &prepared, const Real *values,
                                        Activations &kept, Real *gradient) {
  const LayerOffsets &at = table_.layer(index);
  const int channels = shape_.convolved();
  ops_.ssd_backward(shape_, length_,
                    {kept.activated.data(), kept.step.data(), kept.decay.data(), values + at.skip, kept.states.data(),
                     values + at.decay_log, grad_output_.data(), grad_activated_.data(), grad_step_.data(),
                     gradient + at.skip, gradient + at.decay_log, ssd_scratch_.data()});
  std::fill_n(grad_taps_.data(), grad_taps_.size(), Real(0));
  ops_.conv_backward(shape_, length_,
                     {kept.projected.data(), prepared.layer(index).taps.data(), values + at.step_bias,
                      kept.activated.data(), kept.gate.data(), grad_activated_.data(), grad_step_.data(),
                      grad_projected_.data(), grad_taps_.data(), gradient + at.conv_bias, gradient + at.step_bias});
  for (int j = 0; j < channels; j++)
    for (int i = 0; i < Shape::taps; i++)
      gradient[at.taps + size_t(j) * Shape::taps + i] = grad_taps_[size_t(i) * channels + j];
}

} // namespace trainer
