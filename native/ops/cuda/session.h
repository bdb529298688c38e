// A model that lives on the device: weights, moments and gradient stay there, and a step answers a few sums.
#pragma once
#include "batch_pass.h"
#include "plugin.h"
#include <memory>
#include <optional>

namespace trainer {
namespace {

struct DeviceMemory : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline std::string megabytes(size_t bytes) { return std::to_string((bytes + 999999) / 1000000) + " MB"; }

inline Shape shape_of(const trainer_device_shape &from) {
  Shape shape;
  shape.width = from.width, shape.layers = from.layers, shape.state = from.state;
  shape.head = from.head, shape.expand = from.expand, shape.chunk = from.chunk;
  return shape;
}

class Session {
public:
  explicit Session(const trainer_device_model &model)
      : table_(shape_of(model.shape)), length_(model.length), general_length_(model.general_length),
        wave_(wave_of(model, table_)), weights_(model.values, table_.count()), records_(wave_ * record_size()),
        rows_(wave_ * std::max(length_, general_length_)), pass_(table_, int(wave_), model.length, model.trains != 0) {
    if (!model.trains) return;
    const size_t count = table_.count(), blocks = blocks_for(count, parameter_block);
    for (DeviceBuffer<float> *zeros : {&first_, &second_}) {
      *zeros = DeviceBuffer<float>(count);
      zeros->clear(count);
    }
    parts_ = DeviceBuffer<float>(wave_ * count), total_ = DeviceBuffer<float>(count);
    sums_ = DeviceBuffer<float>(model.sequences), block_sums_ = DeviceBuffer<float>(blocks);
    outcome_ = DeviceBuffer<float>(outcome_values), broken_ = DeviceBuffer<int>(1);
    std::vector<uint8_t> decays(count);
    for (const Parameter &parameter : table_.all())
      std::fill_n(decays.begin() + ptrdiff_t(parameter.offset), parameter.count, uint8_t(parameter.decays));
    decays_ = DeviceBuffer<uint8_t>(decays.data(), count);
    if (!model.anchor) return;
    anchor_ = DeviceBuffer<float>(model.anchor, count);
    if (model.general_length == 0) return;
    total_general_ = DeviceBuffer<float>(count);
    anchor_pass_.emplace(table_, int(wave_), model.general_length, false);
    if (model.general_length != model.length) general_pass_.emplace(table_, int(wave_), model.general_length, true);
  }

  trainer_device_outcome gradient(const trainer_device_batch &task, const trainer_device_batch *general, bool parts) {
    outcome_.clear(outcome_values);
    float *outcome = outcome_.data();
    for (size_t first = 0; first < task.count; first += wave_) task_wave(task, first);
    launch_elements(sum_ascending_kernel, 1, sums_.data(), task.count, outcome);
    if (parts) norm(total_, outcome + 3);
    if (general) {
      for (size_t first = 0; first < general->count; first += wave_) general_wave(*general, first, parts);
      launch_elements(sum_ascending_kernel, 1, sums_.data(), general->count, outcome + 1);
      if (parts) norm(total_general_, outcome + 4);
    }
    norm(total_, outcome + 2);
    float found[outcome_values];
    outcome_.read(found);
    return {found[0], found[1], found[2], found[3], found[4]};
  }

  bool update(const trainer_device_update &from) {
    broken_.clear(1);
    Update op;
    op.adamw = {from.clip,        from.beta1,       from.beta2,   from.rest1, from.rest2,
                from.correction1, from.correction2, from.epsilon, from.rate,  from.weight_decay};
    op.pull_rate = from.pull_rate;
    op.weight = weights_.data(), op.first = first_.data(), op.second = second_.data();
    op.gradient = total_.data(), op.anchor = from.pulls ? anchor_.data() : nullptr;
    op.decays = decays_.data(), op.broken = broken_.data();
    launch_elements(update_kernel, table_.count(), op);
    int broken = 0;
    broken_.read(&broken);
    return broken == 0;
  }

  void read(int which, float *values) const {
    const DeviceBuffer<float> *buffers[] = {&weights_, &first_, &second_};
    buffers[which]->read(values);
  }

  void score(const trainer_device_batch &batch, float *losses, float *logits) {
    const size_t size = length_ * Shape::vocabulary;
    for (size_t first = 0; first < batch.count; first += wave_) {
      const size_t count = load(batch, first, length_);
      float *z = pass_.forward(weights_.data(), tokens(length_), int(count));
      launch_rows(cross_entropy_kernel, count * length_, z, positions(length_), Shape::vocabulary, 0.0f, rows_.data());
      if (losses) rows_.read(losses + first * length_, count * length_);
      if (logits)
        check_device(cudaMemcpy(logits + first * size, z, count * size * sizeof(float), cudaMemcpyDeviceToHost),
                     "copy of logits");
    }
  }

