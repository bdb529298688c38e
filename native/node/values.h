// JavaScript values to plain data and back. Inputs are copied: the caller may change or transfer its buffers while a
// job runs.
#pragma once
#include <napi.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../include/trainer_blob.h"
#include "../include/trainer.h"

using Bytes = std::vector<uint8_t>;

// Each throws a TypeError naming the argument.
std::string text_argument(const Napi::CallbackInfo &info, size_t index, const char *name);
Bytes bytes_argument(const Napi::CallbackInfo &info, size_t index, const char *name);
std::vector<Bytes> bytes_list_argument(const Napi::CallbackInfo &info, size_t index, const char *name);
// Undefined or null: none.
std::optional<Bytes> optional_bytes_argument(const Napi::CallbackInfo &info, size_t index, const char *name);
int integer_argument(const Napi::CallbackInfo &info, size_t index, const char *name);
double number_argument(const Napi::CallbackInfo &info, size_t index, const char *name);
// A bigint, or a decimal string.
uint64_t seed_argument(const Napi::CallbackInfo &info, size_t index);

inline trainer_bytes view(const Bytes &bytes) { return {bytes.data(), bytes.size()}; }

// None has no address; an empty one has.
inline trainer_bytes optional_view(const std::optional<Bytes> &bytes) {
  static const uint8_t nothing = 0;
  if (!bytes) return {nullptr, 0};
  return {bytes->empty() ? &nothing : bytes->data(), bytes->size()};
}

// {threads?: number, isa?: string, backend?: string}, or undefined.
class Options {
 public:
  Options(const Napi::CallbackInfo &info, size_t index);
  trainer_options get() const { return {threads_, isa_.empty() ? nullptr : isa_.c_str(), 0, backend_.c_str()}; }

 private:
  int threads_ = 0;
  std::string isa_, backend_ = "cpu";
};

Napi::Value to_buffer(Napi::Env env, const Blob &blob);
Napi::Value to_text(Napi::Env env, const Blob &blob);

// An Error with `code` (TRAINER_INVALID ...) and, where a step is known, `step`.
Napi::Error to_error(Napi::Env env, const trainer_error &error);
Napi::Error busy_error(Napi::Env env);
