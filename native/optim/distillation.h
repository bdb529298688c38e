// A student's losses against a teacher, and their gradients, for one sequence after the other. Owns the memory of one worker.
//
// Logits: at temperature T the divergence KL(softmax(z_teacher / T) || softmax(z_student / T)) over the bytes that the traces
// keep, each side normalised over these; weight * T^2 times its mean over all positions. Division by T is one multiplication
// by 1 / T rounded to binary32, and (weight * T) / positions is the scale of the divergence's gradient, which is then the
// gradient in z_student.
//
// Hidden states: weight times the mean over positions and channels of (student - target)^2, the gradient's scale being
// (2 * weight) / (positions * width). The target is the teacher's state or, where widths differ, its fixed projection
// R teacher, a MATMUL, with R[i] = normal(i) * rsqrt(teacher's width) from stream 0 of the plan's seed: a random sketch that
// keeps the mean square. It is of the teacher, so that nothing outside the student's checkpoint is learnt and no zero map
// makes the loss small.
#pragma once
#include "adapt/plan.h"
#include "canon/functions.h"
#include "canon/random.h"
#include "model/sequence_pass.h"
#include <vector>

namespace trainer {

// R [width, teacher's width].
template <class Real> std::vector<Real> projection_matrix(uint64_t seed, int width, int teacher_width) {
  const RandomStream draw(seed, 0);
  const float scale = trainer::rsqrt<Scalar>(float(teacher_width));
  std::vector<Real> matrix(size_t(width) * size_t(teacher_width));
  for (size_t i = 0; i < matrix.size(); i++) matrix[i] = Real(draw.normal(i) * scale);
  return matrix;
}

template <class Real> class Distillation {
public:
  // `kept` logits per position and hidden states of `teacher_width`. The plan is borrowed.
  Distillation(const OpTable<Real> &ops, const DistillationPlan &plan, const Shape &student, int length, int kept,
               int teacher_width);

  // The teacher's part of the sequence at hand, to be filled in before `read`: logits [T, kept], the bytes they are of (null:
  // all 256) and, for each target of the plan, hidden states [T, teacher's width].
  Real *teacher_logits() { return teacher_logits_.data(); }
  void name_bytes(const uint8_t *bytes) { bytes_ = bytes; }
  Real *teacher_hidden(size_t target) { return teacher_hidden_[target].data(); }

  // Compares with the logits and hidden states of the last forward; `positions` in the whole step.
  void read(const SequencePass<Real> &pass, const Real *logits, Real positions);
  // Adds the gradient of the divergence to `logits`, which hold a gradient by now.
  void add_logit_gradient(Real *logits) const;
  std::span<const HiddenGradient<Real>> hidden_gradients() const { return asked_; }

  // Divergences in nats, and squared errors of a target over its channels, summed over ascending positions.
  Real divergence() const { return divergence_; }
  Real squared_error(size_t target) const { return errors_[target]; }

private:
  void read_logits(const Real *logits, Real positions);
  void read_hidden(const SequencePass<Real> &pass, size_t target, Real positions);
  uint8_t byte_at(size_t position, int place) const {
    return bytes_ ? bytes_[position * size_t(kept_) + size_t(place)] : uint8_t(place);
  }
  Real sum() const {
    Real total = 0;
    for (Real value : by_position_) total = total + value;
    return total;
  }

  const OpTable<Real> &ops_;
  const DistillationPlan &plan_;
  int length_, kept_, width_, teacher_width_;
  const uint8_t *bytes_ = nullptr;
  Buffer<Real> projection_;
  std::vector<Real> teacher_logits_, soft_teacher_, soft_, by_position_, scratch_, projected_;
  std::vector<std::vector<Real>> teacher_hidden_, gradients_;
  std::vector<HiddenGradient<Real>> asked_;
  Real divergence_ = 0;
  std::vector<Real> errors_;
};

template <class Real>
Distillation<Real>::Distillation(const OpTable<Real> &ops, const DistillationPlan &plan, const Shape &student, int length,
                                 int kept, int teacher_width)
    : ops_(ops), plan_(plan), length_(length), kept_(kept), width_(student.width), teacher_width_(teacher_width),
      by_position_(size_t(length)), errors_(plan.hidden.size()) {
  const size_t rows = size_t(length);
  if (plan.logits_weight > 0) {
    for (std::vector<Real> *buffer : {&teacher_logits_, &soft_teacher_, &soft_}) buffer->resize(rows * size_t(kept));
    scratch_.resize(3 * size_t(kept));
  }
  for (const HiddenTarget &target : plan.hidden) {
    teacher_hidden_.emplace_back(rows * size_t(teacher_width));
    gradients_.emplace_back(rows * size_t(width_));
    asked_.push_back({target.student, gradients_.back().data()});
  }
  if (!plan.projection_seed) return;
  const std::vector<Real> matrix = projection_matrix<Real>(*plan.projection_seed, width_, teacher_width);
  projected_.resize(rows * size_t(width_));
  projection_ = Buffer<Real>(ops.packed_size(teacher_width, width_));
  ops.pack({matrix.data(), 1, teacher_width}, teacher_width, width_, projection_.data());
}

template <class Real>
void Distillation<Real>::read(const SequencePass<Real> &pass, const Real *logits, Real positions) {
  if (plan_.logits_weight > 0) read_logits(logits, positions);
  for (size_t i = 0; i < plan_.hidden.size(); i++) read_hidden(pass, i, positions);
}

template <class Real> void Distillation<Real>::read_logits(const Real *logits, Real positions) {
  const Real temperature = Real(plan_.temperature), inverse = Real(1) / temperature;
  for (size_t t = 0; t < size_t(length_); t++)
    for (int j = 0; j < kept_; j++) {
      const size_t i = t * size_t(kept_) + size_t(j);
      soft_teacher_[i] = teacher_logits_[i] * inverse;
      soft_[i] = logits[t * Shape::vocabulary + byte_at(t, j)] * inverse;
    }
  const Real scale = (Real(plan_.logits_weight) * temperature) / positions;
  ops_.divergence(soft_teacher_.data(), soft_.data(), length_, kept_, scale, by_position_.data(), scratch_.data());
  divergence_ = sum();
}

template <class Real>
void Distillation<Real>::read_hidden(const SequencePass<Real> &pass, size_t target, Real positions) {
  const HiddenTarget &wanted = plan_.hidden[target];
  const Real *teacher = teacher_hidden_[target].data();
  if (plan_.projection_seed) {
    ops_.matmul(length_, width_, teacher_width_, {teacher, teacher_width_, 1}, projection_.data(), projected_.data(),
                width_);
    teacher = projected_.data();
  }
  const Real scale = (Real(2) * Real(wanted.weight)) / (positions * Real(width_));
  ops_.squared_error(pass.hidden(wanted.student), teacher, length_, width_, scale, by_position_.data(),
                     gradients_[target].data());
  errors_[target] = sum();
}

template <class Real> void Distillation<Real>::add_logit_gradient(Real *logits) const {
  if (!(plan_.logits_weight > 0)) return;
  for (size_t t = 0; t < size_t(length_); t++)
    for (int j = 0; j < kept_; j++) {
      Real &gradient = logits[t * Shape::vocabulary + byte_at(t, j)];
      gradient = gradient + soft_[t * size_t(kept_) + size_t(j)];
    }
}

} // namespace trainer
