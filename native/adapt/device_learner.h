// Training on a device: the processor hands out sequences and constants for several steps, and reads a few sums back.
#pragma once
#include "device_model.h"
#include "optim/learner.h"

namespace trainer {

class DeviceLearner : public Learner {
public:
  DeviceLearner(const trainer_device_plugin_table &device, const Model &initial, const LearnerTask &task);

  size_t at_once() const override { return steps_; }
  std::vector<StepOutcome> train(std::span<const StepRequest> steps) override;
  std::vector<float> &weights() override;
  std::vector<uint8_t> state_file() override;

private:
  const LearnerTask task_;
  size_t steps_; // of a call, at most
  Model model_;  // as it was last read
  DeviceModel device_;
};

} // namespace trainer
