// Commands that read or make one checkpoint.
#include <cstdio>
#include <sstream>

#include "../include/trainer_blob.h"
#include "../state/json_reader.h"
#include "../state/sequences.h"
#include "commands.h"
#include "files.h"

namespace {

using ledger::Json;

trainer_bytes view(const std::vector<uint8_t> &bytes) { return {bytes.data(), bytes.size()}; }

// `value` of an option as an unsigned 64-bit integer.
uint64_t seed_of(const std::string &value) { return ledger::JsonReader(Json(value), "--seed").uint64_text(); }

// "1,3" as [1, 3]; which numbers are good the trainer says.
Json list_of(const Arguments &arguments, const std::string &name) {
  Json list = Json::array();
  std::stringstream words(arguments.text(name, ""));
  for (std::string word; std::getline(words, word, ',');) {
    if (word.empty() || word.size() > 3 || word.find_first_not_of("0123456789") != std::string::npos) {
      throw UsageError(name + " must be layers as 0,2, not " + arguments.text(name, ""));
    }
    list.push(std::stoi(word));
  }
  return list;
}

}  // namespace

int trace_command(const Words &words) {
  const Arguments arguments(words, {"--out", "--logits", "--hidden", "--threads", "--isa", "--backend"}, {});
  const auto paths = arguments.positional({"CHECKPOINT", "SEQUENCES.plsq"});
  const auto checkpoint = read_bytes(paths[0]), sequences = read_bytes(paths[1]);
  const std::string out = arguments.required("--out");
  Json request = Json::object().set("logits", arguments.integer("--logits", 256, 0, 256));
  request.set("hidden", list_of(arguments, "--hidden"));
  const ChosenOptions options(arguments);
  const trainer_options chosen = options.get();
  Blob traces;
  trainer_error error{TRAINER_OK, -1, ""};
  check(trainer_trace(view(checkpoint), view(sequences), request.canonical().c_str(), &chosen, traces.out(), &error), error);
  write_bytes(out, traces.data(), traces.size());
  std::printf("%s\n", ledger::hex(ledger::sha256(traces.data(), traces.size())).c_str());
  return 0;
}

int evaluate_command(const Words &words) {
  const Arguments arguments(words, {"--threads", "--isa", "--backend"}, {"--json"});
  const auto paths = arguments.positional({"CHECKPOINT", "SEQUENCES.plsq"});
  const auto checkpoint = read_bytes(paths[0]), blob = read_bytes(paths[1]);
  const ledger::Sequences sequences(blob.data(), blob.size(), paths[1]);
  std::vector<trainer_item> items(sequences.count());
  const ChosenOptions options(arguments);
  const trainer_options chosen = options.get();
  trainer_error error{TRAINER_OK, -1, ""};
  check(trainer_evaluate(view(checkpoint), view(blob), &chosen, items.data(), nullptr, &error), error);

  double nats = 0;
  uint64_t scored = 0, correct = 0;
  Json list = Json::array();
  for (const trainer_item &item : items) {
    nats += item.nll_nats;
    scored += item.scored;
    correct += item.correct;
    list.push(Json::object().set("nllNats", item.nll_nats).set("scored", item.scored).set("correct", item.correct));
  }
  const double count = scored > 0 ? double(scored) : 1;
  if (arguments.has("--json")) {
    Json json = Json::object().set("sequences", uint64_t(items.size())).set("scored", scored).set("correct", correct);
    json.set("nllNats", nats).set("nllNatsMean", nats / count).set("items", list);
    std::printf("%s\n", json.canonical().c_str());
  } else {
    std::printf("%zu sequences, %llu scored bytes: %.6f nats per byte (%.6f bits), %.2f%% of bytes right\n", items.size(),
                static_cast<unsigned long long>(scored), nats / count, nats / count / 0.6931471805599453,
                100 * double(correct) / count);
  }
  return 0;
}

int describe_command(const Words &words) {
  const Arguments arguments(words, {}, {"--json"});
  const auto checkpoint = read_bytes(arguments.positional({"CHECKPOINT"})[0]);
  Blob json;
  trainer_error error{TRAINER_OK, -1, ""};
  check(trainer_describe(view(checkpoint), json.out(), &error), error);
  print_document(json.data(), json.size(), arguments.has("--json"));
  return 0;
}

int initialise_command(const Words &words) {
  const Arguments arguments(words, {"--d-model", "--layers", "--d-state", "--head-dim", "--expand", "--attention", "--seed", "--out"}, {});
  arguments.positional({});
  Json model = Json::object();
  model.set("dModel", arguments.integer("--d-model", 128, 1, 65536)).set("layers", arguments.integer("--layers", 4, 1, 1024));
  model.set("dState", arguments.integer("--d-state", 64, 1, 65536)).set("headDim", arguments.integer("--head-dim", 64, 1, 65536));
  model.set("expand", arguments.integer("--expand", 2, 1, 64)).set("convWidth", 4).set("chunk", 64).set("vocab", 256);
  if (arguments.has("--attention")) model.set("attention", list_of(arguments, "--attention"));
  const std::string out = arguments.required("--out");
  Blob checkpoint;
  trainer_error error{TRAINER_OK, -1, ""};
  const uint64_t seed = seed_of(arguments.required("--seed"));
  check(trainer_initialise(model.canonical().c_str(), seed, checkpoint.out(), &error), error);
  write_bytes(out, checkpoint.data(), checkpoint.size());
  std::printf("%s\n", ledger::hex(ledger::sha256(checkpoint.data(), checkpoint.size())).c_str());
  return 0;
}

int export_command(const Words &words) {
  const Arguments arguments(words, {"--length", "--out"}, {});
  const auto checkpoint = read_bytes(arguments.positional({"CHECKPOINT"})[0]);
  const std::string out = arguments.required("--out");
  arguments.required("--length");
  Blob onnx;
  trainer_error error{TRAINER_OK, -1, ""};
  check(trainer_export_onnx(view(checkpoint), arguments.integer("--length", 0, 64, 65536), onnx.out(), &error), error);
  write_bytes(out, onnx.data(), onnx.size());
  std::printf("%s\n", ledger::hex(ledger::sha256(onnx.data(), onnx.size())).c_str());
  return 0;
}
