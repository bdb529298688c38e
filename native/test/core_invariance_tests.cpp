// One plan, one hash: on every instruction set, with every number of threads and every micro-batch split, whatever the caller did to the processor's
// floating-point mode; and another hash as soon as the compiler may contract.
#include "adapt/selftest.h"
#include "canon/environment.h"
#include "core_isa.h"
#include "core_tests.h"
#include <thread>

using trainer::Fingerprint;

static void compare(const std::vector<Fingerprint> &found, size_t first, const std::string &what,
                    const std::vector<Fingerprint> &golden = trainer::golden_fingerprints()) {
  for (size_t i = 0; i < found.size(); i++) {
    const bool known = first + i < golden.size() && golden[first + i].name == found[i].name;
    expect::equal(found[i].sha256, known ? golden[first + i].sha256 : "", found[i].name + " with " + what);
  }
}

void golden_tests() {
  for (const TestedSet &set : tested_sets()) {
    compare(op_fingerprints(*set.ops), 0, set.name);
    compare(hybrid_op_fingerprints(*set.ops), 0, set.name, trainer::hybrid_golden_fingerprints());
  }
}

// The same of attention: sets x threads on the jobs, and micro-batches.
static void hybrid_invariance_tests(const std::vector<TestedSet> &sets) {
  const size_t ops = hybrid_op_fingerprints(*sets[0].ops).size();
  const auto try_one = [&](const TestedSet &set, int threads, int micro_batch) {
    compare(hybrid_job_fingerprints(*set.ops, threads, micro_batch), ops,
            set.name + " on " + std::to_string(threads) + " threads in micro-batches of " + std::to_string(micro_batch),
            trainer::hybrid_golden_fingerprints());
  };
  for (const TestedSet &set : sets)
    for (const int threads : {1, 2, 3, 7})
      if (set.functions || threads == 2) try_one(set, threads, 0);
  for (const int micro_batch : {1, 2, 8}) try_one(sets.back(), 2, micro_batch);
}

#if defined(__x86_64__)
constexpr unsigned flush_to_zero = 0x8040;

// With flush-to-zero on, ops called directly give other bits: what the guard is for.
static void flush_tests(const TestedSet &set) {
  const unsigned found = _mm_getcsr();
  _mm_setcsr(found | flush_to_zero);
  const std::vector<Fingerprint> ops = op_fingerprints(*set.ops);
  const std::vector<Fingerprint> jobs = job_fingerprints(*set.ops, 2, false);
  std::vector<float> tiny(64, 1e-40f), sum(64);
  set.ops->add(tiny.data(), tiny.data(), sum.data(), sum.size());
  const bool flushed = sum[0] == 0.0f, restored = (_mm_getcsr() & flush_to_zero) == flush_to_zero;
  _mm_setcsr(found);
  expect::yes(flushed, "without the guard flush-to-zero changes " + set.name);
  expect::yes(restored, "the guard gives back the mode it found");
  compare(ops, 0, set.name + " under flush-to-zero");
  compare(jobs, ops.size(), set.name + " under flush-to-zero");
}
#endif

void invariance_tests() {
  const std::vector<TestedSet> sets = tested_sets();
  const size_t ops = op_fingerprints(*sets[0].ops).size();
  for (const TestedSet &set : sets)
    for (const int threads : {1, 2, 3, 7})
      if (set.functions || threads == 2)
        compare(job_fingerprints(*set.ops, threads, set.name != "portable reference" && threads == 2), ops,
                set.name + " on " + std::to_string(threads) + " threads");
  for (const int micro_batch : {1, 2, 8})
    compare(job_fingerprints(*sets.back().ops, 2, true, micro_batch), ops,
            sets.back().name + " in micro-batches of " + std::to_string(micro_batch));
  hybrid_invariance_tests(sets);
#if defined(__x86_64__)
  flush_tests(sets.back());
#endif
  size_t changed = 0;
  const std::vector<Fingerprint> contracted = op_fingerprints(contracted_ops());
  for (size_t i = 0; i < contracted.size(); i++)
    changed += contracted[i].sha256 != trainer::golden_fingerprints().at(i).sha256;
  expect::yes(changed > 0, "contraction changes ops: " + std::to_string(changed) + " of " +
                                std::to_string(contracted.size()));
  // products that meet a plain add or subtraction: nearly all are explicit fma, the anchor's gradient is not
  const Fingerprint anchored = job_fingerprints(contracted_ops(), 1, false).at(2);
  expect::equal(anchored.name, trainer::golden_fingerprints().at(ops + 2).name, "the anchored job");
  expect::yes(anchored.sha256 != trainer::golden_fingerprints().at(ops + 2).sha256, "contraction changes the weights");
}
