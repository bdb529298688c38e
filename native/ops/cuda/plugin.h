/* Between the trainer and a plugin that computes on a device: plain C, one exported function, checked by number before
 * anything else is looked at. Functions answer a trainer_device_code; on failure `cause` holds one line for people. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TRAINER_DEVICE_ABI 1u
#define TRAINER_DEVICE_ENTRY "trainer_device_plugin"

enum trainer_device_code { TRAINER_DEVICE_OK = 0, TRAINER_DEVICE_FAILED = 1, TRAINER_DEVICE_MEMORY = 2 };

typedef struct {
  char text[256];
} trainer_device_line;

typedef struct {
  int width, layers, state, head, expand, chunk;
} trainer_device_shape;

/* A model on the device. With `trains` it can be stepped: `length` and `general_length` are positions of a task and of
 * a general sequence, `anchor` and `general_length` may be null and 0. The values are copied, in checkpoint order. */
typedef struct {
  trainer_device_shape shape;
  const float *values, *anchor;
  int length, general_length;
  size_t sequences; /* of a call, at most */
  size_t wave;      /* of them at once, at most; 0: what fits the memory */
  int trains;
  int others;       /* models that will be opened beside this one and need as much memory */
} trainer_device_model;

/* Sequences as they stand in a PLSQ blob: length tokens, length targets, length mask bytes each. */
typedef struct {
  const uint8_t *records;
  size_t count;
  float scale;
} trainer_device_batch;

typedef struct {
  float task_sum, general_sum, norm, norm_task, norm_general;
} trainer_device_outcome;

typedef struct {
  float clip, beta1, beta2, rest1, rest2, correction1, correction2, epsilon, rate, weight_decay;
  float pull_rate; /* towards the anchor */
  int pulls;
} trainer_device_update;

enum trainer_device_values { TRAINER_DEVICE_WEIGHTS = 0, TRAINER_DEVICE_FIRST = 1, TRAINER_DEVICE_SECOND = 2 };

typedef struct trainer_device_session trainer_device_session;

typedef struct {
  uint32_t abi;  /* TRAINER_DEVICE_ABI; the rest has no meaning where it differs */
  uint32_t size; /* of this struct */
  const char *name;
  /* `line`: what the device is, or why there is none. */
  int (*probe)(trainer_device_line *line);
  /* An OpTable<float> over the caller's memory, and what went wrong in it since the last time this was asked, or "". */
  const void *ops;
  void (*ops_failure)(trainer_device_line *line);
  /* Sum of a mixed hash of (input, output) bits over the bit patterns [begin, end) whose values lie in [lowest,
   * highest]; functions in the order of canon/functions.h: exp, log, log1p, sigmoid, softplus, silu, rsqrt. */
  int (*function_sum)(int function, float lowest, float highest, uint64_t begin, uint64_t end, uint64_t *sum,
                      trainer_device_line *cause);
  /* Shortest time of `repeats` matmuls on what already is on the device. */
  int (*product_seconds)(int rows, int columns, int depth, int repeats, double *seconds, trainer_device_line *cause);
  int (*open)(const trainer_device_model *, trainer_device_session **, trainer_device_line *cause);
  void (*close)(trainer_device_session *);
  /* Loss sums, and the gradient, which stays on the device. `general` may be null; with `parts` also the norms of the
   * two parts of the gradient. */
  int (*gradient)(trainer_device_session *, const trainer_device_batch *task, const trainer_device_batch *general,
                  int parts, trainer_device_outcome *, trainer_device_line *cause);
  int (*update)(trainer_device_session *, const trainer_device_update *, int *finite, trainer_device_line *cause);
  int (*read)(trainer_device_session *, int which, float *values, trainer_device_line *cause);
  /* Losses [count, length] and logits [count, length, 256]; either may be null. */
  int (*score)(trainer_device_session *, const trainer_device_batch *, float *losses, float *logits,
               trainer_device_line *cause);
  /* KL(p || q) of each position, [count, length]. */
  int (*divergence)(trainer_device_session *p, trainer_device_session *q, const trainer_device_batch *, float *nats,
                    trainer_device_line *cause);
} trainer_device_plugin_table;

typedef const trainer_device_plugin_table *(*trainer_device_entry)(void);

#ifdef __cplusplus
}
#endif
