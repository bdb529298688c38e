// The functions of the addon, as JavaScript calls them; src/trainer/native.ts has their types.
#pragma once
#include <napi.h>

// run(planJson, inputs, options?, onProgress?) -> {promise, cancel}
Napi::Value run(const Napi::CallbackInfo &info);
// replay(planJson, inputs, receiptJson, transcript?, candidate?, states?, options?, onProgress?) -> {promise, cancel}
Napi::Value replay(const Napi::CallbackInfo &info);

// evaluate(checkpoint, sequences, options?) -> Promise<{nllNats, scored, correct}>
Napi::Value evaluate(const Napi::CallbackInfo &info);
// logits(checkpoint, sequences, options?) -> Promise<Float32Array>, sequences x length x 256
Napi::Value logits(const Napi::CallbackInfo &info);
// byteScores(checkpoint, sequences, threshold, options?)
//   -> Promise<{confidence, right, likelihood, brier, nllNats, setSize}>, a value per scored position
Napi::Value byte_scores(const Napi::CallbackInfo &info);
// trace(checkpoint, sequences, requestJson, options?) -> Promise<Buffer>
Napi::Value trace(const Napi::CallbackInfo &info);
// divergence(p, q, sequences, options?) -> Promise<Float64Array>
Napi::Value divergence(const Napi::CallbackInfo &info);

// selftest(options?) -> Promise<json>
Napi::Value selftest(const Napi::CallbackInfo &info);
// bench(optionsJson) -> Promise<json>
Napi::Value bench(const Napi::CallbackInfo &info);

// initialise(modelJson, seed) -> checkpoint
Napi::Value initialise(const Napi::CallbackInfo &info);
// distance(a, b) -> json
Napi::Value distance(const Napi::CallbackInfo &info);
// interpolate(a, b, factor) -> checkpoint
Napi::Value interpolate(const Napi::CallbackInfo &info);
// describe(checkpoint) -> json
Napi::Value describe(const Napi::CallbackInfo &info);
// exportOnnx(checkpoint, length) -> file
Napi::Value export_onnx(const Napi::CallbackInfo &info);
// machine() -> json
Napi::Value machine(const Napi::CallbackInfo &info);
// backends() -> json; the first call tries the device
Napi::Value backends(const Napi::CallbackInfo &info);
