#include "safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "invalid.h"
#include "json_reader.h"

namespace ledger {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are stored little-endian and copied as they are");

constexpr uint64_t largest_header = uint64_t(16) << 20;
constexpr int64_t largest_size = int64_t(1) << 48;

std::string quoted(const std::string &name) { return "tensor \"" + name + "\""; }

int64_t elements(const std::string &name, const std::vector<int64_t> &shape) {
  int64_t count = 1;
  for (const int64_t extent : shape) {
    if (extent < 1 || extent > largest_size / count) {
      throw Invalid(quoted(name) + " has an extent of " + std::to_string(extent) + "; extents are at least 1");
    }
    count *= extent;
  }
  return count;
}

struct Entry {
  Tensor tensor;
  int64_t begin = 0, end = 0;
};

Entry read_entry(const std::string &name, const Json &json) {
  const JsonReader reader(json, quoted(name));
  reader.refuse_others({"dtype", "shape", "data_offsets"});
  reader.field("dtype").choice({"F32"});
  Entry entry;
  entry.tensor.name = name;
  for (const auto &extent : reader.field("shape").items()) entry.tensor.shape.push_back(extent.integer(1, largest_size));
  const auto offsets = reader.field("data_offsets").items();
  if (offsets.size() != 2) reader.field("data_offsets").refuse("two byte offsets");
  entry.begin = offsets[0].integer(0, largest_size);
  entry.end = offsets[1].integer(0, largest_size);
  const int64_t expected = 4 * elements(name, entry.tensor.shape);
  if (entry.end - entry.begin != expected) {
    throw Invalid(quoted(name) + " needs " + std::to_string(expected) + " bytes for its shape, not " +
                  std::to_string(entry.end - entry.begin));
  }
  return entry;
}

// Checks that the entries, in file order, fill `size` bytes without overlap or gap.
void check_layout(const std::vector<Entry> &entries, int64_t size) {
  int64_t at = 0;
  for (const Entry &entry : entries) {
    const std::string where = " at byte " + std::to_string(entry.begin);
    if (entry.begin < at) throw Invalid(quoted(entry.tensor.name) + where + " overlaps the tensor before it");
    if (entry.begin > at) throw Invalid(quoted(entry.tensor.name) + where + " leaves a gap before it");
    if (entry.end > size) {
      throw Invalid(quoted(entry.tensor.name) + " ends at byte " + std::to_string(entry.end) + " of " +
                    std::to_string(size));
    }
    at = entry.end;
  }
  if (at != size) {
    throw Invalid("safetensors: " + std::to_string(size - at) + " bytes after the last tensor belong to none");
  }
}

}  // namespace

std::vector<uint8_t> write_safetensors(const std::vector<Tensor> &tensors) {
  Json::Members members;
  uint64_t offset = 0;
  for (const Tensor &tensor : tensors) {
    if (elements(tensor.name, tensor.shape) != int64_t(tensor.data.size())) {
      throw Invalid(quoted(tensor.name) + " holds " + std::to_string(tensor.data.size()) + " numbers, not its shape's");
    }
    Json shape = Json::array();
    for (const int64_t extent : tensor.shape) shape.push(extent);
    const uint64_t end = offset + 4 * tensor.data.size();
    Json entry = Json::object();
    entry.set("dtype", "F32").set("shape", shape).set("data_offsets", Json::array().push(offset).push(end));
    for (const auto &[name, unused] : members) {
      if (name == tensor.name) throw Invalid(quoted(name) + " appears twice");
    }
    members.emplace_back(tensor.name, entry);
    offset = end;
  }
  std::string header = Json::object_of(std::move(members)).canonical();
  header.resize((header.size() + 7) / 8 * 8, ' ');

  std::vector<uint8_t> bytes(8 + header.size() + offset);
  const uint64_t header_size = header.size();
  std::memcpy(bytes.data(), &header_size, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  uint8_t *at = bytes.data() + 8 + header.size();
  for (const Tensor &tensor : tensors) {
    std::memcpy(at, tensor.data.data(), 4 * tensor.data.size());
    at += 4 * tensor.data.size();
  }
  return bytes;
}

std::vector<Tensor> read_safetensors(const uint8_t *data, size_t size) {
  if (size < 8) throw Invalid("safetensors: " + std::to_string(size) + " bytes are too few for a header");
  uint64_t header_size = 0;
  std::memcpy(&header_size, data, 8);
  if (header_size > largest_header || header_size > size - 8) {
    throw Invalid("safetensors: a header of " + std::to_string(header_size) + " bytes does not fit a file of " +
                  std::to_string(size) + " (and is at most " + std::to_string(largest_header) + ")");
  }
  const std::string_view text(reinterpret_cast<const char *>(data) + 8, header_size);
  const Json header = Json::parse(text, "safetensors header");
  if (header.kind() != Json::Kind::object) throw Invalid("safetensors: the header must be an object");

  std::vector<Entry> entries;
  for (const auto &[name, json] : header.members()) {
    if (name == "__metadata__") throw Invalid("safetensors: __metadata__ is not allowed, one content has one encoding");
    entries.push_back(read_entry(name, json));
  }
  std::sort(entries.begin(), entries.end(), [](const Entry &a, const Entry &b) { return a.begin < b.begin; });
  const uint8_t *payload = data + 8 + header_size;
  check_layout(entries, int64_t(size - 8 - header_size));

  std::vector<Tensor> tensors;
  for (Entry &entry : entries) {
    entry.tensor.data.resize(size_t(entry.end - entry.begin) / 4);
    std::memcpy(entry.tensor.data.data(), payload + entry.begin, size_t(entry.end - entry.begin));
    tensors.push_back(std::move(entry.tensor));
  }
  return tensors;
}

std::vector<Tensor> read_safetensors(const std::vector<uint8_t> &bytes) {
  return read_safetensors(bytes.data(), bytes.size());
}

}  // namespace ledger
