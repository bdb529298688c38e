// Compares every op and a short training job with the golden hashes of contract nc-1.
#pragma once
#include "machine.h"
#include <string>
#include <vector>

namespace trainer {

struct Fingerprint {
  std::string name, sha256;
};

// Hashes of every function and op on seeded inputs with odd sizes.
std::vector<Fingerprint> op_fingerprints(const OpTable<float> &ops);
// Hashes of the weights of small jobs after 1 and 10 steps, and after 100 when `long_job`.
std::vector<Fingerprint> job_fingerprints(const OpTable<float> &ops, int threads, bool long_job, int micro_batch = 0,
                                          const trainer_device_plugin_table *device = nullptr);
// The frozen hashes, in the order of both lists above.
const std::vector<Fingerprint> &golden_fingerprints();
// The same of attention and distillation, and of small jobs with them.
std::vector<Fingerprint> hybrid_op_fingerprints(const OpTable<float> &ops);
std::vector<Fingerprint> hybrid_job_fingerprints(const OpTable<float> &ops, int threads, int micro_batch = 0,
                                                 const trainer_device_plugin_table *device = nullptr);
const std::vector<Fingerprint> &hybrid_golden_fingerprints();
// {backend, checks: [{name, ok, sha256}], isa, ok}; on the device when there is one.
std::string selftest(const Machine &machine);

} // namespace trainer
