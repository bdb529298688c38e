// The trained model as ONNX: the chunked state-space form, without loops, so any runtime runs it fast.
#pragma once
#include <string>
#include <vector>

#include "../state/safetensors.h"

namespace ledger {

// Model for sequences of exactly `length` bytes (a multiple of 64): tokens [batch, length] int64 to logits
// [batch, length, 256]. The tensors of the checkpoint become initializers of the same name and bytes.
// Throws Invalid naming the tensor that is missing or has another shape than the rest asks for.
std::string mamba2_as_onnx(const std::vector<Tensor> &tensors, int length);

}  // namespace ledger
