// A model that lives on the device: weights and moments stay there, and a step answers a few sums.
#pragma once
#include "step_trainer.h"

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
  for (int i = 0; i < from.layers; i++) shape.attention[size_t(i)] = from.attention[i / 64] >> i % 64 & 1;
  return shape;
}

class Session {
public:
  explicit Session(const trainer_device_model &model)
      : table_(shape_of(model.shape)), length_(model.length), wave_(wave_of(model, table_)),
        weights_(model.values, table_.count()), no_factor_(1), pass_(table_, int(wave_), model.length, model.trains) {
    no_factor_.clear(1);
    if (model.trains) {
      trainer_.emplace(model, table_, wave_, weights_, pass_);
    } else {
      records_ = DeviceBuffer<uint8_t>(wave_ * 3 * length_);
      rows_ = DeviceBuffer<float>(wave_ * length_);
    }
    wait_for_device("opening a model"); // what follows is queued elsewhere
  }

  void train(const trainer_device_step *steps, size_t count, float *outcomes) {
    const OnStream here(stream_);
    trainer_->train(steps, count, outcomes);
  }

  void read(int which, float *values) const {
    const OnStream here(stream_);
    if (which == TRAINER_DEVICE_WEIGHTS) weights_.read(values);
    else (which == TRAINER_DEVICE_FIRST ? trainer_->first() : trainer_->second()).read(values);
  }

  void score(const trainer_device_batch &batch, float *losses, float *logits) {
    const OnStream here(stream_);
    const size_t size = length_ * Shape::vocabulary;
    for (size_t first = 0; first < batch.count; first += wave_) {
      const size_t count = load(batch, first, wave_);
      float *z = pass_.forward(weights_.data(), tokens(), int(count));
      if (losses) {
        launch_rows(cross_entropy_kernel, count * length_, z, positions(), Shape::vocabulary, no_factor_.data(),
                    rows_.data());
        rows_.read(losses + first * length_, count * length_);
      }
      if (logits) read_device(z, logits + first * size, count * size);
    }
  }

  void divergence(Session &other, const trainer_device_batch &batch, float *nats) {
    const OnStream here(stream_);
    const size_t wave = std::min(wave_, other.wave_);
    for (size_t first = 0; first < batch.count; first += wave) {
      const size_t count = load(batch, first, wave);
      const float *p = pass_.forward(weights_.data(), tokens(), int(count));
      float *q = other.pass_.forward(other.weights_.data(), tokens(), int(count));
      launch_rows(divergence_kernel, count * length_, p, q, Shape::vocabulary, no_factor_.data(), rows_.data());
      rows_.read(nats + first * length_, count * length_);
    }
  }

  void trace(const trainer_device_batch &batch, const int *layers, size_t number, float *logits, float *hidden) {
    const OnStream here(stream_);
    const size_t size = length_ * Shape::vocabulary, states = length_ * table_.shape().width;
    for (size_t first = 0; first < batch.count; first += wave_) {
      const size_t count = load(batch, first, wave_);
      size_t next = 0;
      const float *z = pass_.forward(weights_.data(), tokens(), int(count), [&](int layer, const float *seen) {
        if (next == number || layers[next] != layer) return;
        read_device(seen, hidden + (next++ * batch.count + first) * states, count * states);
      });
      read_device(z, logits + first * size, count * size);
    }
  }

private:
  // Sequences at once: as asked for, or what this model's share of nine tenths of the free memory holds.
  static size_t wave_of(const trainer_device_model &model, const ParameterTable &table) {
    const bool trains = model.trains != 0, general = model.general_length > 0;
    const size_t count = table.count();
    size_t each =
        BatchPass::floats_for(table, model.length, trains) + 4 * size_t(std::max(model.length, model.general_length));
    if (trains) each += count;
    if (model.teacher) each += Teacher::floats_for(*model.teacher, table.shape(), size_t(model.length));
    if (general) each += BatchPass::floats_for(table, model.general_length, false);
    if (general && model.general_length != model.length)
      each += BatchPass::floats_for(table, model.general_length, true);
    size_t fixed = (trains ? 5 + (model.anchor != nullptr) + general : 1) * count * sizeof(float);
    if (trains) fixed += StepInputs::bytes_for(model);
    size_t available = 0, whole = 0;
    check_device(cudaMemGetInfo(&available, &whole), "memory of the device");
    const size_t room = available / 10 * 9 / size_t(model.others + 1), needed = fixed + each * sizeof(float);
    if (room < needed)
      throw DeviceMemory("out of memory: one sequence needs " + megabytes(needed) + ", and of " + megabytes(available) +
                         " free memory nine tenths may be used");
    const size_t most = std::min<size_t>((room - fixed) / (each * sizeof(float)), 4096);
    const size_t sequences = std::max(model.sequences, model.general_sequences);
    const size_t wanted = model.wave > 0 ? std::min(model.wave, sequences) : sequences;
    return std::max<size_t>(1, std::min(wanted, most));
  }

  Tokens tokens() const { return {records_.data(), length_, 3 * length_}; }
  Positions positions() const {
    return {records_.data() + length_, records_.data() + 2 * length_, length_, 3 * length_};
  }
  size_t load(const trainer_device_batch &batch, size_t first, size_t most) {
    const size_t count = std::min(most, batch.count - first);
    records_.write(batch.records + first * 3 * length_, count * 3 * length_);
    return count;
  }

  Stream stream_;
  ParameterTable table_;
  size_t length_, wave_;
  DeviceBuffer<float> weights_, no_factor_;
  BatchPass pass_;
  DeviceBuffer<uint8_t> records_;
  DeviceBuffer<float> rows_; // a value for each position of a wave
  std::optional<StepTrainer> trainer_;
};

} // namespace
} // namespace trainer
