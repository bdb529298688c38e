#include "selftest.h"
#include "state/json.h"
#include "device.h"

namespace trainer {

const std::vector<Fingerprint> &golden_fingerprints() {
  static const std::vector<Fingerprint> golden = {
#include "test/golden/nc-1.inc"
  };
  return golden;
}

const std::vector<Fingerprint> &hybrid_golden_fingerprints() {
  static const std::vector<Fingerprint> golden = {
#include "test/golden/hybrid.inc"
  };
  return golden;
}

static void append(std::vector<Fingerprint> &all, std::vector<Fingerprint> more) {
  for (Fingerprint &fingerprint : more) all.push_back(std::move(fingerprint));
}

// What went wrong in the device's ops, which themselves answer nothing.
static void check_ops(const trainer_device_plugin_table &device) {
  trainer_device_line cause{};
  device.ops_failure(&cause);
  if (cause.text[0]) check_device(TRAINER_DEVICE_FAILED, cause);
}

std::string selftest(const Machine &machine) {
  using ledger::Json;
  const trainer_device_plugin_table *device = machine.device;
  const int threads = machine.pool.threads();
  const OpTable<float> &ops = device ? *static_cast<const OpTable<float> *>(device->ops) : machine.ops;
  std::vector<Fingerprint> found = op_fingerprints(ops);
  append(found, job_fingerprints(machine.ops, threads, true, 0, device));
  std::vector<Fingerprint> golden = golden_fingerprints();
  append(found, hybrid_op_fingerprints(ops));
  append(found, hybrid_job_fingerprints(machine.ops, threads, 0, device));
  append(golden, hybrid_golden_fingerprints());
  if (device) check_ops(*device);
  bool all_ok = found.size() == golden.size();
  Json checks = Json::array();
  for (size_t i = 0; i < found.size(); i++) {
    const bool ok = i < golden.size() && found[i].name == golden[i].name && found[i].sha256 == golden[i].sha256;
    all_ok = all_ok && ok;
    Json check = Json::object();
    checks.push(check.set("name", found[i].name).set("ok", ok).set("sha256", found[i].sha256));
  }
  Json json = Json::object();
  json.set("backend", device ? "cuda" : "cpu");
  return json.set("checks", std::move(checks)).set("isa", machine.ops.name).set("ok", all_ok).canonical();
}

} // namespace trainer
