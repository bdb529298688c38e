// The contract's functions for one instruction set, given by TEST_HEADER, TEST_VOCABULARY and TEST_NAME.
#include TEST_HEADER
#include "ops/cpu/lanes.h"

using namespace trainer;

void TEST_NAME(int function, const float *in, float *out, size_t count);

void TEST_NAME(int function, const float *in, float *out, size_t count) {
  const auto apply = [=](auto lanes, size_t i) {
    using L = decltype(lanes);
    const auto x = L::load(in + i);
    switch (function) {
    case 0: return L::store(out + i, trainer::exp<L>(x));
    case 1: return L::store(out + i, trainer::log<L>(x));
    case 2: return L::store(out + i, trainer::log1p<L>(x));
    case 3: return L::store(out + i, trainer::sigmoid<L>(x));
    case 4: return L::store(out + i, trainer::softplus<L>(x));
    case 5: return L::store(out + i, trainer::silu<L>(x));
    default: return L::store(out + i, trainer::rsqrt<L>(x));
    }
  };
  for_lanes<TEST_VOCABULARY>(count, apply);
}
