// All tests of the trainer's core. `--full` tries every function on all inputs; `--golden` prints the hashes of this build
// in the form of golden/nc-1.inc and, after an empty line, golden/hybrid.inc, which are frozen: a difference is a new
// contract, never a new file.
#include "core_tests.h"
#include "adapt/selftest.h"
#include "core_isa.h"
#include <cstring>

static void print_golden() {
  const trainer::OpTable<float> &ops = *tested_sets().front().ops;
  const auto print_all = [](const std::vector<trainer::Fingerprint> &list) {
    for (const trainer::Fingerprint &print : list)
      std::printf("{\"%s\", \"%s\"},\n", print.name.c_str(), print.sha256.c_str());
  };
  for (const auto &list : {op_fingerprints(ops), job_fingerprints(ops, 1, true)}) print_all(list);
  std::printf("\n");
  for (const auto &list : {hybrid_op_fingerprints(ops), hybrid_job_fingerprints(ops, 1)}) print_all(list);
}

int main(int count, char **arguments) {
  const auto given = [&](const char *option) { return count == 2 && std::strcmp(arguments[1], option) == 0; };
  if (count > 1 && !given("--full") && !given("--golden")) {
    std::fprintf(stderr, "usage: trainer_tests [--full | --golden]\n");
    return 2;
  }
  if (given("--golden")) {
    print_golden();
    return 0;
  }
  gradient_tests();
  function_tests(given("--full"));
  golden_tests();
  invariance_tests();
  contract_tests();
  hybrid_tests();
  distillation_tests();
  replay_tests();
  return expect::finish();
}
