#include "parameters.h"
#include "state/invalid.h"
#include <algorithm>

namespace trainer {

using ledger::Invalid;

static void check_range(const std::string &what, const char *name, int value, int least, int most) {
  if (value < least || value > most)
    throw Invalid(what + "." + name + " must be " + std::to_string(least) + " to " + std::to_string(most) + ", not " +
                  std::to_string(value));
}

void check_shape(const Shape &shape, const std::string &what) {
  check_range(what, "dModel", shape.width, 1, 4096);
  check_range(what, "layers", shape.layers, 1, 256);
  check_range(what, "dState", shape.state, 1, 256);
  check_range(what, "headDim", shape.head, 1, 256);
  check_range(what, "expand", shape.expand, 1, 8);
  if (shape.inner() % shape.head != 0)
    throw Invalid(what + ".headDim must divide expand * dModel = " + std::to_string(shape.inner()) + ", not " +
                  std::to_string(shape.head));
  if (shape.attention.none()) return;
  if (shape.width % shape.head != 0)
    throw Invalid(what + ".headDim must divide dModel = " + std::to_string(shape.width) +
                  " where layers are attention, whose heads have as many channels; not " + std::to_string(shape.head));
  for (int i = shape.layers; i < int(shape.attention.size()); i++)
    if (shape.attends(i))
      throw Invalid(what + ".attention must name layers from 0 to " + std::to_string(shape.layers - 1) + ", not " +
                    std::to_string(i));
  if (int(shape.attention.count()) == shape.layers)
    throw Invalid(what + ".attention must leave at least one layer to Mamba-2, not name all " +
                  std::to_string(shape.layers));
}

static std::string text_of(const std::vector<int64_t> &shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); i++) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  text += "]";
  return text;
}

// What the layers are follows from the names: attention has q_proj where Mamba-2 has in_proj.
static void read_layers(const std::vector<ledger::Tensor> &tensors, const std::string &what, Shape &shape) {
  const auto has = [&](const char *name) {
    const std::string full = "backbone.layers." + std::to_string(shape.layers) + "." + name;
    return std::any_of(tensors.begin(), tensors.end(), [&](const ledger::Tensor &tensor) { return tensor.name == full; });
  };
  for (; shape.layers < int(shape.attention.size()) && has("norm.weight"); shape.layers++) {
    const bool attention = has("mixer.q_proj.weight");
    if (attention == has("mixer.in_proj.weight"))
      throw Invalid(what + ": layer " + std::to_string(shape.layers) +
                    " must be either Mamba-2 (mixer.in_proj.weight) or attention (mixer.q_proj.weight)");
    shape.attention[size_t(shape.layers)] = attention;
  }
}

// The sizes follow from the shapes of the embeddings and of the first Mamba-2 layer.
static Shape shape_of(const std::vector<ledger::Tensor> &tensors, const std::string &what) {
  auto extent = [&](const std::string &name, size_t rank, size_t axis) {
    for (const ledger::Tensor &tensor : tensors)
      if (tensor.name == name) {
        if (tensor.shape.size() != rank || tensor.shape[axis] < 1 || tensor.shape[axis] > 1 << 20)
          throw Invalid(what + ": tensor " + name + " has shape " + text_of(tensor.shape) + ", which no Mamba-2 model has");
        return int(tensor.shape[axis]);
      }
    throw Invalid(what + ": tensor " + name + " is missing");
  };
  Shape shape;
  read_layers(tensors, what, shape);
  int first = 0;
  while (first < shape.layers && shape.attends(first)) first++;
  const std::string mixer = "backbone.layers." + std::to_string(first) + ".mixer.";
  shape.width = extent("backbone.embeddings.weight", 2, 1);
  const int inner = extent(mixer + "norm.weight", 1, 0), heads = extent(mixer + "dt_bias", 1, 0);
  const int channels = extent(mixer + "conv1d.bias", 1, 0);
  if (inner % shape.width || inner % heads || channels <= inner || (channels - inner) % 2)
    throw Invalid(what + ": widths " + std::to_string(shape.width) + " (model), " + std::to_string(inner) + " (inner), " +
                  std::to_string(channels) + " (convolution) and " + std::to_string(heads) + " heads fit no Mamba-2 model");
  shape.expand = inner / shape.width;
  shape.head = inner / heads;
  shape.state = (channels - inner) / 2;
  check_shape(shape, what);
  return shape;
}

Model read_checkpoint(const uint8_t *data, size_t size, const std::string &what) {
  std::vector<ledger::Tensor> tensors;
  try {
    tensors = ledger::read_safetensors(data, size);
  } catch (const Invalid &error) {
    throw Invalid(what + ": " + error.what());
  }
  if (tensors.size() < 11) throw Invalid(what + ": " + std::to_string(tensors.size()) + " tensors are too few for a model");
  // Held against the file before anything of the model's size is allocated: a few bytes may claim the largest model.
  const ParameterTable table(shape_of(tensors, what));
  const std::vector<Parameter> &wanted = table.all();
  if (wanted.size() != tensors.size())
    throw Invalid(what + ": a model of " + std::to_string(table.shape().layers) + " layers has " +
                  std::to_string(wanted.size()) + " tensors, not " + std::to_string(tensors.size()));
  for (size_t i = 0; i < wanted.size(); i++) {
    if (tensors[i].name != wanted[i].name)
      throw Invalid(what + ": tensor " + std::to_string(i) + " must be " + wanted[i].name + ", not " + tensors[i].name);
    if (tensors[i].shape != wanted[i].shape)
      throw Invalid(what + ": tensor " + wanted[i].name + " must have shape " + text_of(wanted[i].shape) + ", not " +
                    text_of(tensors[i].shape));
  }
  Model model(table.shape());
  for (size_t i = 0; i < wanted.size(); i++)
    std::copy(tensors[i].data.begin(), tensors[i].data.end(), model.values.begin() + ptrdiff_t(wanted[i].offset));
  return model;
}

std::vector<uint8_t> write_checkpoint(const ParameterTable &table, const std::vector<float> &values) {
  std::vector<ledger::Tensor> tensors;
  for (const Parameter &parameter : table.all()) {
    const auto begin = values.begin() + ptrdiff_t(parameter.offset);
    tensors.push_back({parameter.name, parameter.shape, std::vector<float>(begin, begin + ptrdiff_t(parameter.count))});
  }
  return ledger::write_safetensors(tensors);
}

} // namespace trainer
