#include "bench.h"
#include "device.h"
#include "evaluate.h"
#include "model/sequence_pass.h"
#include "ops/select.h"
#include "run.h"
#include "samples.h"
#include "state/json_reader.h"
#include <algorithm>
#include <chrono>
#include <sys/resource.h>

namespace trainer {

using ledger::Json;

namespace {

struct BenchOptions {
  int width = 128, layers = 4, length = 256, batch = 8, steps = 10, threads = 0;
  std::string isa, backend;
};

BenchOptions read_options(const std::string &text) {
  const Json json = Json::parse(text, "bench");
  const ledger::JsonReader reader(json, "bench");
  reader.refuse_others({"dModel", "layers", "length", "batch", "steps", "threads", "isa", "backend"});
  BenchOptions options;
  const auto integer = [&](const char *name, int &value, int least, int most) {
    if (const auto field = reader.optional(name)) value = int(field->integer(least, most));
  };
  integer("dModel", options.width, 32, 4096);
  integer("layers", options.layers, 1, 256);
  integer("length", options.length, 64, 65536);
  integer("batch", options.batch, 1, 4096);
  integer("steps", options.steps, 3, 100000);
  integer("threads", options.threads, 0, 1024);
  if (const auto field = reader.optional("isa")) options.isa = field->string();
  if (const auto field = reader.optional("backend")) options.backend = field->string();
  return options;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Of this process, from its start.
double peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return double(usage.ru_maxrss) * 1024;
}

struct StepTimes {
  std::chrono::steady_clock::time_point last = std::chrono::steady_clock::now();
  std::vector<double> seconds;
};

void note_step(void *context, const trainer_progress *) {
  StepTimes &times = *static_cast<StepTimes *>(context);
  times.seconds.push_back(seconds_since(times.last));
  times.last = std::chrono::steady_clock::now();
}

// From step `begin` on. A device trains several steps before it is heard of again.
double mean_from(const std::vector<double> &seconds, size_t begin) {
  double sum = 0;
  for (size_t i = begin; i < seconds.size(); i++) sum += seconds[i];
  return sum / double(seconds.size() - begin);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Product {
  const char *name;
  int rows, columns, depth;
  bool of_gradients; // its left side is read along columns, and its right side is packed within the step
};

// The products of one sequence through one layer, and of the head.
std::vector<Product> products_of(const Shape &shape, int length) {
  const int width = shape.width, inner = shape.inner(), projected = shape.projected();
  return {{"in_proj", length, projected, width, false},
          {"out_proj", length, width, inner, false},
          {"head", length, Shape::vocabulary, width, false},
          {"in_proj, its gradient", projected, width, length, true}};
}

// On one thread, or on the device for the whole batch at once.
double matmul_gflops(const Machine &machine, const Product &product) {
  const auto [name, rows, columns, depth, of_gradients] = product;
  const double work = 2.0 * rows * columns * depth;
  if (machine.device) {
    double once = 0;
    trainer_device_line cause{};
    check_device(machine.device->product_seconds(rows, columns, depth, 20, &once, &cause), cause);
    return work / once * 1e-9;
  }
  const OpTable<float> &ops = machine.ops;
  const std::vector<float> left = sample_values(size_t(rows) * depth, 1), right = sample_values(size_t(columns) * depth, 2);
  Buffer<float> packed(ops.packed_size(depth, columns)), out(size_t(rows) * columns);
  const Strided<float> a = of_gradients ? Strided<float>{left.data(), 1, rows} : Strided<float>{left.data(), depth, 1};
  const Strided<float> b = of_gradients ? Strided<float>{right.data(), columns, 1} : Strided<float>{right.data(), 1, depth};
  ops.pack(b, depth, columns, packed.data());
  std::vector<double> seconds;
  const auto begin = std::chrono::steady_clock::now();
  while (seconds.size() < 5 || seconds_since(begin) < 0.2) {
    const auto start = std::chrono::steady_clock::now();
    if (of_gradients) ops.pack(b, depth, columns, packed.data());
    ops.matmul(rows, columns, depth, a, packed.data(), out.data(), columns);
    seconds.push_back(seconds_since(start));
  }
  return work / median(seconds) * 1e-9;
}

double evaluate_rate(const Machine &machine, const Shape &shape, const BenchOptions &options) {
  const Model model = initial_model(shape, 1);
  const std::vector<uint8_t> blob = sample_sequences(size_t(options.batch) * 4, size_t(options.length), 3);
  const ledger::Sequences sequences(blob.data(), blob.size(), "bench");
  std::vector<trainer_item> items(sequences.count());
  std::vector<double> seconds;
  for (int i = 0; i < 3; i++) {
    const auto start = std::chrono::steady_clock::now();
    evaluate(machine, model, sequences, items.data(), nullptr);
    seconds.push_back(seconds_since(start));
  }
  return double(sequences.count() * sequences.length()) / median(seconds);
}

} // namespace

std::string bench(const std::string &options_json) {
  const BenchOptions options = read_options(options_json);
  const OpTable<float> &ops = select_ops(options.isa.empty() ? nullptr : options.isa.c_str());
  WorkerPool pool(options.threads);
  const Machine machine{ops, pool, device_of(options.backend.empty() ? nullptr : options.backend.c_str())};
  SamplePlan sample;
  sample.shape.width = options.width;
  sample.shape.layers = options.layers;
  sample.length = options.length;
  sample.batch = options.batch;
  sample.steps = options.steps;
  if (machine.device) sample.state_every = (options.steps + 1) / 2; // the device is heard of at both halves' ends
  check_shape(sample.shape, "bench");
  StepTimes times;
  const RunResult run = run_sample(sample, machine, {note_step, nullptr, &times});
  // the first step also loads and allocates
  const double step = machine.device
                          ? mean_from(times.seconds, size_t(sample.state_every))
                          : median(std::vector<double>(times.seconds.begin() + 1, times.seconds.end()));
  Json json = Json::object();
  json.set("backend", machine.device ? "cuda" : "cpu").set("isa", ops.name).set("threads", pool.threads());
  json.set("dModel", options.width).set("layers", options.layers);
  json.set("length", options.length).set("batch", options.batch).set("steps", options.steps);
  json.set("tokensPerSecond", double(options.batch) * options.length / step);
  json.set("evaluateTokensPerSecond", evaluate_rate(machine, sample.shape, options));
  Json measured = Json::array();
  for (const Product &product : products_of(sample.shape, machine.device ? options.batch * options.length : options.length)) {
    Json one = Json::object();
    one.set("name", product.name).set("rows", product.rows).set("columns", product.columns).set("depth", product.depth);
    measured.push(one.set("gflops", matmul_gflops(machine, product)));
  }
  json.set("gemmGflops", measured.items().front().find("gflops")->number()).set("products", measured);
  json.set("peakMemoryBytes", peak_memory());
  json.set("weightsSha256", ledger::hex(ledger::sha256(run.checkpoint.data(), run.checkpoint.size())));
  return json.canonical();
}

} // namespace trainer
