// What a step brings along: numbers, the records of its sequences, and a teacher's part. The inputs of all steps of a
// call go to the device in one copy; each step begins by taking its own to a place that is always the same, and ends by
// putting its outcome beside those of the others. So a recorded step is the same list of kernels every time.
#pragma once
#include "optimiser.h"
#include "plugin.h"
#include "stream.h"
#include "teacher.h"
#include <cstring>

namespace trainer {
namespace {

using Word = uint32_t;

__global__ void begin_step_kernel(size_t count, const Word *all, const int *step, Word *here) {
  const size_t i = element_index();
  if (i < count) here[i] = all[size_t(*step) * count + i];
}

__global__ void end_step_kernel(size_t, const float *outcome, int values, int *step, float *all) {
  if (element_index() > 0) return;
  for (int i = 0; i < values; i++) all[size_t(*step) * values + i] = outcome[i];
  *step = *step + 1;
}

// Places in bytes.
struct StepLayout {
  explicit StepLayout(const trainer_device_model &model) {
    const size_t rows = model.sequences * size_t(model.length);
    const size_t general_rows = model.general_sequences * size_t(model.general_length);
    task = add(sizeof(StepNumbers)), general = add(3 * rows), bytes = add(3 * general_rows);
    logits = hidden = bytes;
    if (const trainer_device_teacher *teacher = model.teacher) {
      kept = rows * teacher->kept, states = rows * teacher->targets * teacher->teacher_width, named = teacher->named;
      logits = add(named ? kept : 0), hidden = add(kept * sizeof(float)), add(states * sizeof(float));
    }
    task_size = 3 * rows, general_size = 3 * general_rows;
  }

  void put(const trainer_device_step &step, unsigned char *to) const {
    const trainer_device_update &from = step.update;
    const StepNumbers numbers{{1.0f, from.beta1, from.beta2, from.rest1, from.rest2, from.correction1,
                               from.correction2, from.epsilon, from.rate, from.weight_decay},
                              from.most_norm, from.pull_rate, step.task_factor, step.general_factor};
    std::memcpy(to, &numbers, sizeof numbers);
    std::memcpy(to + task, step.task, task_size);
    if (general_size > 0) std::memcpy(to + general, step.general, general_size);
    if (kept > 0 && named) std::memcpy(to + bytes, step.teacher_bytes, kept);
    if (kept > 0) std::memcpy(to + logits, step.teacher_logits, kept * sizeof(float));
    if (states > 0) std::memcpy(to + hidden, step.teacher_hidden, states * sizeof(float));
  }

  size_t task, general, bytes, logits, hidden, size = 0;
  size_t task_size, general_size, kept = 0, states = 0;
  bool named = false;

private:
  // Where what comes after this begins.
  size_t add(size_t bytes) { return size = (size + bytes + 15) / 16 * 16; }
};

class StepInputs {
public:
  explicit StepInputs(const trainer_device_model &model)
      : layout_(model), values_(TRAINER_DEVICE_HIDDEN + (model.teacher ? model.teacher->targets : 0)),
        from_host_(model.steps * layout_.size), to_host_(model.steps * values_ * sizeof(float)),
        all_(model.steps * layout_.size), here_(layout_.size), outcomes_(model.steps * values_), outcome_(values_),
        step_(1) {}
  // Bytes on the device.
  static size_t bytes_for(const trainer_device_model &model) {
    return (model.steps + 1) * (StepLayout(model).size + TRAINER_DEVICE_HIDDEN * sizeof(float) +
                                (model.teacher ? model.teacher->targets * sizeof(float) : 0));
  }

  // Queues what `count` steps need, so that these can begin.
  void bring(const trainer_device_step *steps, size_t count) {
    for (size_t i = 0; i < count; i++) layout_.put(steps[i], from_host_.data() + i * layout_.size);
    check_device(cudaMemcpyAsync(all_.data(), from_host_.data(), count * layout_.size, cudaMemcpyHostToDevice,
                                 stream_at_hand()),
                 "copy to the device");
    step_.clear(1);
  }
  void begin_step() {
    launch_elements(begin_step_kernel, layout_.size / sizeof(Word), at<Word>(all_, 0), step_.data(), at<Word>(here_, 0));
    outcome_.clear(values_);
  }
  void end_step() { launch_elements(end_step_kernel, 1, outcome_.data(), int(values_), step_.data(), outcomes_.data()); }
  // Waits for `count` steps.
  void fetch(size_t count, float *outcomes) {
    const size_t bytes = count * values_ * sizeof(float);
    check_device(cudaMemcpyAsync(to_host_.data(), outcomes_.data(), bytes, cudaMemcpyDeviceToHost, stream_at_hand()),
                 "copy from the device");
    wait_for_device("training");
    std::memcpy(outcomes, to_host_.data(), bytes);
  }

  // Of the step at hand.
  const StepNumbers *numbers() const { return at<StepNumbers>(here_, 0); }
  const uint8_t *task() const { return here_.data() + layout_.task; }
  const uint8_t *general() const { return here_.data() + layout_.general; }
  Traces traces() const {
    return {layout_.named ? here_.data() + layout_.bytes : nullptr, at<float>(here_, layout_.logits),
            at<float>(here_, layout_.hidden)};
  }
  float *outcome() const { return outcome_.data(); }

private:
  template <class T> static T *at(const DeviceBuffer<uint8_t> &buffer, size_t place) {
    return reinterpret_cast<T *>(buffer.data() + place);
  }

  const StepLayout layout_;
  size_t values_;
  PinnedMemory from_host_, to_host_;
  DeviceBuffer<uint8_t> all_, here_;
  DeviceBuffer<float> outcomes_, outcome_;
  DeviceBuffer<int> step_;
};

} // namespace
} // namespace trainer
