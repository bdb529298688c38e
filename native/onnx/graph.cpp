#include "graph.h"

namespace ledger {
namespace {

constexpr int float_type = 1, int64_type = 7;

template <class Element>
std::string_view raw_bytes(const std::vector<Element> &values) {
  return {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(Element)};
}

ProtobufMessage encode(const OnnxAttribute &attribute) {
  constexpr int one_integer = 2, many_integers = 7;
  ProtobufMessage message;
  message.bytes(1, attribute.name);
  for (const int64_t value : attribute.integers) message.integer(attribute.list ? 8 : 3, value);
  return message.integer(20, attribute.list ? many_integers : one_integer);
}

ProtobufMessage encode(const OnnxPort &port) {
  ProtobufMessage shape;
  for (const int64_t extent : port.extents) {
    ProtobufMessage dimension;
    if (extent < 0) dimension.bytes(2, "batch");
    else dimension.integer(1, extent);
    shape.message(1, dimension);
  }
  ProtobufMessage tensor_type, type, message;
  tensor_type.integer(1, port.element_type).message(2, shape);
  type.message(1, tensor_type);
  return message.bytes(1, port.name).message(2, type);
}

}  // namespace

void OnnxGraph::initializer(const Value &name, int element_type, const Extents &extents, std::string_view raw) {
  ProtobufMessage tensor;
  for (const int64_t extent : extents) tensor.integer(1, extent);
  tensor.integer(2, element_type).bytes(8, name).bytes(9, raw);
  graph_.message(5, tensor);
}

Value OnnxGraph::constant(int element_type, const Extents &extents, std::string_view raw) {
  std::string key = std::to_string(element_type);
  for (const int64_t extent : extents) key.append(" ").append(std::to_string(extent));
  key.append("=").append(raw);
  const auto found = constants_.find(key);
  if (found != constants_.end()) return found->second;
  const Value name = fresh_name("constant");
  initializer(name, element_type, extents, raw);
  return constants_[key] = name;
}

Value OnnxGraph::weight(const Tensor &tensor) {
  initializer(tensor.name, float_type, tensor.shape, raw_bytes(tensor.data));
  return tensor.name;
}

Value OnnxGraph::number(float value) { return numbers({}, {value}); }

Value OnnxGraph::numbers(const Extents &extents, const std::vector<float> &values) {
  return constant(float_type, extents, raw_bytes(values));
}

Value OnnxGraph::integers(const Extents &values) {
  return constant(int64_type, {int64_t(values.size())}, raw_bytes(values));
}

Value OnnxGraph::integer(int64_t value) { return constant(int64_type, {}, raw_bytes(Extents{value})); }

Value OnnxGraph::fresh_name(const std::string &type) { return type + "_" + std::to_string(names_++); }

std::vector<Value> OnnxGraph::nodes(const std::string &type, const std::vector<Value> &inputs,
                                    const std::vector<OnnxAttribute> &attributes, int outputs) {
  ProtobufMessage message;
  std::vector<Value> names;
  for (const Value &input : inputs) message.bytes(1, input);
  for (int i = 0; i < outputs; i++) {
    names.push_back(fresh_name(type));
    message.bytes(2, names.back());
  }
  message.bytes(3, "node_" + names[0]).bytes(4, type);
  for (const OnnxAttribute &attribute : attributes) message.message(5, encode(attribute));
  graph_.message(1, message);
  return names;
}

Value OnnxGraph::node(const std::string &type, const std::vector<Value> &inputs,
                      const std::vector<OnnxAttribute> &attributes) {
  return nodes(type, inputs, attributes, 1)[0];
}

void OnnxGraph::named_output(const Value &from, const Value &name) {
  ProtobufMessage message;
  message.bytes(1, from).bytes(2, name).bytes(3, "node_" + name).bytes(4, "Identity");
  graph_.message(1, message);
}

Value OnnxGraph::slice(const Value &a, int64_t axis, int64_t begin, int64_t end) {
  return node("Slice", {a, integers({begin}), integers({end}), integers({axis})});
}

std::vector<Value> OnnxGraph::split(const Value &a, int64_t axis, const Extents &sizes) {
  return nodes("Split", {a, integers(sizes)}, {{"axis", {axis}}}, int(sizes.size()));
}

Value OnnxGraph::cumulative_sum(const Value &a, int64_t axis, bool exclusive) {
  return node("CumSum", {a, integer(axis)}, {{"exclusive", {exclusive ? 1 : 0}}});
}

std::string OnnxGraph::model(const std::string &name, const std::vector<OnnxPort> &inputs,
                             const std::vector<OnnxPort> &outputs) const {
  ProtobufMessage graph = graph_;
  graph.bytes(2, name);
  for (const OnnxPort &port : inputs) graph.message(11, encode(port));
  for (const OnnxPort &port : outputs) graph.message(12, encode(port));
  ProtobufMessage operators, model;
  operators.bytes(1, "").integer(2, 18);
  model.integer(1, 8).bytes(2, "prometheus-ledger").message(7, graph).message(8, operators);
  return model.encoded();
}

}  // namespace ledger
