#include <cstdio>

#include "../state/json.h"
#include "../state/json_reader.h"
#include "../state/transcript.h"
#include "commands.h"
#include "files.h"
#include "training.h"

namespace {

using ledger::Json;

std::string_view text_of(const Blob &blob) { return {reinterpret_cast<const char *>(blob.data()), blob.size()}; }

// The names of the receipt's fields that differ, sorted.
std::vector<std::string> different_fields(const Json &claimed, const Json &found) {
  std::vector<std::string> names;
  for (const auto &[name, value] : claimed.members()) {
    const Json *other = found.find(name);
    if (other == nullptr || other->canonical() != value.canonical()) names.push_back(name);
  }
  for (const auto &[name, value] : found.members()) {
    if (claimed.find(name) == nullptr) names.push_back(name);
  }
  return names;
}

std::optional<ledger::Divergence> compare_transcripts(const std::string &claimed, const Blob &found, const Json &receipt) {
  const std::string digest = ledger::hex(ledger::sha256(claimed.data(), claimed.size()));
  const std::string named = ledger::JsonReader(receipt, "receipt").field("transcript").string();
  if (digest != named) throw FileError("the transcript's SHA-256 is " + digest + ", the receipt names " + named);
  return ledger::first_divergence(ledger::read_transcript(claimed), ledger::read_transcript(text_of(found)));
}

Json verdict(const std::vector<std::string> &fields, const std::optional<ledger::Divergence> &divergence) {
  Json json = Json::object().set("equal", fields.empty());
  Json names = Json::array();
  for (const auto &name : fields) names.push(name);
  json.set("fields", names);
  if (divergence) {
    Json first = Json::object().set("step", divergence->step).set("field", divergence->field);
    first.set("tensor", divergence->tensor ? Json(*divergence->tensor) : Json());
    json.set("firstDivergence", first);
  }
  return json;
}

void print_verdict(const std::vector<std::string> &fields, const std::optional<ledger::Divergence> &divergence,
                   bool transcript_given) {
  if (fields.empty()) {
    std::printf("equal: the plan gives the receipt's weights again, bit for bit\n");
    return;
  }
  std::printf("diverged: the receipt and this run differ in");
  for (const auto &name : fields) std::printf(" %s", name.c_str());
  std::printf("\n");
  if (divergence) {
    std::printf("first difference: step %llu, %s", static_cast<unsigned long long>(divergence->step),
                divergence->field.c_str());
    if (divergence->tensor) std::printf(", tensor %s", divergence->tensor->c_str());
    std::printf("\n");
  } else if (transcript_given) {
    std::printf("the transcripts are equal: the difference lies after the last step\n");
  } else {
    std::printf("give --transcript to learn the first differing step and tensor\n");
  }
}

}  // namespace

int replay_command(const Words &words) {
  const Arguments arguments(
      words, {"--inputs", "--receipt", "--transcript", "--threads", "--isa", "--backend", "--micro-batch"}, {"--json"});
  const std::string plan = read_text(arguments.positional({"PLAN.json"})[0]);
  const std::string receipt_text = read_text(arguments.required("--receipt"));
  const Json claimed = Json::parse(receipt_text, "receipt");
  const bool transcript_given = arguments.has("--transcript");
  const std::string transcript = transcript_given ? read_text(arguments.required("--transcript")) : "";

  const Trained trained = train(plan, arguments.required("--inputs"), ChosenOptions(arguments));
  const auto fields = different_fields(claimed, Json::parse(text_of(trained.receipt), "receipt of this run"));
  std::optional<ledger::Divergence> divergence;
  if (transcript_given) divergence = compare_transcripts(transcript, trained.transcript, claimed);

  if (arguments.has("--json")) std::printf("%s\n", verdict(fields, divergence).canonical().c_str());
  else print_verdict(fields, divergence, transcript_given);
  return fields.empty() ? 0 : 1;
}
