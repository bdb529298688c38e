#include <cstdio>
#include <optional>

#include "../state/json_reader.h"
#include "commands.h"
#include "files.h"
#include "training.h"

int replay_command(const Words &words) {
  const Arguments arguments(words,
                            {"--inputs", "--receipt", "--transcript", "--candidate", "--states", "--threads", "--isa",
                             "--backend", "--micro-batch"},
                            {"--json"});
  const std::string plan = read_text(arguments.positional({"PLAN.json"})[0]);
  const std::string receipt = read_text(arguments.required("--receipt"));
  const auto given = [&](const char *option) {
    return arguments.has(option) ? std::optional(read_bytes(arguments.required(option))) : std::nullopt;
  };
  const ClaimFiles claim{receipt, given("--transcript"), given("--candidate"), given("--states")};
  const Blob blob = replay(plan, arguments.required("--inputs"), claim, ChosenOptions(arguments));

  const std::string_view text(reinterpret_cast<const char *>(blob.data()), blob.size());
  const ledger::Json json = ledger::Json::parse(text, "verdict");
  const ledger::JsonReader verdict(json, "verdict");
  if (arguments.has("--json")) print_document(blob.data(), blob.size(), true);
  else std::printf("%s\n", verdict.field("sentence").string().c_str());
  return verdict.field("equal").boolean() ? 0 : 1;
}

int states_command(const Words &words) {
  const Arguments arguments(words, {"--inputs", "--every", "--out", "--threads", "--isa", "--backend", "--micro-batch"}, {});
  const std::string plan = read_text(arguments.positional({"PLAN.json"})[0]);
  const std::string out = arguments.required("--out");
  const int every = arguments.integer("--every", 1, 1, 10'000'000);
  const Blob transcript = states(plan, arguments.required("--inputs"), every, ChosenOptions(arguments));
  write_bytes(out, transcript.data(), transcript.size());
  std::printf("%s\n", ledger::hex(ledger::sha256(transcript.data(), transcript.size())).c_str());
  return 0;
}
