// Small plans and what comes of them, through the C interface.
#pragma once
#include "expect.h"
#include "state/json.h"
#include "state/sha256.h"
#include "trainer.h"
#include <cstdint>
#include <vector>

using Bytes = std::vector<uint8_t>;

inline trainer_bytes view(const Bytes &bytes) { return {bytes.data(), bytes.size()}; }
inline std::string digest_of(const Bytes &bytes) { return ledger::hex(ledger::sha256(bytes.data(), bytes.size())); }

inline Bytes take(trainer_blob &blob) {
  Bytes bytes(blob.data, blob.data + blob.size);
  trainer_free(&blob);
  return bytes;
}

constexpr const char *small_model = R"({"dModel": 16, "layers": 2, "dState": 8, "headDim": 8, "expand": 2,
                                        "convWidth": 4, "chunk": 64, "vocab": 256})";

inline ledger::Json small_plan(const Bytes &batches) {
  ledger::Json plan = ledger::Json::parse(R"({"contract": "nc-1", "anchor": null, "general": null, "sentinel": null,
    "steps": 4, "batch": 2, "generalBatch": 0, "learningRate": 0.0078125, "warmupSteps": 1, "decay": "constant",
    "klBeta": 0, "l2spLambda": 0, "trustRegion": null, "stateEverySteps": 3,
    "initial": {"seed": "18446744073709551615"}, "optimiser": {"beta1": 0.875, "beta2": 0.96875,
    "epsilon": 9.5367431640625e-7, "weightDecay": 0.015625, "clipNorm": 1}})");
  plan.set("model", ledger::Json::parse(small_model));
  return plan.set("batches", digest_of(batches));
}

struct Outcome {
  int code;
  trainer_error error;
  Bytes checkpoint, optimiser, transcript, receipt;
};

inline Outcome run(const ledger::Json &plan, const std::vector<Bytes> &inputs, const trainer_hooks *hooks = nullptr) {
  std::vector<trainer_bytes> views;
  for (const Bytes &input : inputs) views.push_back(view(input));
  Outcome out{};
  trainer_result result;
  const trainer_options options{2, nullptr, 0};
  out.code = trainer_run(plan.canonical().c_str(), views.data(), views.size(), &options, hooks, &result, &out.error);
  if (out.code != TRAINER_OK) return out;
  out.checkpoint = take(result.checkpoint), out.optimiser = take(result.optimiser);
  out.transcript = take(result.transcript), out.receipt = take(result.receipt);
  return out;
}

inline void fails_with(int found, const trainer_error &error, int code, const std::string &part) {
  expect::yes(found == code && std::string(error.message).find(part) != std::string::npos,
              "code " + std::to_string(code) + " and '" + part + "': found code " + std::to_string(found) + " and '" +
                  error.message + "'");
}

inline void fails(const ledger::Json &plan, const std::vector<Bytes> &inputs, int code, const std::string &part) {
  const Outcome out = run(plan, inputs);
  fails_with(out.code, out.error, code, part);
}
