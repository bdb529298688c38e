// Sizes of one model: Mamba-2 layers, some of which may be attention instead.
#pragma once
#include <bitset>
#include <cstddef>

namespace trainer {

struct Shape {
  int width = 0;      // D, of the residual stream
  int layers = 0;
  int state = 64;     // N, of one head's memory
  int head = 64;      // P, channels of one head
  int expand = 2;
  int chunk = 64;     // Q, positions processed together
  std::bitset<256> attention; // which layers are attention; none in a pure Mamba-2 model
  static constexpr int taps = 4;
  static constexpr int vocabulary = 256;

  int inner() const { return expand * width; }
  int heads() const { return inner() / head; }
  int convolved() const { return inner() + 2 * state; }                // x, B and C
  int projected() const { return 2 * inner() + 2 * state + heads(); }  // z, x, B, C and dt
  // Columns of the projection where each part begins.
  int gate_column() const { return 0; }
  int conv_column() const { return inner(); }
  int step_column() const { return inner() + convolved(); }

  bool attends(int layer) const { return attention[size_t(layer)]; }
  int attention_heads() const { return width / head; } // of `head` channels each, as those of the state-space part
  // Columns of a layer's first product, and of what its second one reads.
  int entering(int layer) const { return attends(layer) ? 3 * width : projected(); }
  int leaving(int layer) const { return attends(layer) ? width : inner(); }

  bool operator==(const Shape &) const = default;
};

} // namespace trainer
