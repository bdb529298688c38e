#include <cstdio>
#include <optional>

#include "../state/json_reader.h"
#include "commands.h"
#include "files.h"
#include "training.h"

int replay_command(const Words &words) {
  const Arguments arguments(words,
                            {"--inputs", "--receipt", "--transcript", "--candidate", "--threads", "--isa", "--micro-batch"},
                            {"--json"});
  const std::string plan = read_text(arguments.positional({"PLAN.json"})[0]);
  const std::string receipt = read_text(arguments.required("--receipt"));
  const auto given = [&](const char *option) {
    return arguments.has(option) ? std::optional(read_bytes(arguments.required(option))) : std::nullopt;
  };
  const auto transcript = given("--transcript"), candidate = given("--candidate");
  const Blob blob = replay(plan, arguments.required("--inputs"),
                           {receipt, transcript ? &*transcript : nullptr, candidate ? &*candidate : nullptr},
                           ChosenOptions(arguments));

  const std::string_view text(reinterpret_cast<const char *>(blob.data()), blob.size());
  const ledger::Json json = ledger::Json::parse(text, "verdict");
  const ledger::JsonReader verdict(json, "verdict");
  if (arguments.has("--json")) print_document(blob.data(), blob.size(), true);
  else std::printf("%s\n", verdict.field("sentence").string().c_str());
  return verdict.field("equal").boolean() ? 0 : 1;
}
