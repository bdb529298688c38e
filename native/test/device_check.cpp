// For a machine with a GPU; native/on-a-gpu.sh runs it. Every function on all inputs, every op on odd shapes, jobs of
// 1, 10 and 100 steps and a model of the size of the benchmark, all against the processor or the golden hashes; then
// speeds.
// `--without-all-inputs` leaves out what takes an emulated device too long.
#include "adapt/device.h"
#include "adapt/samples.h"
#include "adapt/selftest.h"
#include "canon/environment.h"
#include "cuda_tests.h"
#include "expect.h"
#include "ops/select.h"
#include <cstring>

using namespace trainer;

namespace {

struct Function {
  const char *name;
  float lowest, highest;
  const void *exact;
  double tolerance;
  const char *sweep_sha256;
  uint64_t full_sum;
};

constexpr float smallest_normal = 1.17549435e-38f, largest = 3.40282347e+38f;
constexpr const void *exact_exp = nullptr, *exact_log = nullptr, *exact_log1p = nullptr, *exact_sigmoid = nullptr,
                     *exact_softplus = nullptr, *exact_silu = nullptr, *exact_rsqrt = nullptr;

const Function functions[] = {
#include "golden/functions.inc"
};

void all_inputs(const trainer_device_plugin_table &device) {
  int index = 0;
  for (const Function &function : functions) {
    uint64_t sum = 0;
    trainer_device_line cause{};
    check_device(device.function_sum(index++, function.lowest, function.highest, 0, uint64_t(1) << 32, &sum, &cause),
                 cause);
    expect::equal(std::to_string(sum), std::to_string(function.full_sum),
                  std::string(function.name) + " over all inputs");
  }
}

void jobs(const trainer_device_plugin_table &device) {
  const OpTable<float> &cpu = select_ops(nullptr);
  for (const int micro_batch : {0, 1, 2}) {
    const auto compare = [&](const std::vector<Fingerprint> &found, const std::vector<Fingerprint> &golden) {
      for (size_t i = 0; i < found.size(); i++)
        expect::equal(found[i].sha256, golden.at(golden.size() - found.size() + i).sha256,
                      found[i].name + " in micro-batches of " + std::to_string(micro_batch));
    };
    compare(job_fingerprints(cpu, 0, true, micro_batch, &device), golden_fingerprints());
    compare(hybrid_job_fingerprints(cpu, 0, micro_batch, &device), hybrid_golden_fingerprints());
  }
}

void benchmark_model(const trainer_device_plugin_table &device) {
  WorkerPool pool(0);
  SamplePlan plan;
  plan.shape.width = 128, plan.shape.layers = 4;
  plan.length = 256, plan.batch = 8, plan.general_batch = 3, plan.kl_beta = 1.0f, plan.trust_region = true;
  SamplePlan student = plan;
  student.shape.attention.set(1), student.distillation = true, student.length = 512;
  for (const auto &[sample, what] : {std::pair{plan, "0.5 M parameters"}, std::pair{student, "a hybrid student"}}) {
    const std::string wanted = run_sample(sample, {select_ops(nullptr), pool}, {}).receipt;
    expect::equal(run_sample(sample, {select_ops(nullptr), pool, &device}, {}).receipt, wanted,
                  std::string("three steps of ") + what);
  }
}

void speeds(const trainer_device_plugin_table &device) {
  const int shapes[][3] = {{2048, 644, 128}, {2048, 128, 256}, {65536, 644, 128}, {4096, 4096, 4096}};
  for (const auto &[rows, columns, depth] : shapes) {
    double seconds = 0;
    trainer_device_line cause{};
    check_device(device.product_seconds(rows, columns, depth, 20, &seconds, &cause), cause);
    std::printf("matmul %d x %d x %d: %.0f GFLOP/s\n", rows, columns, depth, 2e-9 * rows * columns * depth / seconds);
  }
}

} // namespace

int main(int count, char **arguments) {
  const FloatEnvironment environment;
  const bool short_one = count == 2 && std::strcmp(arguments[1], "--without-all-inputs") == 0;
  try {
    const trainer_device_plugin_table &device = open_device();
    std::printf("device: %s\n", device_status().text.c_str());
    if (!short_one) all_inputs(device);
    shape_tests(*static_cast<const OpTable<float> *>(device.ops));
    trainer_device_line cause{};
    device.ops_failure(&cause);
    expect::equal(cause.text, "", "ops without failure");
    jobs(device);
    if (!short_one) benchmark_model(device);
    if (!short_one) speeds(device);
  } catch (const std::exception &error) {
    expect::yes(false, error.what());
  }
  return expect::finish();
}
