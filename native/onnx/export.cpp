// trainer_export_onnx of the C surface.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "mamba2.h"
#include "../state/invalid.h"
#include "../include/trainer.h"

namespace {

int fail(trainer_error *error, int code, const char *message) {
  if (error != nullptr) {
    error->code = code;
    error->step = -1;
    std::snprintf(error->message, sizeof error->message, "%s", message);
  }
  return code;
}

}  // namespace

extern "C" int trainer_export_onnx(trainer_bytes checkpoint, int length, trainer_blob *onnx, trainer_error *error) {
  constexpr size_t largest_protobuf = size_t(1) << 31;
  try {
    const std::string model = ledger::mamba2_as_onnx(ledger::read_safetensors(checkpoint.data, checkpoint.size), length);
    if (model.size() >= largest_protobuf) return fail(error, TRAINER_INVALID, "the model is too large for one ONNX file (2 GiB)");
    onnx->data = static_cast<uint8_t *>(std::malloc(model.size()));
    if (onnx->data == nullptr) return fail(error, TRAINER_INTERNAL, "out of memory");
    onnx->size = model.size();
    std::memcpy(onnx->data, model.data(), model.size());
    return TRAINER_OK;
  } catch (const ledger::Invalid &invalid) {
    return fail(error, TRAINER_INVALID, invalid.what());
  } catch (const std::exception &unexpected) {
    return fail(error, TRAINER_INTERNAL, unexpected.what());
  }
}
