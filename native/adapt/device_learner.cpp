#include "device_learner.h"

namespace trainer {

static trainer_device_model training_model(const Model &initial, const LearnerTask &task) {
  trainer_device_model model = DeviceModel::of(initial, task.task->length(), std::max(task.batch, task.general_batch));
  model.trains = 1;
  model.wave = size_t(task.micro_batch);
  if (task.kl_beta > 0 || task.pulls) model.anchor = task.anchor->data();
  if (task.kl_beta > 0) model.general_length = int(task.general->length());
  return model;
}

DeviceLearner::DeviceLearner(const trainer_device_plugin_table &device, const Model &initial, const LearnerTask &task)
    : task_(task), model_(initial), device_(device, training_model(initial, task)) {}

static trainer_device_batch batch_of(const ledger::Sequences &sequences, const std::vector<size_t> &batch, float scale,
                                     std::vector<uint8_t> &records) {
  records.clear();
  for (size_t sequence : batch) {
    const auto record = sequences.records(sequence, 1);
    records.insert(records.end(), record.begin(), record.end());
  }
  return {records.data(), batch.size(), scale};
}

StepOutcome DeviceLearner::measure(const StepSequences &sequences, bool parts) {
  const size_t general_length = task_.general ? task_.general->length() : 0;
  const StepScale scale(*task_.task, sequences, general_length, task_.kl_beta);
  const trainer_device_batch task = batch_of(*task_.task, sequences.task, scale.task, task_records_);
  trainer_device_batch general{};
  const bool has_general = !sequences.general.empty();
  if (has_general) general = batch_of(*task_.general, sequences.general, scale.general, general_records_);
  trainer_device_outcome found{};
  device_.call(device_.device().gradient, &task, has_general ? &general : nullptr, int(parts), &found);
  StepOutcome outcome;
  outcome.loss = found.task_sum / scale.positions;
  if (has_general) outcome.kl = found.general_sum / scale.general_positions;
  outcome.norm = found.norm, outcome.norm_task = found.norm_task, outcome.norm_anchor = found.norm_general;
  return outcome;
}

bool DeviceLearner::update(const StepConstants &constants) {
  const AdamW<float> &from = constants.adamw;
  const trainer_device_update update{from.clip,  from.beta1,        from.beta2,          from.rest1,
                                     from.rest2, from.correction1,  from.correction2,    from.epsilon,
                                     from.rate,  from.weight_decay, constants.pull_rate, int(task_.pulls)};
  int finite = 0;
  device_.call(device_.device().update, &update, &finite);
  return finite != 0;
}

std::vector<float> &DeviceLearner::weights() {
  device_.call(device_.device().read, int(TRAINER_DEVICE_WEIGHTS), model_.values.data());
  return model_.values;
}

std::vector<uint8_t> DeviceLearner::state_file() {
  std::vector<float> first(model_.table.count()), second(model_.table.count());
  device_.call(device_.device().read, int(TRAINER_DEVICE_FIRST), first.data());
  device_.call(device_.device().read, int(TRAINER_DEVICE_SECOND), second.data());
  return moments_file(model_.table, first, second);
}

} // namespace trainer
