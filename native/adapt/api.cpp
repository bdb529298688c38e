// The C interface: borrows bytes, catches every exception, hands out malloc'ed blobs.
#include "include/trainer.h"
#include "canon/environment.h"
#include "model/failure.h"
#include "ops/select.h"
#include "state/invalid.h"
#include "state/json_reader.h"
#include "bench.h"
#include "byte_scores.h"
#include "describe.h"
#include "device.h"
#include "distance.h"
#include "evaluate.h"
#include "replay.h"
#include "selftest.h"
#include "trace.h"
#include <cstdlib>
#include <cstring>

namespace trainer {
namespace {

int fail(trainer_error *error, int code, int64_t step, const char *message) {
  if (error) {
    error->code = code;
    error->step = step;
    std::strncpy(error->message, message, sizeof error->message - 1);
    error->message[sizeof error->message - 1] = 0;
  }
  return code;
}

// Runs `work` in the canonical floating-point environment and turns exceptions into codes.
template <class Work> int guarded(trainer_error *error, Work work) {
  try {
    const FloatEnvironment environment;
    work();
    return fail(error, TRAINER_OK, -1, "");
  } catch (const Failure &failure) {
    return fail(error, failure.code(), failure.step(), failure.what());
  } catch (const ledger::Invalid &invalid) {
    return fail(error, TRAINER_INVALID, -1, invalid.what());
  } catch (const std::bad_alloc &) {
    return fail(error, TRAINER_INTERNAL, -1, "out of memory");
  } catch (const std::exception &other) {
    return fail(error, TRAINER_INTERNAL, -1, other.what());
  } catch (...) {
    return fail(error, TRAINER_INTERNAL, -1, "an unknown error");
  }
}

template <class Bytes> trainer_blob hand_out(const Bytes &bytes) {
  trainer_blob blob{static_cast<uint8_t *>(std::malloc(bytes.size() + 1)), bytes.size()};
  if (!blob.data) throw std::bad_alloc();
  std::memcpy(blob.data, bytes.data(), bytes.size());
  return blob;
}

template <class Pointer> void require(Pointer pointer, const char *name) {
  if (!pointer) throw ledger::Invalid(std::string(name) + " must not be null");
}

int thread_count(const trainer_options *options) {
  const int threads = options ? options->threads : 0;
  if (threads < 0 || threads > 1024)
    throw ledger::Invalid("threads must be 0 to 1024, not " + std::to_string(threads));
  return threads;
}

int micro_batch(const trainer_options *options) {
  const int sequences = options ? options->micro_batch : 0;
  if (sequences < 0 || sequences > 4096)
    throw ledger::Invalid("micro_batch must be 0 to 4096, not " + std::to_string(sequences));
  return sequences;
}

// What the options choose of this machine.
struct Chosen {
  explicit Chosen(const trainer_options *options)
      : ops(select_ops(options ? options->isa : nullptr)), pool(thread_count(options)),
        device(device_of(options ? options->backend : nullptr)) {}

  operator Machine() { return {ops, pool, device}; }

  const OpTable<float> &ops;
  WorkerPool pool;
  const trainer_device_plugin_table *device; // null: the processor
};

Model model_of(trainer_bytes bytes, const char *what) {
  if (!bytes.data) throw ledger::Invalid(std::string(what) + " must not be null");
  return read_checkpoint(bytes.data, bytes.size, what);
}

std::optional<std::string> text_of(trainer_bytes bytes) {
  if (!bytes.data) return std::nullopt;
  return std::string(reinterpret_cast<const char *>(bytes.data), bytes.size);
}

ledger::Sequences sequences_of(trainer_bytes bytes) {
  require(bytes.data, "sequences");
  return ledger::Sequences(bytes.data, bytes.size, "sequences");
}

} // namespace
} // namespace trainer

using namespace trainer;

int trainer_run(const char *plan_json, const trainer_bytes *inputs, size_t input_count, const trainer_options *options,
                const trainer_hooks *hooks, trainer_result *result, trainer_error *error) {
  return guarded(error, [&] {
    require(plan_json, "plan");
    require(result, "result");
    if (input_count > 0) require(inputs, "inputs");
    *result = trainer_result{};
    Chosen chosen(options);
    const Plan plan = read_plan(plan_json);
    const RunResult run = run_plan(plan, Inputs(inputs, input_count), chosen,
                                   hooks ? *hooks : trainer_hooks{}, micro_batch(options));
    trainer_result out{};
    try {
      out.checkpoint = hand_out(run.checkpoint);
      out.optimiser = hand_out(run.optimiser);
      out.transcript = hand_out(run.transcript);
      out.receipt = hand_out(run.receipt);
    } catch (...) {
      for (trainer_blob *blob : {&out.checkpoint, &out.optimiser, &out.transcript, &out.receipt}) trainer_free(blob);
      throw;
    }
    *result = out;
  });
}

int trainer_replay(const char *plan_json, const trainer_bytes *inputs, size_t input_count, const trainer_claim *claim,
                   const trainer_options *options, const trainer_hooks *hooks, trainer_blob *json, trainer_error *error) {
  return guarded(error, [&] {
    require(plan_json, "plan");
    require(claim, "claim");
    require(claim->receipt, "receipt");
    require(json, "json");
    if (input_count > 0) require(inputs, "inputs");
    Chosen chosen(options);
    const Plan plan = read_plan(plan_json);
    ClaimBytes claimed{claim->receipt, text_of(claim->transcript), std::nullopt, text_of(claim->states)};
    if (claim->candidate.data) claimed.candidate = claim->candidate;
    *json = hand_out(replay_plan(plan, Inputs(inputs, input_count), claimed, chosen,
                                 hooks ? *hooks : trainer_hooks{}, micro_batch(options)));
  });
}

