// Sizes of one batch as kernels take them. Activations are [sequences, length, ...]; what stands per head is
// [sequences, heads, length]; what stands per chunk and head is [sequences, chunks, heads, ...].
#pragma once
#include "model/shape.h"

namespace trainer {
namespace {

struct Sizes {
  Sizes(const Shape &shape, int sequences, int length)
      : sequences(sequences), length(length), chunk(shape.chunk), chunks(length / shape.chunk), heads(shape.heads()),
        head(shape.head), state(shape.state), inner(shape.inner()), channels(shape.convolved()),
        projected(shape.projected()), conv_column(shape.conv_column()), step_column(shape.step_column()) {}
  int sequences, length, chunk, chunks, heads, head, state, inner, channels, projected, conv_column, step_column;

  size_t rows() const { return size_t(sequences) * length; }
  size_t blocks() const { return size_t(sequences) * chunks; }
  size_t head_blocks() const { return blocks() * heads; }
};

} // namespace
} // namespace trainer
