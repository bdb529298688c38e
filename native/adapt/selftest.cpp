#include "selftest.h"
#include "state/json.h"

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

std::string selftest(const OpTable<float> &ops, int threads) {
  using ledger::Json;
  std::vector<Fingerprint> found = op_fingerprints(ops);
  append(found, job_fingerprints(ops, threads, true));
  std::vector<Fingerprint> golden = golden_fingerprints();
  if (ops.attention_forward) {
    append(found, hybrid_op_fingerprints(ops));
    append(found, hybrid_job_fingerprints(ops, threads));
    append(golden, hybrid_golden_fingerprints());
  }
  bool all_ok = found.size() == golden.size();
  Json checks = Json::array();
  for (size_t i = 0; i < found.size(); i++) {
    const bool ok = i < golden.size() && found[i].name == golden[i].name && found[i].sha256 == golden[i].sha256;
    all_ok = all_ok && ok;
    Json check = Json::object();
    checks.push(check.set("name", found[i].name).set("ok", ok).set("sha256", found[i].sha256));
  }
  Json json = Json::object();
  return json.set("checks", std::move(checks)).set("isa", ops.name).set("ok", all_ok).canonical();
}

} // namespace trainer
