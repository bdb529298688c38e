// trainer.node: the C surface of trainer.h for JavaScript. No arithmetic here.
#include "../include/trainer_blob.h"
#include "functions.h"
#include "task.h"
#include "values.h"

namespace {

void check(Napi::Env env, int code, const trainer_error &error) {
  if (code != TRAINER_OK) throw to_error(env, error);
}

// A promise of the JSON text that `work` writes into a blob.
Napi::Value text_task(Napi::Env env, std::function<int(trainer_blob *, trainer_error *)> work) {
  const auto blob = std::make_shared<Blob>();
  Task::Plan plan;
  plan.work = [work, blob](const trainer_hooks &, trainer_error *error) { return work(blob->out(), error); };
  plan.result = [blob](Napi::Env later) { return to_text(later, *blob); };
  return Task::start(env, std::move(plan));
}

}  // namespace

Napi::Value selftest(const Napi::CallbackInfo &info) {
  const auto options = std::make_shared<Options>(info, 0);
  return text_task(info.Env(), [options](trainer_blob *json, trainer_error *error) {
    const trainer_options chosen = options->get();
    return trainer_selftest(&chosen, json, error);
  });
}

Napi::Value bench(const Napi::CallbackInfo &info) {
  const std::string options = text_argument(info, 0, "options");
  return text_task(info.Env(), [options](trainer_blob *json, trainer_error *error) {
    return trainer_bench(options.c_str(), json, error);
  });
}

Napi::Value initialise(const Napi::CallbackInfo &info) {
  const std::string model = text_argument(info, 0, "model");
  Blob checkpoint;
  trainer_error error{TRAINER_OK, -1, ""};
  check(info.Env(), trainer_initialise(model.c_str(), seed_argument(info, 1), checkpoint.out(), &error), error);
  return to_buffer(info.Env(), checkpoint);
}

Napi::Value distance(const Napi::CallbackInfo &info) {
  const Bytes a = bytes_argument(info, 0, "a"), b = bytes_argument(info, 1, "b");
  Blob json;
  trainer_error error{TRAINER_OK, -1, ""};
  check(info.Env(), trainer_distance(view(a), view(b), json.out(), &error), error);
  return to_text(info.Env(), json);
}

Napi::Value interpolate(const Napi::CallbackInfo &info) {
  const Bytes a = bytes_argument(info, 0, "a"), b = bytes_argument(info, 1, "b");
  const double factor = number_argument(info, 2, "factor");
  if (double(float(factor)) != factor) throw Napi::TypeError::New(info.Env(), "factor must be exactly a binary32 number");
  Blob checkpoint;
  trainer_error error{TRAINER_OK, -1, ""};
  check(info.Env(), trainer_interpolate(view(a), view(b), float(factor), checkpoint.out(), &error), error);
  return to_buffer(info.Env(), checkpoint);
}

Napi::Value describe(const Napi::CallbackInfo &info) {
  const Bytes checkpoint = bytes_argument(info, 0, "checkpoint");
  Blob json;
  trainer_error error{TRAINER_OK, -1, ""};
  check(info.Env(), trainer_describe(view(checkpoint), json.out(), &error), error);
  return to_text(info.Env(), json);
}

Napi::Value export_onnx(const Napi::CallbackInfo &info) {
  const Bytes checkpoint = bytes_argument(info, 0, "checkpoint");
  const int length = integer_argument(info, 1, "length");
  Blob onnx;
  trainer_error error{TRAINER_OK, -1, ""};
  check(info.Env(), trainer_export_onnx(view(checkpoint), length, onnx.out(), &error), error);
  return to_buffer(info.Env(), onnx);
}

Napi::Value machine(const Napi::CallbackInfo &info) {
  Blob json;
  trainer_error error{TRAINER_OK, -1, ""};
  check(info.Env(), trainer_machine(json.out(), &error), error);
  return to_text(info.Env(), json);
}

Napi::Value backends(const Napi::CallbackInfo &info) {
  Blob json;
  trainer_error error{TRAINER_OK, -1, ""};
  check(info.Env(), trainer_backends(json.out(), &error), error);
  return to_text(info.Env(), json);
}

static Napi::Object initialise_module(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char *name, Napi::Value (*function)(const Napi::CallbackInfo &)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("run", run);
  add("replay", replay);
  add("evaluate", evaluate);
  add("logits", logits);
  add("byteScores", byte_scores);
  add("trace", trace);
  add("divergence", divergence);
  add("selftest", selftest);
  add("bench", bench);
  add("initialise", initialise);
  add("distance", distance);
  add("interpolate", interpolate);
  add("describe", describe);
  add("exportOnnx", export_onnx);
  add("machine", machine);
  add("backends", backends);
  return exports;
}

NODE_API_MODULE(trainer, initialise_module)
