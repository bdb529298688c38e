// The native trainer's whole surface: a plain C ABI, so that the Node addon, the command line and any other
// language bind to the same functions. Blobs passed in are borrowed for the call; blobs handed out are freed with
// trainer_free. Every function returns 0 or an error code below, and then fills `error`.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum trainer_code {
  TRAINER_OK = 0,
  TRAINER_INVALID = 1,     // an argument, plan or file is malformed: the message names the field, value and what is allowed
  TRAINER_MISSING = 2,     // the plan names an input (SHA-256) that was not supplied
  TRAINER_NON_FINITE = 3,  // a loss, gradient or weight stopped being finite; `step` says where
  TRAINER_CANCELLED = 4,   // cancelled at a step boundary
  TRAINER_BUDGET = 5,      // the trust region failed at its last factor
  TRAINER_UNAVAILABLE = 6, // the asked instruction set or backend is not on this machine
  TRAINER_INTERNAL = 7,
};

typedef struct { int code; int64_t step; char message[512]; } trainer_error;
typedef struct { const uint8_t *data; size_t size; } trainer_bytes;
typedef struct { uint8_t *data; size_t size; } trainer_blob;

typedef struct {
  int threads;     // 0 = number of cores; never changes a bit
  const char *isa; // NULL = best of this machine; "reference", "avx2", "avx512", "neon"
  int micro_batch; // sequences whose gradients are held at once, a bound on memory; 0 = chosen; never changes a bit
  const char *backend; // NULL or "cpu"; "cuda": a device, where the plugin is there and passed its self-test; never changes a bit
} trainer_options;

typedef struct {
  int64_t step, steps, tokens;
  double loss_nats_mean, tokens_per_second;
} trainer_progress;
typedef struct {
  void (*progress)(void *context, const trainer_progress *); // may be NULL; called from the calling thread after a step
  int (*cancelled)(void *context);                           // may be NULL; polled at step boundaries, non-zero stops
  void *context;
} trainer_hooks;

typedef struct {
  trainer_blob checkpoint; // safetensors, nc-1 layout
  trainer_blob optimiser;  // safetensors, first and second moments
  trainer_blob transcript; // JSON lines, one per step
  trainer_blob receipt;    // JSON, see docs/trainer.md
} trainer_result;

// What somebody says that a plan gave.
typedef struct {
  const char *receipt;      // JSON
  trainer_bytes transcript; // JSON lines; data NULL: none was kept
  trainer_bytes candidate;  // the checkpoint handed in; data NULL: none was given
  trainer_bytes states;     // by trainer_states, of the same training; data NULL: none, the transcript's own are all
} trainer_claim;

typedef struct { double nll_nats; uint32_t scored; uint32_t correct; } trainer_item;

// What the probabilities of 256 bytes came to at one position; all NaN where a logit is not finite.
typedef struct {
  double confidence; // probability of the most likely byte
  double likelihood; // probability of the right byte
  double brier;      // squared distance of the probabilities from the certain answer, 0 to 2
  double nll_nats;   // loss of the right byte
  uint16_t held;     // bytes at least as likely as the threshold
  uint8_t right;     // 1 where the most likely byte (the first of equals) is the right one
} trainer_byte_score;

// Executes a plan (JSON text). `inputs` are the blobs the plan names by SHA-256; the trainer hashes each one itself.
int trainer_run(const char *plan_json, const trainer_bytes *inputs, size_t input_count, const trainer_options *,
                const trainer_hooks *, trainer_result *, trainer_error *);
// Trains a plan again, compares step by step with what is claimed of it, and stops at the first difference. JSON {equal,
// sentence, steps, replayed, stateEverySteps, fields, divergence}, see docs/trainer.md. TRAINER_INVALID when the claim cannot
// be held against the plan: another contract or plan, a transcript cut off, broken or without its states.
int trainer_replay(const char *plan_json, const trainer_bytes *inputs, size_t input_count, const trainer_claim *,
                   const trainer_options *, const trainer_hooks *, trainer_blob *json, trainer_error *);
// The transcript of a plan with the state after every `every` steps: who disputes a training says so exactly with it, when the
// plan's own states lie too far apart.
int trainer_states(const char *plan_json, const trainer_bytes *inputs, size_t input_count, int64_t every,
                   const trainer_options *, const trainer_hooks *, trainer_blob *transcript, trainer_error *);
// Fresh weights: model config as JSON, seed as an unsigned 64-bit integer.
int trainer_initialise(const char *model_json, uint64_t seed, trainer_blob *checkpoint, trainer_error *);
// One item per sequence of `sequences` (the PLSQ format): sum of next-byte losses over scored positions in float64,
// number of scored positions, number whose arg-max is right. `logits` may be NULL, else sequences x length x 256 floats.
int trainer_evaluate(trainer_bytes checkpoint, trainer_bytes sequences, const trainer_options *, trainer_item *items,
                     float *logits, trainer_error *);
// One score per scored position, sequence by sequence; `threshold` is the least probability of a byte that `held` counts.
// Binary64 and in a fixed order: the same bits everywhere.
int trainer_byte_scores(trainer_bytes checkpoint, trainer_bytes sequences, double threshold, const trainer_options *,
                        trainer_byte_score *scores, trainer_error *);
// Traces of a teacher (the PLTR format of docs/trainer.md). `request` is JSON: {"logits": k, "hidden": [layers]}, the k most
// likely bytes of every position (256: all, 0: none) and the residual stream after these layers.
int trainer_trace(trainer_bytes checkpoint, trainer_bytes sequences, const char *request, const trainer_options *,
                  trainer_blob *traces, trainer_error *);
// KL(p || q) in nats summed over all positions of each sequence, float64.
int trainer_divergence(trainer_bytes p, trainer_bytes q, trainer_bytes sequences, const trainer_options *, double *nats,
                       trainer_error *);
// ||b - a|| / ||a|| whole and per tensor, as JSON {relative, tensors: {name: relative}}.
int trainer_distance(trainer_bytes a, trainer_bytes b, trainer_blob *json, trainer_error *);
// a + factor (b - a), elementwise, as a checkpoint.
int trainer_interpolate(trainer_bytes a, trainer_bytes b, float factor, trainer_blob *checkpoint, trainer_error *);
// JSON {model, parameters, finite, architecture, tensors: [{name, shape, sha256}], root}.
int trainer_describe(trainer_bytes checkpoint, trainer_blob *json, trainer_error *);
// The same model as ONNX opset 18 for sequences of exactly `length` bytes: input tokens [batch, length] int64, output logits.
int trainer_export_onnx(trainer_bytes checkpoint, int length, trainer_blob *onnx, trainer_error *);
// JSON {best, isa: [{name, available}], threads, compiler, contract, build}.
int trainer_machine(trainer_blob *json, trainer_error *);
// The same with backends: [{name, available, device, reason}]. The first call in a process tries the device, which may take
// some seconds where there is one.
int trainer_backends(trainer_blob *json, trainer_error *);
// Compares every op, and the weights after some steps, with the committed golden hashes. JSON {ok, backend, isa, checks: [...]}.
int trainer_selftest(const trainer_options *, trainer_blob *json, trainer_error *);
// JSON in and out, see `trainer bench --help`.
int trainer_bench(const char *options_json, trainer_blob *json, trainer_error *);
void trainer_free(trainer_blob *);

#ifdef __cplusplus
}
#endif
