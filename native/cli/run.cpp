
#include "commands.h"
#include "files.h"
#include "training.h"

int run_command(const Words &words) {
  const Arguments arguments(words, {"--inputs", "--out", "--threads", "--isa", "--backend", "--micro-batch"}, {"--json"});
  const std::string plan = read_text(arguments.positional({"PLAN.json"})[0]);
  const std::filesystem::path out = arguments.required("--out");
  const Trained trained = train(plan, arguments.required("--inputs"), ChosenOptions(arguments));

  std::filesystem::create_directories(out);
  const auto write = [&](const char *name, const Blob &blob) { write_bytes(out / name, blob.data(), blob.size()); };
  write("checkpoint.safetensors", trained.checkpoint);
  write("optimiser.safetensors", trained.optimiser);
  write("transcript.jsonl", trained.transcript);
  write("receipt.json", trained.receipt);
  print_document(trained.receipt.data(), trained.receipt.size(), arguments.has("--json"));
  return 0;
}
