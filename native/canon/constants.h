// Numbers of contract nc-1 that every implementation of the ops shares.
#pragma once

namespace trainer {
namespace {

constexpr int segment_depth = 256;    // of a matmul: partial chains are this long
constexpr float norm_epsilon = 1e-5f; // of RMSNorm

} // namespace
} // namespace trainer