int trainer_states(const char *plan_json, const trainer_bytes *inputs, size_t input_count, int64_t every,
                   const trainer_options *options, const trainer_hooks *hooks, trainer_blob *transcript,
                   trainer_error *error) {
  return guarded(error, [&] {
    require(plan_json, "plan");
    require(transcript, "transcript");
    if (input_count > 0) require(inputs, "inputs");
    Chosen chosen(options);
    const Plan plan = read_plan(plan_json);
    *transcript = hand_out(run_states(plan, Inputs(inputs, input_count), every, chosen,
                                      hooks ? *hooks : trainer_hooks{}, micro_batch(options)));
  });
}

int trainer_initialise(const char *model_json, uint64_t seed, trainer_blob *checkpoint, trainer_error *error) {
  return guarded(error, [&] {
    require(model_json, "model");
    require(checkpoint, "checkpoint");
    const ledger::Json json = ledger::Json::parse(model_json, "model");
    const Model model = initial_model(read_shape(ledger::JsonReader(json, "model")), seed);
    *checkpoint = hand_out(write_checkpoint(model.table, model.values));
  });
}

int trainer_evaluate(trainer_bytes checkpoint, trainer_bytes sequences, const trainer_options *options,
                     trainer_item *items, float *logits, trainer_error *error) {
  return guarded(error, [&] {
    require(items, "items");
    Chosen chosen(options);
    const Model model = model_of(checkpoint, "checkpoint");
    const ledger::Sequences blob = sequences_of(sequences);
    if (blob.count() > 0) evaluate(chosen, model, blob, items, logits);
  });
}

int trainer_byte_scores(trainer_bytes checkpoint, trainer_bytes sequences, double threshold,
                        const trainer_options *options, trainer_byte_score *scores, trainer_error *error) {
  return guarded(error, [&] {
    require(scores, "scores");
    Chosen chosen(options);
    const Model model = model_of(checkpoint, "checkpoint");
    const ledger::Sequences blob = sequences_of(sequences);
    if (blob.count() > 0) byte_scores(chosen, model, blob, threshold, scores);
  });
}

int trainer_trace(trainer_bytes checkpoint, trainer_bytes sequences, const char *request, const trainer_options *options,
                  trainer_blob *traces, trainer_error *error) {
  return guarded(error, [&] {
    require(request, "request");
    require(traces, "traces");
    Chosen chosen(options);
    const Model model = model_of(checkpoint, "checkpoint");
    ledger::TraceHeader header = read_trace_request(request, model.table.shape());
    const ledger::Sequences blob = sequences_of(sequences);
    header.teacher = ledger::sha256(checkpoint.data, checkpoint.size);
    header.sequences = ledger::sha256(sequences.data, sequences.size);
    *traces = hand_out(trace(chosen, model, blob, header));
  });
}

int trainer_divergence(trainer_bytes p, trainer_bytes q, trainer_bytes sequences, const trainer_options *options,
                       double *nats, trainer_error *error) {
  return guarded(error, [&] {
    require(nats, "nats");
    Chosen chosen(options);
    const Model model_p = model_of(p, "p"), model_q = model_of(q, "q");
    const ledger::Sequences blob = sequences_of(sequences);
    if (blob.count() > 0) divergence(chosen, model_p, model_q, blob, nats);
  });
}

int trainer_distance(trainer_bytes a, trainer_bytes b, trainer_blob *json, trainer_error *error) {
  return guarded(error, [&] {
    require(json, "json");
    const Model from = model_of(a, "a"), to = model_of(b, "b");
    check_same_shape(from, to, "a and b");
    const Distance result = distance(from, to);
    ledger::Json out = ledger::Json::object();
    out.set("relative", result.relative).set("tensors", tensor_distances(from, result));
    *json = hand_out(out.canonical());
  });
}

int trainer_interpolate(trainer_bytes a, trainer_bytes b, float factor, trainer_blob *checkpoint, trainer_error *error) {
  return guarded(error, [&] {
    require(checkpoint, "checkpoint");
    if (!(factor >= 0.0f && factor <= 1.0f))
      throw ledger::Invalid("factor must be 0 to 1, not " + std::to_string(factor));
    const Model from = model_of(a, "a"), to = model_of(b, "b");
    check_same_shape(from, to, "a and b");
    *checkpoint = hand_out(write_checkpoint(from.table, interpolate(from.values, to.values, factor)));
  });
}

int trainer_describe(trainer_bytes checkpoint, trainer_blob *json, trainer_error *error) {
  return guarded(error, [&] {
    require(json, "json");
    *json = hand_out(describe(model_of(checkpoint, "checkpoint")));
  });
}

int trainer_machine(trainer_blob *json, trainer_error *error) {
  return guarded(error, [&] {
    require(json, "json");
    *json = hand_out(describe_machine().canonical());
  });
}

int trainer_backends(trainer_blob *json, trainer_error *error) {
  return guarded(error, [&] {
    require(json, "json");
    *json = hand_out(describe_machine().set("backends", describe_backends()).canonical());
  });
}

int trainer_selftest(const trainer_options *options, trainer_blob *json, trainer_error *error) {
  return guarded(error, [&] {
    require(json, "json");
    *json = hand_out(selftest(Chosen(options)));
  });
}

int trainer_bench(const char *options_json, trainer_blob *json, trainer_error *error) {
  return guarded(error, [&] {
    require(json, "json");
    *json = hand_out(bench(options_json ? options_json : "{}"));
  });
}

void trainer_free(trainer_blob *blob) {
  if (!blob) return;
  std::free(blob->data);
  *blob = trainer_blob{};
}
