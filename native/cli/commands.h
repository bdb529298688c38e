// The commands, one function each: arguments in, exit status out (0 done or equal, 1 the answer is no, 2 cannot tell).
#pragma once
#include <string>
#include <vector>

#include "../include/trainer.h"
#include "arguments.h"

using Words = std::vector<std::string>;

int run_command(const Words &words);
int replay_command(const Words &words);
int states_command(const Words &words);
int evaluate_command(const Words &words);
int trace_command(const Words &words);
int describe_command(const Words &words);
int initialise_command(const Words &words);
int export_command(const Words &words);
int selftest_command(const Words &words);
int bench_command(const Words &words);
int backends_command(const Words &words);

// An error code of the library; ends with exit status 1 when the trainer itself stopped, else 2.
struct TrainerFailed : std::runtime_error {
  explicit TrainerFailed(const trainer_error &error) : std::runtime_error(error.message), code(error.code) {}
  int code;
};

inline void check(int code, const trainer_error &error) {
  if (code != TRAINER_OK) throw TrainerFailed(error);
}

// --threads, --isa and --backend; --micro-batch where a command trains.
struct ChosenOptions {
  explicit ChosenOptions(const Arguments &arguments)
      : isa(arguments.text("--isa", "")), backend(arguments.text("--backend", "cpu")),
        threads(arguments.integer("--threads", 0, 0, 1024)),
        micro_batch(arguments.integer("--micro-batch", 0, 0, 4096)) {}
  trainer_options get() const { return {threads, isa.empty() ? nullptr : isa.c_str(), micro_batch, backend.c_str()}; }
  std::string isa, backend;
  int threads, micro_batch;
};

// Prints a JSON document: as it is, or for people, one "name: value" a line.
void print_document(const uint8_t *data, size_t size, bool as_json);
