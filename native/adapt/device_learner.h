// Training on a device: the processor hands out sequences and constants, and reads a few sums back.
#pragma once
#include "device_model.h"
#include "optim/learner.h"

namespace trainer {

class DeviceLearner : public Learner {
public:
  DeviceLearner(const trainer_device_plugin_table &device, const Model &initial, const LearnerTask &task);

  StepOutcome measure(const StepSequences &sequences, bool parts) override;
  bool update(const StepConstants &constants) override;
  std::vector<float> &weights() override;
  std::vector<uint8_t> state_file() override;

private:
  const LearnerTask task_;
  Model model_; // as it was last read
  DeviceModel device_;
  std::vector<uint8_t> task_records_, general_records_;
};

} // namespace trainer
