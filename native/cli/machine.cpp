// Commands about this machine: what it has, whether it computes right, how fast it is.
#include "../include/trainer_blob.h"
#include "../state/json_reader.h"
#include "commands.h"

namespace {

using ledger::Json;

}  // namespace

int selftest_command(const Words &words) {
  const Arguments arguments(words, {"--threads", "--isa", "--backend"}, {"--json"});
  arguments.positional({});
  const ChosenOptions options(arguments);
  const trainer_options chosen = options.get();
  Blob blob;
  trainer_error error{TRAINER_OK, -1, ""};
  check(trainer_selftest(&chosen, blob.out(), &error), error);
  print_document(blob.data(), blob.size(), arguments.has("--json"));
  const Json json = Json::parse({reinterpret_cast<const char *>(blob.data()), blob.size()}, "selftest");
  return ledger::JsonReader(json, "selftest").field("ok").boolean() ? 0 : 1;
}

int bench_command(const Words &words) {
  const Arguments arguments(
      words, {"--d-model", "--layers", "--seq", "--batch", "--steps", "--threads", "--isa", "--backend"}, {"--json"});
  arguments.positional({});
  Json options = Json::object();
  options.set("dModel", arguments.integer("--d-model", 128, 32, 4096)).set("layers", arguments.integer("--layers", 4, 1, 256));
  options.set("length", arguments.integer("--seq", 256, 64, 65536)).set("batch", arguments.integer("--batch", 8, 1, 4096));
  options.set("steps", arguments.integer("--steps", 10, 3, 100000)).set("threads", arguments.integer("--threads", 0, 0, 1024));
  if (arguments.has("--backend")) options.set("backend", arguments.required("--backend"));
  if (arguments.has("--isa")) options.set("isa", arguments.required("--isa"));
  Blob json;
  trainer_error error{TRAINER_OK, -1, ""};
  check(trainer_bench(options.canonical().c_str(), json.out(), &error), error);
  print_document(json.data(), json.size(), arguments.has("--json"));
  return 0;
}

int backends_command(const Words &words) {
  const Arguments arguments(words, {}, {"--json"});
  arguments.positional({});
  Blob json;
  trainer_error error{TRAINER_OK, -1, ""};
  check(trainer_backends(json.out(), &error), error);
  print_document(json.data(), json.size(), arguments.has("--json"));
  return 0;
}
