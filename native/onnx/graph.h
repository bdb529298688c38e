// A computation graph in ONNX terms. Values are named by strings; every call adds one node and returns its output.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "protobuf.h"
#include "../state/safetensors.h"

namespace ledger {

using Value = std::string;
using Extents = std::vector<int64_t>;

struct OnnxAttribute {
  std::string name;
  Extents integers;
  bool list = false;
};

// A graph input or output; an extent of -1 is the batch axis, any size.
struct OnnxPort {
  Value name;
  int element_type;  // 1 = float, 7 = int64
  Extents extents;
};

class OnnxGraph {
 public:
  // A stored tensor under its own name and with its own bytes.
  Value weight(const Tensor &tensor);
  Value number(float value);
  Value numbers(const Extents &extents, const std::vector<float> &values);
  Value integers(const Extents &values);
  Value integer(int64_t value);

  Value node(const std::string &type, const std::vector<Value> &inputs, const std::vector<OnnxAttribute> &attributes = {});
  std::vector<Value> nodes(const std::string &type, const std::vector<Value> &inputs,
                           const std::vector<OnnxAttribute> &attributes, int outputs);
  // A node that gives its output this name: the last one, for a graph output.
  void named_output(const Value &from, const Value &name);

  Value add(const Value &a, const Value &b) { return node("Add", {a, b}); }
  Value subtract(const Value &a, const Value &b) { return node("Sub", {a, b}); }
  Value multiply(const Value &a, const Value &b) { return node("Mul", {a, b}); }
  Value matrix_product(const Value &a, const Value &b) { return node("MatMul", {a, b}); }
  Value exponential(const Value &a) { return node("Exp", {a}); }
  Value silu(const Value &a) { return multiply(a, node("Sigmoid", {a})); }
  Value reshape(const Value &a, const Extents &extents) { return node("Reshape", {a, integers(extents)}); }
  Value unsqueeze(const Value &a, int64_t axis) { return node("Unsqueeze", {a, integers({axis})}); }
  Value transpose(const Value &a, const Extents &order) { return node("Transpose", {a}, {{"perm", order, true}}); }
  Value slice(const Value &a, int64_t axis, int64_t begin, int64_t end);
  std::vector<Value> split(const Value &a, int64_t axis, const Extents &sizes);
  // Running sum along an axis; `exclusive` leaves out the element itself.
  Value cumulative_sum(const Value &a, int64_t axis, bool exclusive = false);

  // The whole model file, opset 18.
  std::string model(const std::string &name, const std::vector<OnnxPort> &inputs, const std::vector<OnnxPort> &outputs) const;

 private:
  Value constant(int element_type, const Extents &extents, std::string_view raw);
  void initializer(const Value &name, int element_type, const Extents &extents, std::string_view raw);
  Value fresh_name(const std::string &type);

  ProtobufMessage graph_;
  std::map<std::string, Value> constants_;  // equal constants are stored once
  int names_ = 0;
};

}  // namespace ledger
