// The functions of the contract: the same bits from every instruction set, accurate, and equal to the frozen hashes.
#include "core_isa.h"
#include "core_tests.h"
#include "canon/random.h"
#include "state/sha256.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <thread>

namespace {

struct Function {
  const char *name;
  float lowest, highest; // inputs of the sweep
  double (*exact)(double);
  double tolerance; // of the relative error, in units of 2^-24
  const char *sweep_sha256;
  uint64_t full_sum;
};

double exact_sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double exact_softplus(double x) { return (x > 0 ? x : 0) + std::log1p(std::exp(-std::fabs(x))); }
double exact_silu(double x) { return x * exact_sigmoid(x); }
double exact_rsqrt(double x) { return 1 / std::sqrt(x); }
double exact_exp(double x) { return std::exp(x); }
double exact_log(double x) { return std::log(x); }
double exact_log1p(double x) { return std::log1p(x); }

// Below this a factor of the result may be subnormal, and its relative error is no measure.
constexpr double gradual_underflow = 1e-35;
constexpr float smallest_normal = 1.17549435e-38f, largest = 3.40282347e+38f;

const Function functions[] = {
#include "golden/functions.inc"
};

float float_of(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// Bit patterns from `begin` in steps of `stride` whose values lie in the domain of the function.
std::vector<float> inputs_of(const Function &function, uint64_t begin, uint64_t end, uint64_t stride) {
  std::vector<float> inputs;
  for (uint64_t bits = begin; bits < end; bits += stride) {
    const float x = float_of(uint32_t(bits));
    if (x >= function.lowest && x <= function.highest) inputs.push_back(x);
  }
  return inputs;
}

void check_accuracy(const Function &function, const std::vector<float> &in, const std::vector<float> &out) {
  double worst = 0;
  for (size_t i = 0; i < in.size(); i += 7) {
    const double exact = function.exact(in[i]);
    if (std::fabs(exact) < gradual_underflow) continue;
    worst = std::max(worst, std::fabs(out[i] - exact) / std::fabs(exact) * 16777216.0);
  }
  expect::yes(worst < function.tolerance, std::string(function.name) + ": worst error of 2^-24 times " +
                                              std::to_string(worst) + ", allowed " + std::to_string(function.tolerance));
}

// Sum over all inputs of a mixed hash of (input, output) bits: independent of the order of summation.
uint64_t full_sum(const Function &function, int index, FunctionKernel kernel) {
  constexpr uint64_t block = 1 << 16, blocks = (uint64_t(1) << 32) / block;
  const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<uint64_t> sums(threads);
  std::vector<std::thread> workers;
  for (unsigned worker = 0; worker < threads; worker++)
    workers.emplace_back([&, worker] {
      std::vector<float> out(block);
      for (uint64_t i = worker; i < blocks; i += threads) {
        const std::vector<float> in = inputs_of(function, i * block, (i + 1) * block, 1);
        kernel(index, in.data(), out.data(), in.size());
        for (size_t j = 0; j < in.size(); j++) {
          uint32_t x, y;
          std::memcpy(&x, &in[j], sizeof x);
          std::memcpy(&y, &out[j], sizeof y);
          sums[worker] += trainer::mix64((uint64_t(x) << 32 | y) + 0x9E3779B97F4A7C15ull);
        }
      }
    });
  uint64_t sum = 0;
  for (unsigned worker = 0; worker < threads; worker++) {
    workers[worker].join();
    sum += sums[worker];
  }
  return sum;
}

} // namespace

void function_tests(bool full) {
  int index = 0;
  for (const Function &function : functions) {
    const std::vector<float> in = inputs_of(function, 0, uint64_t(1) << 32, 4093);
    for (const TestedSet &set : tested_sets()) {
      if (!set.functions) continue;
      std::vector<float> out(in.size());
      set.functions(index, in.data(), out.data(), in.size());
      const std::string name = std::string(function.name) + " with " + set.name;
      expect::equal(ledger::hex(ledger::sha256(out.data(), out.size() * sizeof(float))), function.sweep_sha256, name);
      if (set.name == "reference") check_accuracy(function, in, out);
      if (full)
        expect::equal(std::to_string(full_sum(function, index, set.functions)), std::to_string(function.full_sum),
                      name + " over all inputs");
    }
    index++;
  }
}