  void divergence(Session &other, const trainer_device_batch &batch, float *nats) {
    const size_t wave = std::min(wave_, other.wave_);
    for (size_t first = 0; first < batch.count; first += wave) {
      const size_t count = load(batch, first, length_, wave);
      const float *p = pass_.forward(weights_.data(), tokens(length_), int(count));
      float *q = other.pass_.forward(other.weights_.data(), tokens(length_), int(count));
      launch_rows(divergence_kernel, count * length_, p, q, Shape::vocabulary, 0.0f, rows_.data());
      rows_.read(nats + first * length_, count * length_);
    }
  }

private:
  static constexpr size_t parameter_block = 4096, outcome_values = 5;

  // Sequences at once: as asked for, or what this model's share of nine tenths of the free memory holds.
  static size_t wave_of(const trainer_device_model &model, const ParameterTable &table) {
    const bool trains = model.trains != 0, general = model.general_length > 0;
    const size_t count = table.count();
    size_t each =
        BatchPass::floats_for(table, model.length, trains) + 4 * size_t(std::max(model.length, model.general_length));
    if (trains) each += count;
    if (general) each += BatchPass::floats_for(table, model.general_length, false);
    if (general && model.general_length != model.length)
      each += BatchPass::floats_for(table, model.general_length, true);
    const size_t fixed = (trains ? 5 + (model.anchor != nullptr) + general : 1) * count * sizeof(float);
    size_t available = 0, whole = 0;
    check_device(cudaMemGetInfo(&available, &whole), "memory of the device");
    const size_t room = available / 10 * 9 / size_t(model.others + 1), needed = fixed + each * sizeof(float);
    if (room < needed)
      throw DeviceMemory("out of memory: one sequence needs " + megabytes(needed) + ", and of " + megabytes(available) +
                         " free memory nine tenths may be used");
    const size_t most = std::min<size_t>((room - fixed) / (each * sizeof(float)), 4096);
    const size_t wanted = model.wave > 0 ? std::min(model.wave, model.sequences) : model.sequences;
    return std::max<size_t>(1, std::min(wanted, most));
  }

  size_t record_size() const { return 3 * std::max(length_, general_length_); }
  Tokens tokens(size_t length) const { return {records_.data(), length, 3 * length}; }
  Positions positions(size_t length) const {
    return {records_.data() + length, records_.data() + 2 * length, length, 3 * length};
  }
  size_t load(const trainer_device_batch &batch, size_t first, size_t length) {
    return load(batch, first, length, wave_);
  }
  size_t load(const trainer_device_batch &batch, size_t first, size_t length, size_t most) {
    const size_t count = std::min(most, batch.count - first);
    records_.write(batch.records + first * 3 * length, count * 3 * length);
    return count;
  }

  void task_wave(const trainer_device_batch &task, size_t first) {
    const size_t count = load(task, first, length_), rows = count * length_;
    float *logits = pass_.forward(weights_.data(), tokens(length_), int(count));
    launch_rows(cross_entropy_kernel, rows, logits, positions(length_), Shape::vocabulary, task.scale, rows_.data());
    launch_elements(sum_ascending_kernel, count, rows_.data(), length_, sums_.data() + first);
    pass_.backward(weights_.data(), tokens(length_), int(count), parts_.data());
    launch_elements(fold_kernel, table_.count(), parts_.data(), count, first == 0, total_.data());
  }

  void general_wave(const trainer_device_batch &general, size_t first, bool parts) {
    const size_t length = general_length_, count = load(general, first, length);
    BatchPass &pass = general_pass_ ? *general_pass_ : pass_;
    const float *anchor_logits = anchor_pass_->forward(anchor_.data(), tokens(length), int(count));
    float *logits = pass.forward(weights_.data(), tokens(length), int(count));
    launch_rows(divergence_kernel, count * length, anchor_logits, logits, Shape::vocabulary, general.scale,
                rows_.data());
    launch_elements(sum_ascending_kernel, count, rows_.data(), length, sums_.data() + first);
    pass.backward(weights_.data(), tokens(length), int(count), parts_.data());
    launch_elements(fold_kernel, table_.count(), parts_.data(), count, false, total_.data());
    if (parts) launch_elements(fold_kernel, table_.count(), parts_.data(), count, first == 0, total_general_.data());
  }

  void norm(const DeviceBuffer<float> &gradient, float *out) {
    launch_rows(square_sum_kernel, block_sums_.size(), gradient.data(), gradient.size(), parameter_block,
                block_sums_.data());
    launch_elements(norm_kernel, 1, block_sums_.data(), block_sums_.size(), out);
  }

  ParameterTable table_;
  size_t length_, general_length_, wave_;
  DeviceBuffer<float> weights_;
  DeviceBuffer<uint8_t> records_;
  DeviceBuffer<float> rows_; // a value for each position of a wave
  BatchPass pass_;
  std::optional<BatchPass> general_pass_, anchor_pass_;
  DeviceBuffer<float> first_, second_, parts_, total_, total_general_, sums_, block_sums_, outcome_, anchor_;
  DeviceBuffer<uint8_t> decays_;
  DeviceBuffer<int> broken_;
};

} // namespace
} // namespace trainer
