#include "describe.h"
#include "ops/select.h"
#include "state/transcript.h"
#include "device.h"
#include <cmath>
#include <thread>

namespace trainer {

using ledger::Json;

Json shape_json(const Shape &shape) {
  Json json = Json::object();
  json.set("dModel", shape.width).set("layers", shape.layers).set("dState", shape.state).set("headDim", shape.head);
  json.set("expand", shape.expand).set("convWidth", Shape::taps).set("chunk", shape.chunk);
  json.set("vocab", Shape::vocabulary);
  if (shape.attention.none()) return json;
  Json attention = Json::array();
  for (int i = 0; i < shape.layers; i++)
    if (shape.attends(i)) attention.push(i);
  return json.set("attention", std::move(attention));
}

std::string describe(const Model &model) {
  Json tensors = Json::array(), names = Json::array();
  std::vector<ledger::TensorDigest> digests;
  for (const Parameter &parameter : model.table.all()) {
    const ledger::Digest digest =
        ledger::sha256(model.values.data() + parameter.offset, parameter.count * sizeof(float));
    digests.push_back({parameter.name, digest});
    Json extents = Json::array();
    for (int64_t extent : parameter.shape) extents.push(extent);
    Json entry = Json::object();
    entry.set("name", parameter.name).set("shape", extents);
    names.push(entry);
    tensors.push(entry.set("sha256", ledger::hex(digest)));
  }
  bool finite = true;
  for (float value : model.values) finite = finite && std::isfinite(value);
  const std::string architecture = names.canonical();
  Json json = Json::object();
  json.set("architecture", ledger::hex(ledger::sha256(architecture.data(), architecture.size())));
  json.set("model", shape_json(model.table.shape())).set("parameters", uint64_t(model.table.count()));
  json.set("finite", finite).set("tensors", std::move(tensors));
  return json.set("root", ledger::hex(ledger::state_root(digests))).canonical();
}

Json describe_backends() {
  const DeviceStatus &cuda = device_status();
  Json list = Json::array(), cpu = Json::object(), entry = Json::object();
  list.push(cpu.set("name", "cpu").set("available", true).set("device", Json()).set("reason", Json()));
  entry.set("name", "cuda").set("available", cuda.available);
  entry.set("device", cuda.available ? Json(cuda.text) : Json()).set("reason", cuda.available ? Json() : Json(cuda.text));
  return list.push(entry);
}

Json describe_machine() {
  Json json = Json::object(), list = Json::array();
  std::string best;
  for (const InstructionSet &set : instruction_sets()) {
    if (best.empty() && set.available) best = set.name;
    Json entry = Json::object();
    list.push(entry.set("name", set.name).set("available", set.available));
  }
  json.set("best", best).set("isa", std::move(list));
  json.set("threads", int(std::thread::hardware_concurrency()));
#if defined(__clang__)
  json.set("compiler", "clang " __clang_version__);
#else
  json.set("compiler", "g++ " __VERSION__);
#endif
  return json.set("contract", "nc-1").set("build", TRAINER_BUILD);
}

} // namespace trainer
