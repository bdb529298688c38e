// safetensors files of binary32 tensors, little-endian: uint64 header length, JSON header, data.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ledger {

struct Tensor {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> data;  // row-major, product(shape) elements
};

// Data in the order given; header keys sorted, no metadata, padded with spaces to 8 bytes. One input has one encoding.
std::vector<uint8_t> write_safetensors(const std::vector<Tensor> &tensors);

// Tensors in file order. Throws Invalid naming the tensor and what is wrong: anything out of bounds, overlapping, leaving a
// gap, named twice, not F32, with metadata, or with a header beyond 16 MiB.
std::vector<Tensor> read_safetensors(const uint8_t *data, size_t size);
std::vector<Tensor> read_safetensors(const std::vector<uint8_t> &bytes);

}  // namespace ledger
