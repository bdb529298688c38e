// The CUDA backend without a GPU: the kernels' own sources run by an emulation on the processor, behind the same plugin
// interface. Shows that the algorithm has the contract's bits; not what a GPU makes of it. `--full`, or
// TEST_SCOPE=full, compares the golden weights after 10 and 100 steps too.
#include "adapt/device.h"
#include "adapt/samples.h"
#include "adapt/selftest.h"
#include "canon/environment.h"
#include "canon/functions.h"
#include "canon/random.h"
#include "cuda_tests.h"
#include "expect.h"
#include "model/failure.h"
#include "ops/select.h"
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

using namespace trainer;

namespace {

constexpr size_t plenty = size_t(4) << 30;

std::string plugin(const char *name) {
  return device_plugin_path().substr(0, device_plugin_path().rfind('/') + 1) + name + ".so";
}

// Turns the pretended device; see emulated_plugin.cpp.
void emulate(int order, int devices, size_t bytes, int launches = -1) {
  void *library = dlopen(plugin("emulated_cuda").c_str(), RTLD_NOW | RTLD_LOCAL);
  reinterpret_cast<void (*)(int, int, size_t, int)>(dlsym(library, "trainer_emulation"))(order, devices, bytes,
                                                                                         launches);
}

struct Counts {
  int waits, kernels, graphs, copies, allocations;
};
// What the pretended device was asked for since this was last called.
Counts counts() {
  void *library = dlopen(plugin("emulated_cuda").c_str(), RTLD_NOW | RTLD_LOCAL);
  return reinterpret_cast<Counts (*)()>(dlsym(library, "trainer_emulation_counts"))();
}

void compare(const std::vector<Fingerprint> &found, const std::vector<Fingerprint> &golden, size_t first,
             const std::string &what) {
  for (size_t i = 0; i < found.size(); i++)
    expect::equal(found[i].sha256, golden.at(first + i).sha256, found[i].name + " " + what);
}

void refused_plugins() {
  const auto refused = [](const std::string &path, const std::string &part) {
    const DeviceStatus status = try_device(path);
    expect::yes(!status.available && status.text.find(part) != std::string::npos &&
                    status.text.find('\n') == std::string::npos,
                path + " is refused for '" + part + "', found: " + status.text);
  };
  refused("/nowhere/trainer_cuda.so", "No such file");
  refused(plugin("empty_plugin"), "has no trainer_device_plugin");
  refused(plugin("foreign_plugin"), "has interface 3, this trainer needs 2");
  refused(plugin("crashing_plugin"), "ended by signal 11");
  refused(plugin("wrong_plugin"), "add has other bits than the contract");
  emulate(0, 0, plenty);
  refused(plugin("emulated_cuda"), "no CUDA device: no CUDA-capable device is detected");
  emulate(0, 1, 1000);
  refused(plugin("emulated_cuda"), "out of memory");
  emulate(0, 1, plenty);
  const DeviceStatus good = try_device(plugin("emulated_cuda"));
  expect::yes(good.available && good.text == "emulation on the processor, no GPU",
              "the emulation passes: " + good.text);
}

void golden_bits(const trainer_device_plugin_table &device, bool full) {
  const OpTable<float> &ops = *static_cast<const OpTable<float> *>(device.ops), &cpu = select_ops(nullptr);
  for (const int order : {0, 1}) {
    emulate(order, 1, plenty);
    const std::string name = order == 0 ? "on the emulated device" : "with threads in descending order";
    const std::vector<Fingerprint> found = op_fingerprints(ops), hybrid = hybrid_op_fingerprints(ops);
    compare(found, golden_fingerprints(), 0, name);
    compare(hybrid, hybrid_golden_fingerprints(), 0, name);
    if (!full) continue;
    compare(job_fingerprints(cpu, 2, order == 0, order * 2, &device), golden_fingerprints(), found.size(), name);
    compare(hybrid_job_fingerprints(cpu, 2, order * 2, &device), hybrid_golden_fingerprints(), hybrid.size(), name);
  }
  emulate(0, 1, plenty);
}

std::string digest_of(const std::vector<uint8_t> &bytes) {
  return ledger::hex(ledger::sha256(bytes.data(), bytes.size()));
}

// One step with the golden hash; ten of tiny models with all that a step can have, and one, with the processor's.
void short_jobs(const trainer_device_plugin_table &device) {
  WorkerPool pool(2);
  const Machine cpu{select_ops(nullptr), pool}, cuda{select_ops(nullptr), pool, &device};
  SamplePlan one;
  one.shape.width = 26, one.shape.layers = 2, one.shape.state = 19, one.shape.head = 13;
  one.length = 128, one.batch = 3, one.steps = 1;
  for (const Fingerprint &golden : golden_fingerprints())
    if (golden.name == "weights after 1 step")
      expect::equal(digest_of(run_sample(one, cuda, {}).checkpoint), golden.sha256,
                    golden.name + " on the emulated device");
  SamplePlan ten;
  ten.shape.width = 9, ten.shape.layers = 2, ten.shape.state = 7, ten.shape.head = 6;
  ten.length = 128, ten.batch = 3, ten.steps = 10;
  ten.general_batch = 2, ten.kl_beta = 2.0f, ten.l2sp_lambda = 0.5f, ten.trust_region = true;
  SamplePlan hybrid = ten, student = ten;
  hybrid.shape.width = 10, hybrid.shape.layers = 3, hybrid.shape.head = 5, hybrid.shape.attention.set(1);
  student.distillation = true;
  const auto same = [&](const SamplePlan &plan, const std::string &what) {
    const RunResult wanted = run_sample(plan, cpu, {}), found = run_sample(plan, cuda, {}, 2);
    expect::equal(digest_of(found.checkpoint), digest_of(wanted.checkpoint), "weights of " + what);
    expect::yes(found.receipt == wanted.receipt && found.transcript == wanted.transcript &&
                    found.optimiser == wanted.optimiser,
                "receipt, transcript and moments of " + what);
  };
  same(ten, "10 steps"), same(hybrid, "10 hybrid steps"), same(student, "10 steps of a student");
  hybrid.steps = student.steps = 1, hybrid.length = 320, student.state_every = 1;
  hybrid.distillation = true, hybrid.kl_beta = 0, hybrid.l2sp_lambda = 0;
  same(hybrid, "1 step of a hybrid student"), same(student, "1 step of a student");
}

// What the device is asked for while a job trains: all steps up to a recorded state in one go, with one wait, one copy
// there and one back, and not a kernel by itself; at the state one more wait for its copy to unpinned memory.
void waits(const trainer_device_plugin_table &device) {
  struct Asked {
    std::vector<Counts> by_step;
  } asked;
  const auto note = [](void *context, const trainer_progress *) {
    static_cast<Asked *>(context)->by_step.push_back(counts());
  };
  WorkerPool pool(1);
  SamplePlan pure, hybrid, student;
  for (SamplePlan *plan : {&pure, &hybrid, &student}) {
    plan->shape.width = 8, plan->shape.layers = 2, plan->shape.state = 4, plan->shape.head = 4;
    plan->length = 64, plan->batch = 3, plan->steps = 12, plan->state_every = 4;
  }
  pure.general_batch = 2, pure.kl_beta = 1.0f, pure.l2sp_lambda = 0.5f;
  hybrid.shape.attention.set(0), student.distillation = true;
  for (const auto &[plan, what] : {std::pair{pure, "pure"}, std::pair{hybrid, "hybrid"}, std::pair{student, "student"}})
    for (const int micro_batch : {0, 1}) {
      asked.by_step.clear();
      run_sample(plan, {select_ops(nullptr), pool, &device}, {note, nullptr, &asked}, micro_batch);
      const std::string of = std::string(" of a plan, ") + what + ", micro-batch " + std::to_string(micro_batch);
      const auto is = [&](size_t step, Counts wanted) {
        const Counts found = asked.by_step.at(step);
        const auto text = [](const Counts &counts) {
          return std::to_string(counts.waits) + " waits, " + std::to_string(counts.kernels) + " kernels, " +
                 std::to_string(counts.graphs) + " recorded steps, " + std::to_string(counts.copies) + " copies, " +
                 std::to_string(counts.allocations) + " allocations";
        };
        expect::equal(text(found), text(wanted), "step " + std::to_string(step) + of);
      };
      is(4, {1, 0, 4, 2, 0}), is(5, {}), is(6, {}), is(7, {2, 0, 0, 1, 0});
      expect::yes(asked.by_step.at(8).waits == 1, "one wait for the last steps" + of);
    }
}

void function_sums(const trainer_device_plugin_table &device) {
  const uint64_t begin = 0x3f000000, end = begin + 100000;
  uint64_t wanted = 0, found = 0;
  for (uint64_t bits = begin; bits < end; bits++) {
    const float x = Scalar::from_bits(int32_t(bits));
    if (x >= 0.501f && x <= 1.0f)
      wanted += mix64((bits << 32 | uint32_t(Scalar::bits(trainer::log1p<Scalar>(x)))) + 0x9E3779B97F4A7C15ull);
  }
  trainer_device_line cause{};
  check_device(device.function_sum(2, 0.501f, 1.0f, begin, end, &found, &cause), cause);
  expect::equal(std::to_string(found), std::to_string(wanted), "sum over a range of inputs");
  double seconds = 0;
  check_device(device.product_seconds(70, 40, 30, 2, &seconds, &cause), cause);
  expect::yes(seconds > 0, "a matmul takes time");
}

// Memory for fewer sequences than a step has changes nothing; memory for none is one clear line, and the next job runs.
void device_memory(const trainer_device_plugin_table &device) {
  WorkerPool pool(1);
  SamplePlan plan;
  plan.shape.width = 48, plan.shape.layers = 1, plan.shape.state = 5, plan.shape.head = 32;
  plan.length = 64, plan.batch = 5, plan.steps = 1, plan.trust_region = true;
  const Machine cpu{select_ops(nullptr), pool}, cuda{select_ops(nullptr), pool, &device};
  const std::string wanted = run_sample(plan, cpu, {}).receipt;
  size_t refused = 0, trained = 0;
  for (size_t bytes = 100000; bytes < 8000000; bytes += bytes / 4) {
    emulate(0, 1, bytes);
    const std::string what = "a job in " + std::to_string(bytes) + " bytes of memory";
    try {
      expect::equal(run_sample(plan, cuda, {}).receipt, wanted, what);
      trained++;
    } catch (const Failure &failure) {
      const std::string message = failure.what();
      expect::yes(failure.code() == TRAINER_UNAVAILABLE &&
                      message.starts_with("backend cuda: out of memory: one sequence needs "),
                  what + ": " + message);
      refused++;
    }
  }
  expect::yes(refused > 3 && trained > 3, "some memories are too small and some are not");
  emulate(0, 1, plenty, 30);
  try {
    run_sample(plan, cuda, {});
    expect::yes(false, "a job on a device that fails in the middle of a step ends");
  } catch (const Failure &failure) {
    expect::yes(failure.code() == TRAINER_INTERNAL, "a failing device is no fault of the job's");
    expect::equal(failure.what(), "backend cuda: starting a kernel: unspecified launch failure",
                  "what a failing device says");
  }
  emulate(0, 1, plenty);
}

void all(bool full) {
  const FloatEnvironment environment;
  refused_plugins();
  const trainer_device_plugin_table &device = open_device();
  golden_bits(device, full);
  short_jobs(device);
  waits(device);
  shape_tests(*static_cast<const OpTable<float> *>(device.ops));
  function_sums(device);
  device_memory(device);
  interface_tests();
}

} // namespace

int main(int count, char **arguments) {
  const char *scope = std::getenv("TEST_SCOPE");
  const bool full =
      (count == 2 && std::strcmp(arguments[1], "--full") == 0) || (scope && std::strcmp(scope, "full") == 0);
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("fma")) {
    std::printf("SKIPPED: CUDA kernels by emulation: this processor has no fused multiply-add\n");
    return expect::finish();
  }
#endif
  setenv("TRAINER_DEVICE_PLUGIN", plugin("emulated_cuda").c_str(), 1);
  try {
    all(full);
  } catch (const Failure &failure) {
    expect::yes(false, failure.what());
  }
  if (!full)
    std::printf(
        "SKIPPED: golden weights after 10 and 100 steps on the emulated device: long; npm run test:full runs it\n");
  return expect::finish();
}
