// The parts of trainer_tests.
#pragma once
#include "expect.h"

void gradient_tests();
// With `full`, every function is tried on all 2^32 inputs.
void function_tests(bool full);
void golden_tests();
void invariance_tests();
void contract_tests();
void hybrid_tests();
void distillation_tests();
void replay_tests();
