// Steps of training, from the records of their sequences to the new weights, without a word from the processor.
#pragma once
#include "step_inputs.h"
#include <optional>

namespace trainer {
namespace {

class StepTrainer {
public:
  // Borrows the table, the weights and a pass with room for `wave` sequences of the task.
  StepTrainer(const trainer_device_model &model, const ParameterTable &table, size_t wave, DeviceBuffer<float> &weights,
              BatchPass &pass)
      : table_(table), length_(model.length), general_length_(model.general_length), sequences_(model.sequences),
        general_sequences_(model.general_sequences), wave_(wave), pulls_(model.pulls != 0), weights_(weights),
        pass_(pass), inputs_(model), rows_(wave * std::max(length_, general_length_)), parts_(wave * table.count()),
        total_(table.count()), sums_(std::max(sequences_, general_sequences_)),
        block_sums_(blocks_for(table.count(), parameter_block)) {
    const size_t count = table.count();
    for (DeviceBuffer<float> *moments : {&first_, &second_}) {
      *moments = DeviceBuffer<float>(count);
      moments->clear(count);
    }
    std::vector<uint8_t> decays(count);
    for (const Parameter &parameter : table.all())
      std::fill_n(decays.begin() + ptrdiff_t(parameter.offset), parameter.count, uint8_t(parameter.decays));
    decays_ = DeviceBuffer<uint8_t>(decays.data(), count);
    if (model.teacher) teacher_.emplace(*model.teacher, table.shape(), length_, sequences_, wave);
    if (model.anchor) anchor_ = DeviceBuffer<float>(model.anchor, count);
    if (general_length_ == 0) return;
    total_general_ = DeviceBuffer<float>(count);
    anchor_pass_.emplace(table, int(wave), model.general_length, false);
    if (general_length_ != length_) general_pass_.emplace(table, int(wave), model.general_length, true);
  }

  // The first step loads the kernels, which recording must not; those that are asked for more than usual are queued
  // kernel by kernel too.
  void train(const trainer_device_step *steps, size_t count, float *outcomes) {
    inputs_.bring(steps, count);
    for (size_t i = 0; i < count; i++) {
      if (steps[i].parts || !loaded_) {
        queue_step(steps[i].parts != 0);
        loaded_ = true;
        continue;
      }
      if (recording_.empty()) recording_.record([&] { queue_step(false); });
      recording_.queue();
    }
    inputs_.fetch(count, outcomes);
  }

  const DeviceBuffer<float> &first() const { return first_; }
  const DeviceBuffer<float> &second() const { return second_; }

private:
  static constexpr size_t parameter_block = 4096;

  void queue_step(bool parts) {
    inputs_.begin_step();
    float *outcome = inputs_.outcome();
    for (size_t first = 0; first < sequences_; first += wave_) task_wave(first);
    launch_elements(sum_ascending_kernel, 1, sums_.data(), sequences_, outcome + TRAINER_DEVICE_TASK);
    if (teacher_) teacher_->finish(outcome);
    if (parts) norm(total_, outcome + TRAINER_DEVICE_NORM_TASK);
    if (general_sequences_ > 0) {
      for (size_t first = 0; first < general_sequences_; first += wave_) general_wave(first, parts);
      launch_elements(sum_ascending_kernel, 1, sums_.data(), general_sequences_, outcome + TRAINER_DEVICE_GENERAL);
      if (parts) norm(total_general_, outcome + TRAINER_DEVICE_NORM_GENERAL);
    }
    norm(total_, outcome + TRAINER_DEVICE_NORM);
    launch_elements(update_kernel, table_.count(),
                    Update{inputs_.numbers(), weights_.data(), first_.data(), second_.data(), total_.data(),
                           outcome + TRAINER_DEVICE_NORM, pulls_ ? anchor_.data() : nullptr, decays_.data(),
                           outcome + TRAINER_DEVICE_BROKEN});
    inputs_.end_step();
  }

  void task_wave(size_t first) {
    const size_t count = std::min(wave_, sequences_ - first), rows = count * length_;
    const uint8_t *records = inputs_.task() + first * 3 * length_;
    const Tokens tokens{records, length_, 3 * length_};
    const float *factor = &inputs_.numbers()->task_factor;
    float *logits = pass_.forward(weights_.data(), tokens, int(count));
    if (teacher_) teacher_->compare(pass_, logits, inputs_.traces(), first, count, rows_.data());
    launch_rows(cross_entropy_kernel, rows, logits,
                Positions{records + length_, records + 2 * length_, length_, 3 * length_}, Shape::vocabulary, factor,
                rows_.data());
    launch_elements(sum_ascending_kernel, count, rows_.data(), length_, sums_.data() + first);
    if (teacher_) teacher_->add_logit_gradient(logits, inputs_.traces(), first, count, factor);
    pass_.backward(weights_.data(), tokens, int(count), parts_.data(),
                   teacher_ ? teacher_->asked() : std::vector<AskedOfHidden>());
    launch_elements(fold_kernel, table_.count(), parts_.data(), count, first == 0, total_.data());
  }

  void general_wave(size_t first, bool parts) {
    const size_t length = general_length_, count = std::min(wave_, general_sequences_ - first);
    const Tokens tokens{inputs_.general() + first * 3 * length, length, 3 * length};
    BatchPass &pass = general_pass_ ? *general_pass_ : pass_;
    const float *anchor_logits = anchor_pass_->forward(anchor_.data(), tokens, int(count));
    float *logits = pass.forward(weights_.data(), tokens, int(count));
    launch_rows(divergence_kernel, count * length, anchor_logits, logits, Shape::vocabulary,
                &inputs_.numbers()->general_factor, rows_.data());
    launch_elements(sum_ascending_kernel, count, rows_.data(), length, sums_.data() + first);
    pass.backward(weights_.data(), tokens, int(count), parts_.data());
    launch_elements(fold_kernel, table_.count(), parts_.data(), count, false, total_.data());
    if (parts) launch_elements(fold_kernel, table_.count(), parts_.data(), count, first == 0, total_general_.data());
  }

  void norm(const DeviceBuffer<float> &gradient, float *out) {
    launch_rows(square_sum_kernel, block_sums_.size(), gradient.data(), gradient.size(), parameter_block,
                block_sums_.data());
    launch_elements(norm_kernel, 1, block_sums_.data(), block_sums_.size(), out);
  }

  const ParameterTable &table_;
  const size_t length_, general_length_, sequences_, general_sequences_, wave_;
  const bool pulls_;
  DeviceBuffer<float> &weights_;
  BatchPass &pass_;
  StepInputs inputs_;
  DeviceBuffer<float> rows_; // a value for each position of a wave
  DeviceBuffer<float> parts_, total_, total_general_, sums_, block_sums_, first_, second_, anchor_;
  DeviceBuffer<uint8_t> decays_;
  std::optional<Teacher> teacher_;
  std::optional<BatchPass> general_pass_, anchor_pass_;
  bool loaded_ = false;
  Recording recording_;
};

} // namespace
} // namespace trainer
