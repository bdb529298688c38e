#include "device_learner.h"
#include <algorithm>

namespace trainer {

namespace {

// Multiplications of the steps that are asked for at once: enough for the wait to be nothing beside them, and a cancelled
// job ends within a fraction of a second. Their inputs are in memory meanwhile.
constexpr double products_at_once = 2e12, bytes_at_once = 1 << 26;
constexpr size_t most_at_once = 32;

int hidden_targets(const LearnerTask &task) { return task.traces ? int(task.distillation->hidden.size()) : 0; }
// Logits that are learnt from, per position.
int kept_logits(const LearnerTask &task) {
  return task.traces && task.distillation->logits_weight > 0 ? task.traces->header().kept : 0;
}
int teacher_width(const LearnerTask &task) { return task.traces ? task.traces->header().width : 0; }

size_t steps_at_once(const Model &initial, const LearnerTask &task) {
  const double positions = double(task.batch) * double(task.task->length());
  const double general = task.kl_beta > 0 ? double(task.general_batch) * double(task.general->length()) : 0;
  const double products = 3.0 * double(initial.table.count()) * (positions + general);
  const double bytes =
      3.0 * general + positions * (3.0 + 5.0 * kept_logits(task) + 4.0 * hidden_targets(task) * teacher_width(task));
  return std::max<size_t>(1, size_t(std::min({double(most_at_once), products_at_once / products, bytes_at_once / bytes})));
}

// The teacher's part of a plan as the device takes it; the step's number of positions is always the same.
struct TeacherPlan {
  TeacherPlan(const LearnerTask &task, int width) {
    const DistillationPlan &plan = *task.distillation;
    const float positions = float(task.batch * task.task->length()), temperature = plan.temperature;
    out.kept = kept_logits(task), out.named = task.traces->header().listed() > 0;
    out.inverse_temperature = 1.0f / temperature;
    out.logits_factor = (plan.logits_weight * temperature) / positions;
    for (const HiddenTarget &target : plan.hidden) {
      layers.push_back(target.student);
      factors.push_back((2.0f * target.weight) / (positions * float(width)));
    }
    out.targets = hidden_targets(task), out.layers = layers.data(), out.factors = factors.data();
    out.teacher_width = teacher_width(task);
    if (plan.projection_seed) projection = projection_matrix<float>(*plan.projection_seed, width, out.teacher_width);
    out.projection = plan.projection_seed ? projection.data() : nullptr;
  }
  std::vector<int> layers;
  std::vector<float> factors, projection;
  trainer_device_teacher out{};
};

DeviceModel open_learner(const trainer_device_plugin_table &device, const Model &initial, const LearnerTask &task,
                         size_t steps) {
  trainer_device_model model = DeviceModel::of(initial, task.task->length(), task.batch);
  model.trains = 1, model.pulls = task.pulls, model.steps = steps;
  model.wave = size_t(task.micro_batch);
  if (task.kl_beta > 0 || task.pulls) model.anchor = task.anchor->data();
  if (task.kl_beta > 0)
    model.general_length = int(task.general->length()), model.general_sequences = task.general_batch;
  if (!task.traces) return {device, model};
  const TeacherPlan teacher(task, initial.table.shape().width);
  model.teacher = &teacher.out;
  return {device, model};
}

void append_records(const ledger::Sequences &blob, const std::vector<size_t> &sequences, std::vector<uint8_t> &to) {
  for (const size_t sequence : sequences) {
    const auto record = blob.records(sequence, 1);
    to.insert(to.end(), record.begin(), record.end());
  }
}

// What one step brings along, for as long as the device is handed it.
class StepInput {
public:
  StepInput(const LearnerTask &task, const StepRequest &step)
      : scale_(*task.task, step.sequences, task.general ? task.general->length() : 0, task.kl_beta) {
    append_records(*task.task, step.sequences.task, task_);
    if (!step.sequences.general.empty()) append_records(*task.general, step.sequences.general, general_);
    if (task.traces) take_traces(task, step.sequences.task);
    const AdamW<float> &from = step.constants.adamw;
    out_ = {task_.data(), general_.data(), task.traces ? task.distillation->task_weight / scale_.positions : scale_.task,
            scale_.general, bytes_.data(), logits_.data(), hidden_.data(), int(step.parts),
            {step.most_norm, from.beta1, from.beta2, from.rest1, from.rest2, from.correction1, from.correction2,
             from.epsilon, from.rate, from.weight_decay, step.constants.pull_rate}};
  }
  const trainer_device_step &out() const { return out_; }

