// The plugin: sessions, ops and measurements behind the C interface of plugin.h.
#include "plugin.h"
#include "functions.h"
#include "host_table.h"
#include "session.h"
#include <chrono>
#include <cstring>

using namespace trainer;

namespace {

Session &of(trainer_device_session *handle) { return *reinterpret_cast<Session *>(handle); }

void write_line(trainer_device_line *line, const std::string &text) {
  std::strncpy(line->text, text.c_str(), sizeof line->text - 1);
  line->text[sizeof line->text - 1] = 0;
}

template <class Work> int guarded(trainer_device_line *cause, Work work) {
  try {
    work();
    return TRAINER_DEVICE_OK;
  } catch (const DeviceMemory &error) {
    write_line(cause, error.what());
    return TRAINER_DEVICE_MEMORY;
  } catch (const DeviceError &error) {
    write_line(cause, error.what());
    return error.code == cudaErrorMemoryAllocation ? TRAINER_DEVICE_MEMORY : TRAINER_DEVICE_FAILED;
  } catch (const std::exception &error) {
    write_line(cause, error.what());
    return TRAINER_DEVICE_FAILED;
  }
}

int probe(trainer_device_line *line) {
  return guarded(line, [&] {
    int count = 0;
    check_device(cudaGetDeviceCount(&count), "no CUDA device");
    cudaDeviceProp properties;
    check_device(cudaGetDeviceProperties(&properties, 0), "no CUDA device");
    write_line(line, properties.name);
  });
}

void ops_failure(trainer_device_line *line) { write_line(line, std::exchange(host_failure(), "")); }

int function_sum(int function, float lowest, float highest, uint64_t begin, uint64_t end, uint64_t *sum,
                 trainer_device_line *cause) {
  return guarded(cause, [&] { *sum = device_function_sum(function, lowest, highest, begin, end); });
}

int product_seconds(int rows, int columns, int depth, int repeats, double *seconds, trainer_device_line *cause) {
  return guarded(cause, [&] {
    DeviceBuffer<float> left(size_t(rows) * depth), right(size_t(columns) * depth), out(size_t(rows) * columns);
    for (const DeviceBuffer<float> *operand : {&left, &right}) // 0.7470594: zeros would cost the device less
      check_device(cudaMemsetAsync(operand->data(), 0x3f, operand->size() * sizeof(float), stream_at_hand()), "matmul");
    const Product product{rows, columns, depth, {left.data(), depth, 1}, {right.data(), 1, depth}, out.data(), columns};
    for (int i = 0; i <= repeats; i++) { // the first one is not counted: the device wakes up
      const auto start = std::chrono::steady_clock::now();
      device_product(product);
      wait_for_device("matmul");
      const double taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      if (i == 1 || (i > 1 && taken < *seconds)) *seconds = taken;
    }
  });
}

int open_session(const trainer_device_model *model, trainer_device_session **session, trainer_device_line *cause) {
  return guarded(cause, [&] { *session = reinterpret_cast<trainer_device_session *>(new Session(*model)); });
}

void close_session(trainer_device_session *session) { delete &of(session); }

int train(trainer_device_session *session, const trainer_device_step *steps, size_t count, float *outcomes,
          trainer_device_line *cause) {
  return guarded(cause, [&] { of(session).train(steps, count, outcomes); });
}

int read_values(trainer_device_session *session, int which, float *values, trainer_device_line *cause) {
  return guarded(cause, [&] { of(session).read(which, values); });
}

int score(trainer_device_session *session, const trainer_device_batch *batch, float *losses, float *logits,
          trainer_device_line *cause) {
  return guarded(cause, [&] { of(session).score(*batch, losses, logits); });
}

int divergence(trainer_device_session *p, trainer_device_session *q, const trainer_device_batch *batch, float *nats,
               trainer_device_line *cause) {
  return guarded(cause, [&] { of(p).divergence(of(q), *batch, nats); });
}

int trace(trainer_device_session *session, const trainer_device_batch *batch, const int *layers, size_t number,
          float *logits, float *hidden, trainer_device_line *cause) {
  return guarded(cause, [&] { of(session).trace(*batch, layers, number, logits, hidden); });
}

} // namespace

extern "C" __attribute__((visibility("default"))) const trainer_device_plugin_table *trainer_device_plugin(void) {
  static const OpTable<float> ops = host_table();
  static const trainer_device_plugin_table table{TRAINER_DEVICE_ABI,
                                                 sizeof(trainer_device_plugin_table),
                                                 "cuda",
                                                 probe,
                                                 &ops,
                                                 ops_failure,
                                                 function_sum,
                                                 product_seconds,
                                                 open_session,
                                                 close_session,
                                                 train,
                                                 read_values,
                                                 score,
                                                 divergence,
                                                 trace};
  return &table;
}
