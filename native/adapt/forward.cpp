#include "forward.h"
#include "cpu_forward.h"
#include "device_model.h"
#include <algorithm>

namespace trainer {

namespace {

// Sequences whose results are fetched from a device at once.
constexpr size_t device_group = 64;

// Calls work(first, batch) for group after group.
template <class Work> void for_groups(const ledger::Sequences &sequences, Work work) {
  for (size_t first = 0; first < sequences.count(); first += device_group) {
    const size_t count = std::min(device_group, sequences.count() - first);
    work(first, trainer_device_batch{sequences.records(first, count).data(), count});
  }
}

DeviceModel on_device(const Machine &machine, const Model &model, const ledger::Sequences &sequences, int others = 0) {
  trainer_device_model wanted = DeviceModel::of(model, sequences.length(), std::min(device_group, sequences.count()));
  wanted.others = others;
  return {*machine.device, wanted};
}

void score_on_device(const Machine &machine, const Model &model, const ledger::Sequences &sequences, bool losses,
                     const ScoredSequence &body) {
  DeviceModel device = on_device(machine, model, sequences);
  const size_t length = sequences.length(), size = length * Shape::vocabulary;
  std::vector<float> logits(device_group * size), nats(losses ? device_group * length : 0);
  for_groups(sequences, [&](size_t first, const trainer_device_batch &batch) {
    device.call(machine.device->score, &batch, losses ? nats.data() : nullptr, logits.data());
    machine.pool.run(batch.count, [&](size_t i, int) {
      body(first + i, logits.data() + i * size, losses ? nats.data() + i * length : nullptr);
    });
  });
}

} // namespace

void score(const Machine &machine, const Model &model, const ledger::Sequences &sequences, bool losses,
           const ScoredSequence &body) {
  if (machine.device) return score_on_device(machine, model, sequences, losses, body);
  const int length = int(sequences.length());
  Forward forward(machine.ops, machine.pool, model, length);
  machine.pool.run(sequences.count(), [&](size_t i, int worker) {
    float *logits = forward.logits(worker, sequences.tokens(i));
    std::vector<float> nats(losses ? length : 0);
    if (losses)
      machine.ops.cross_entropy(logits, sequences.targets(i), sequences.mask(i), length, Shape::vocabulary, 0.0f,
                                nats.data());
    body(i, logits, nats.data());
  });
}

void score_divergence(const Machine &machine, const Model &p, const Model &q, const ledger::Sequences &sequences,
                      const std::function<void(size_t sequence, const float *nats)> &body) {
  const int length = int(sequences.length());
  if (machine.device) {
    DeviceModel device_p = on_device(machine, p, sequences, 1), device_q = on_device(machine, q, sequences);
    std::vector<float> nats(device_group * size_t(length));
    for_groups(sequences, [&](size_t first, const trainer_device_batch &batch) {
      device_p.call(machine.device->divergence, device_q.get(), &batch, nats.data());
      for (size_t i = 0; i < batch.count; i++) body(first + i, nats.data() + i * size_t(length));
    });
    return;
  }
  Forward forward_p(machine.ops, machine.pool, p, length), forward_q(machine.ops, machine.pool, q, length);
  machine.pool.run(sequences.count(), [&](size_t i, int worker) {
    const float *logits_p = forward_p.logits(worker, sequences.tokens(i));
    float *logits_q = forward_q.logits(worker, sequences.tokens(i));
    std::vector<float> nats(length);
    machine.ops.divergence(logits_p, logits_q, length, Shape::vocabulary, 0.0f, nats.data(), forward_q.scratch(worker));
    body(i, nats.data());
  });
}

void score_states(const Machine &machine, const Model &model, const ledger::Sequences &sequences,
                  const std::vector<int> &layers,
                  const std::function<void(size_t sequence, const float *logits,
                                           const std::vector<const float *> &hidden)> &body) {
  const size_t length = sequences.length(), size = length * Shape::vocabulary;
  const size_t states = length * size_t(model.table.shape().width);
  if (machine.device) {
    DeviceModel device = on_device(machine, model, sequences);
    std::vector<float> logits(device_group * size), hidden(layers.size() * device_group * states);
    for_groups(sequences, [&](size_t first, const trainer_device_batch &batch) {
      device.call(machine.device->trace, &batch, layers.data(), layers.size(), logits.data(), hidden.data());
      machine.pool.run(batch.count, [&](size_t i, int) {
        std::vector<const float *> after;
        for (size_t k = 0; k < layers.size(); k++) after.push_back(hidden.data() + (k * batch.count + i) * states);
        body(first + i, logits.data() + i * size, after);
      });
    });
    return;
  }
  Forward forward(machine.ops, machine.pool, model, int(length), !layers.empty());
  machine.pool.run(sequences.count(), [&](size_t i, int worker) {
    const float *logits = forward.logits(worker, sequences.tokens(i));
    std::vector<const float *> after;
    for (const int layer : layers) after.push_back(forward.hidden(worker, layer));
    body(i, logits, after);
  });
}

} // namespace trainer