  StepOutcome outcome(const LearnerTask &task, const float *found, int width) const {
    StepOutcome outcome;
    outcome.loss = found[TRAINER_DEVICE_TASK] / scale_.positions;
    if (!general_.empty()) outcome.kl = found[TRAINER_DEVICE_GENERAL] / scale_.general_positions;
    outcome.norm = found[TRAINER_DEVICE_NORM], outcome.norm_task = found[TRAINER_DEVICE_NORM_TASK];
    outcome.norm_anchor = found[TRAINER_DEVICE_NORM_GENERAL], outcome.finite = found[TRAINER_DEVICE_BROKEN] == 0;
    if (!task.traces) return outcome;
    const float positions = float(task.batch * task.task->length());
    outcome.divergence = found[TRAINER_DEVICE_DIVERGENCE] / positions;
    for (int i = 0; i < hidden_targets(task); i++)
      outcome.hidden.push_back(found[TRAINER_DEVICE_HIDDEN + i] / (positions * float(width)));
    return outcome;
  }

private:
  void take_traces(const LearnerTask &task, const std::vector<size_t> &sequences) {
    const ledger::Traces &traces = *task.traces;
    const size_t length = task.task->length(), kept = length * size_t(kept_logits(task));
    const size_t states = length * size_t(teacher_width(task)), count = sequences.size();
    const std::vector<int> &layers = traces.header().layers;
    logits_.resize(count * kept), hidden_.resize(size_t(hidden_targets(task)) * count * states);
    for (size_t i = 0; i < count; i++) {
      const size_t found = traces.find(task.task->tokens(sequences[i])).value();
      if (kept > 0) traces.copy_logits(found, logits_.data() + i * kept);
      if (kept > 0 && traces.bytes(found)) bytes_.insert(bytes_.end(), traces.bytes(found), traces.bytes(found) + kept);
      for (size_t target = 0; target < task.distillation->hidden.size(); target++) {
        const auto layer = std::find(layers.begin(), layers.end(), task.distillation->hidden[target].teacher);
        traces.copy_hidden(found, size_t(layer - layers.begin()), hidden_.data() + (target * count + i) * states);
      }
    }
  }

  const StepScale scale_;
  std::vector<uint8_t> task_, general_, bytes_;
  std::vector<float> logits_, hidden_;
  trainer_device_step out_;
};

} // namespace

DeviceLearner::DeviceLearner(const trainer_device_plugin_table &device, const Model &initial, const LearnerTask &task)
    : task_(task), steps_(steps_at_once(initial, task)), model_(initial),
      device_(open_learner(device, initial, task, steps_)) {}

std::vector<StepOutcome> DeviceLearner::train(std::span<const StepRequest> steps) {
  std::vector<StepInput> inputs;
  std::vector<trainer_device_step> handed;
  inputs.reserve(steps.size());
  for (const StepRequest &step : steps) handed.push_back(inputs.emplace_back(task_, step).out());
  const size_t values = TRAINER_DEVICE_HIDDEN + size_t(hidden_targets(task_));
  std::vector<float> found(steps.size() * values);
  device_.call(device_.device().train, handed.data(), handed.size(), found.data());
  std::vector<StepOutcome> outcomes;
  for (size_t i = 0; i < steps.size(); i++)
    outcomes.push_back(inputs[i].outcome(task_, found.data() + i * values, model_.table.shape().width));
  return outcomes;
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
