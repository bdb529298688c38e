// What a student learns from a teacher's traces, for all sequences of a wave at once. The arithmetic is that of
// optim/distillation.h.
#pragma once
#include "batch_pass.h"
#include "plugin.h"

namespace trainer {
namespace {

// The teacher's part of sequences, as it lies on the device.
struct Traces {
  const uint8_t *bytes; // null: the logits are of all bytes in order
  const float *logits, *hidden;
};

// Which logit each kept one is of.
struct KeptBytes {
  const uint8_t *bytes;
  int kept;
  __device__ size_t operator()(size_t i) const {
    return i / kept * Shape::vocabulary + (bytes ? size_t(bytes[i]) : i % kept);
  }
};

__global__ void soften_kernel(size_t count, const float *teacher, const float *logits, KeptBytes at, float inverse,
                              float *soft_teacher, float *soft) {
  const size_t i = element_index();
  if (i >= count) return;
  soft_teacher[i] = Cuda::mul(teacher[i], inverse);
  soft[i] = Cuda::mul(logits[at(i)], inverse);
}

// No position names a byte twice, so no two threads add to one place.
__global__ void add_kept_kernel(size_t count, const float *gradient, KeptBytes at, float *logits) {
  const size_t i = element_index();
  if (i < count) logits[at(i)] = Cuda::add(logits[at(i)], gradient[i]);
}

// Logits whose loss has no factor have no gradient.
__global__ void clear_unused_kernel(size_t count, const float *factor, float *logits) {
  const size_t i = element_index();
  if (i < count && !(*factor > 0.0f)) logits[i] = 0.0f;
}

class Teacher {
public:
  Teacher(const trainer_device_teacher &from, const Shape &student, size_t length, size_t sequences, size_t wave)
      : kept_(from.kept), teacher_width_(from.teacher_width), width_(student.width), length_(length),
        sequences_(sequences), inverse_(from.inverse_temperature), soft_teacher_(wave * length * from.kept),
        soft_(soft_teacher_.size()), sums_(sequences * (1 + from.targets)) {
    std::vector<float> factors{from.logits_factor};
    for (int i = 0; i < from.targets; i++) {
      factors.push_back(from.factors[i]);
      gradients_.emplace_back(wave * length * width_);
      asked_.push_back({from.layers[i], gradients_.back().data()});
    }
    factors_ = DeviceBuffer<float>(factors.data(), factors.size());
    if (!from.projection) return;
    projection_ = DeviceBuffer<float>(from.projection, size_t(width_) * teacher_width_);
    projected_ = DeviceBuffer<float>(wave * length * width_);
  }
  // Floats on the device for each sequence of a wave.
  static size_t floats_for(const trainer_device_teacher &from, const Shape &student, size_t length) {
    return length * (2 * from.kept + size_t(from.targets + 1) * student.width);
  }

  // Compares the last forward of sequences [first, first + count) with the traces of the whole step, whose sums by
  // sequence it keeps. `rows` holds a value for each position.
  void compare(const BatchPass &pass, const float *logits, const Traces &traces, size_t first, size_t count,
               float *rows) {
    const size_t positions = count * length_, before = first * length_;
    if (kept_ > 0) {
      launch_elements(soften_kernel, positions * kept_, traces.logits + before * kept_, logits, at(traces, first),
                      inverse_, soft_teacher_.data(), soft_.data());
      launch_rows(divergence_kernel, positions, soft_teacher_.data(), soft_.data(), kept_, factors_.data(), rows);
      launch_elements(sum_ascending_kernel, count, rows, length_, sums_.data() + first);
    }
    for (size_t i = 0; i < asked_.size(); i++) {
      const float *target = traces.hidden + (i * sequences_ * length_ + before) * teacher_width_;
      if (projection_.size() > 0) {
        device_product({int(positions), width_, teacher_width_, {target, teacher_width_, 1},
                        {projection_.data(), 1, teacher_width_}, projected_.data(), width_});
        target = projected_.data();
      }
      launch_rows(squared_error_kernel, positions, pass.hidden(asked_[i].layer), target, width_,
                  factors_.data() + 1 + i, rows, gradients_[i].data());
      launch_elements(sum_ascending_kernel, count, rows, length_, sums_.data() + (1 + i) * sequences_ + first);
    }
  }
  // Adds the gradient of the divergence to that of the loss, which the task's factor gave.
  void add_logit_gradient(float *logits, const Traces &traces, size_t first, size_t count, const float *task_factor) {
    const size_t positions = count * length_;
    launch_elements(clear_unused_kernel, positions * Shape::vocabulary, task_factor, logits);
    if (kept_ > 0)
      launch_elements(add_kept_kernel, positions * kept_, soft_.data(), at(traces, first), logits);
  }
  // What is asked of the hidden states compared last.
  const std::vector<AskedOfHidden> &asked() const { return asked_; }
  // Sums over ascending sequences.
  void finish(float *outcome) {
    if (kept_ > 0)
      launch_elements(sum_ascending_kernel, 1, sums_.data(), sequences_, outcome + TRAINER_DEVICE_DIVERGENCE);
    launch_elements(sum_ascending_kernel, asked_.size(), sums_.data() + sequences_, sequences_,
                    outcome + TRAINER_DEVICE_HIDDEN);
  }

private:
  KeptBytes at(const Traces &traces, size_t first) const {
    return {traces.bytes ? traces.bytes + first * length_ * kept_ : nullptr, kept_};
  }

  int kept_, teacher_width_, width_;
  size_t length_, sequences_;
  float inverse_;
  DeviceBuffer<float> soft_teacher_, soft_, sums_, factors_, projection_, projected_;
  std::vector<DeviceBuffer<float>> gradients_;
  std::vector<AskedOfHidden> asked_;
};

} // namespace
} // namespace trainer
