#include "values.h"

#include <charconv>
#include <cmath>

namespace {

[[noreturn]] void refuse(Napi::Env env, const std::string &name, const std::string &allowed) {
  throw Napi::TypeError::New(env, name + " must be " + allowed);
}

Bytes copied(const Napi::Value &value, const std::string &name) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    refuse(value.Env(), name, "a Uint8Array");
  }
  const auto array = value.As<Napi::Uint8Array>();
  if (array.ByteLength() == 0) return {};
  return Bytes(array.Data(), array.Data() + array.ByteLength());
}

double number_of(const Napi::Value &value, const std::string &name, const std::string &allowed) {
  if (!value.IsNumber()) refuse(value.Env(), name, allowed);
  return value.As<Napi::Number>().DoubleValue();
}

int integer_of(const Napi::Value &value, const std::string &name) {
  const double number = number_of(value, name, "an integer");
  if (number != std::trunc(number) || std::fabs(number) > 0x7fffffff) refuse(value.Env(), name, "a 32-bit integer");
  return int(number);
}

const char *code_name(int code) {
  switch (code) {
    case TRAINER_INVALID: return "TRAINER_INVALID";
    case TRAINER_MISSING: return "TRAINER_MISSING";
    case TRAINER_NON_FINITE: return "TRAINER_NON_FINITE";
    case TRAINER_CANCELLED: return "TRAINER_CANCELLED";
    case TRAINER_BUDGET: return "TRAINER_BUDGET";
    case TRAINER_UNAVAILABLE: return "TRAINER_UNAVAILABLE";
    default: return "TRAINER_INTERNAL";
  }
}

Napi::Error coded_error(Napi::Env env, const char *code, const std::string &message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

}  // namespace

std::string text_argument(const Napi::CallbackInfo &info, size_t index, const char *name) {
  if (!info[index].IsString()) refuse(info.Env(), name, "a string");
  return info[index].As<Napi::String>().Utf8Value();
}

Bytes bytes_argument(const Napi::CallbackInfo &info, size_t index, const char *name) { return copied(info[index], name); }

std::optional<Bytes> optional_bytes_argument(const Napi::CallbackInfo &info, size_t index, const char *name) {
  if (info[index].IsUndefined() || info[index].IsNull()) return std::nullopt;
  return copied(info[index], name);
}

std::vector<Bytes> bytes_list_argument(const Napi::CallbackInfo &info, size_t index, const char *name) {
  if (!info[index].IsArray()) refuse(info.Env(), name, "an array of Uint8Array");
  const auto array = info[index].As<Napi::Array>();
  std::vector<Bytes> list;
  for (uint32_t i = 0; i < array.Length(); i++) {
    list.push_back(copied(array.Get(i), std::string(name) + "[" + std::to_string(i) + "]"));
  }
  return list;
}

int integer_argument(const Napi::CallbackInfo &info, size_t index, const char *name) {
  return integer_of(info[index], name);
}

double number_argument(const Napi::CallbackInfo &info, size_t index, const char *name) {
  return number_of(info[index], name, "a number");
}

uint64_t seed_argument(const Napi::CallbackInfo &info, size_t index) {
  const std::string allowed = "an unsigned 64-bit integer, as a bigint or a decimal string";
  uint64_t seed = 0;
  if (info[index].IsBigInt()) {
    bool lossless = false;
    seed = info[index].As<Napi::BigInt>().Uint64Value(&lossless);
    if (!lossless) refuse(info.Env(), "seed", allowed);
    return seed;
  }
  if (!info[index].IsString()) refuse(info.Env(), "seed", allowed);
  const std::string text = info[index].As<Napi::String>().Utf8Value();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) refuse(info.Env(), "seed", allowed);
  return seed;
}

Options::Options(const Napi::CallbackInfo &info, size_t index) {
  const Napi::Value value = info[index];
  if (value.IsUndefined()) return;
  if (!value.IsObject()) refuse(info.Env(), "options", "an object {threads?, isa?, backend?}");
  const auto options = value.As<Napi::Object>();
  const Napi::Value threads = options.Get("threads");
  if (!threads.IsUndefined()) threads_ = integer_of(threads, "options.threads");
  if (threads_ < 0 || threads_ > 1024) refuse(info.Env(), "options.threads", "from 0 (all cores) to 1024");
  const auto take_text = [&](const char *name, std::string &text) {
    const Napi::Value given = options.Get(name);
    if (given.IsUndefined()) return;
    if (!given.IsString()) refuse(info.Env(), std::string("options.") + name, "a string");
    text = given.As<Napi::String>().Utf8Value();
  };
  take_text("isa", isa_);
  take_text("backend", backend_);
}

Napi::Value to_buffer(Napi::Env env, const Blob &blob) {
  return Napi::Buffer<uint8_t>::Copy(env, blob.data(), blob.size());
}

Napi::Value to_text(Napi::Env env, const Blob &blob) {
  return Napi::String::New(env, reinterpret_cast<const char *>(blob.data()), blob.size());
}

Napi::Error to_error(Napi::Env env, const trainer_error &error) {
  Napi::Error result = coded_error(env, code_name(error.code), error.message);
  const bool at_step = error.code == TRAINER_NON_FINITE || error.code == TRAINER_CANCELLED;
  if (at_step && error.step >= 0) result.Set("step", Napi::Number::New(env, double(error.step)));
  return result;
}

Napi::Error busy_error(Napi::Env env) {
  return coded_error(env, "TRAINER_BUSY", "a training job is already running in this process; wait for it or cancel it");
}
