// Products that are no plain matmul, in tiles of one size: each item of a batch (a chunk, a head) has its own blocks of
// threads, one for each tile of its result.
#pragma once
#include "matmul.h"

namespace trainer {
namespace {

constexpr int block_tile = 64, block_each = 4;
using BlockPart = TilePart<block_tile, block_each>;
using BlockSums = float[block_each][block_each];

// First row and column of the tile of this block of threads, among those that cover rows x columns.
struct TilePlace {
  int m, n;
  __device__ explicit TilePlace(int columns) {
    const int across = (columns + block_tile - 1) / block_tile;
    m = int(blockIdx.y) / across * block_tile, n = int(blockIdx.y) % across * block_tile;
  }
};
inline unsigned tiles_for(int rows, int columns) {
  return blocks_for(rows, block_tile) * blocks_for(columns, block_tile);
}

template <class Kernel, class... Arguments>
void launch_tiles(Kernel kernel, size_t items, int rows, int columns, Arguments... arguments) {
  launch(kernel, dim3(unsigned(items), tiles_for(rows, columns)), BlockPart::threads, arguments...);
}

} // namespace
} // namespace trainer
