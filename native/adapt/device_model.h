// A model on the device, as the trainer's own code sees it.
#pragma once
#include "device.h"
#include "model/failure.h"
#include "model/parameters.h"
#include <memory>

namespace trainer {

class DeviceModel {
public:
  DeviceModel(const trainer_device_plugin_table &device, const trainer_device_model &model) : device_(device) {
    trainer_device_session *session = nullptr;
    trainer_device_line cause{};
    check_device(device.open(&model, &session, &cause), cause);
    session_ = {session, device.close};
  }
  static trainer_device_model of(const Model &model, size_t length, size_t sequences) {
    const Shape &shape = model.table.shape();
    trainer_device_model out{};
    out.shape = {shape.width, shape.layers, shape.state, shape.head, shape.expand, shape.chunk, {}};
    for (int i = 0; i < shape.layers; i++)
      if (shape.attends(i)) out.shape.attention[i / 64] |= uint64_t(1) << i % 64;
    out.values = model.values.data(), out.length = int(length), out.sequences = sequences;
    return out;
  }

  // Calls a function of the plugin that takes a session first and a cause last.
  template <class... Parameters, class... Arguments>
  void call(int (*function)(trainer_device_session *, Parameters...), Arguments... arguments) {
    trainer_device_line cause{};
    check_device(function(session_.get(), arguments..., &cause), cause);
  }
  const trainer_device_plugin_table &device() const { return device_; }
  trainer_device_session *get() const { return session_.get(); }

private:
  const trainer_device_plugin_table &device_;
  std::unique_ptr<trainer_device_session, void (*)(trainer_device_session *)> session_{nullptr, nullptr};
};

} // namespace trainer
