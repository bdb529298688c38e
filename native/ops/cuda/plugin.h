/* Between the trainer and a plugin that computes on a device: plain C, one exported function, checked by number before
 * anything else is looked at. Functions answer a trainer_device_code; on failure `cause` holds one line for people. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TRAINER_DEVICE_ABI 2u
#define TRAINER_DEVICE_ENTRY "trainer_device_plugin"

enum trainer_device_code { TRAINER_DEVICE_OK = 0, TRAINER_DEVICE_FAILED = 1, TRAINER_DEVICE_MEMORY = 2 };

typedef struct {
  char text[256];
} trainer_device_line;

typedef struct {
  int width, layers, state, head, expand, chunk;
  uint64_t attention[4]; /* bit i of them all: layer i is attention */
} trainer_device_shape;

/* What a student learns from a teacher: logits, divided by the temperature, and hidden states of given layers. */
typedef struct {
  int kept;                 /* logits per position; 0: none are learnt from */
  int named;                /* bytes come with them, as many; 0: they are of all 256 in order */
  float inverse_temperature;
  float logits_factor;      /* on the gradient of the sum of divergences */
  int targets;              /* hidden states to be like the teacher's */
  const int *layers;        /* of the student, for each target */
  const float *factors;     /* on the gradient of each target's sum of squared errors */
  int teacher_width;
  const float *projection;  /* [width, teacher_width], or null where both are equally wide */
} trainer_device_teacher;

/* A model on the device. With `trains` it can be stepped: `length` and `general_length` are positions of a task and of a
 * general sequence; `anchor` may be null, `general_length` and what follows from it 0. All is copied, values in checkpoint
 * order. */
typedef struct {
  trainer_device_shape shape;
  const float *values, *anchor;
  int length, general_length;
  size_t sequences;         /* of a call or of a step's task; when it trains, each step has exactly as many */
  size_t general_sequences; /* of a step */
  size_t steps;             /* of a call, at most */
  size_t wave;              /* sequences at once, at most; 0: what fits the memory */
  int trains, pulls;        /* pulls: towards the anchor, after each update */
  int others;               /* models that will be opened beside this one and need as much memory */
  const trainer_device_teacher *teacher; /* or null */
} trainer_device_model;

/* Sequences as they stand in a PLSQ blob: length tokens, length targets, length mask bytes each. */
typedef struct {
  const uint8_t *records;
  size_t count;
} trainer_device_batch;

/* The update's constants; its factor on the gradient is what the norm makes of `most_norm`. */
typedef struct {
  float most_norm, beta1, beta2, rest1, rest2, correction1, correction2, epsilon, rate, weight_decay;
  float pull_rate;
} trainer_device_update;

typedef struct {
  const uint8_t *task, *general; /* records of the sequences */
  float task_factor, general_factor; /* on the gradients of their sums; without one the task is only measured */
  const uint8_t *teacher_bytes;  /* [sequences, length, kept] */
  const float *teacher_logits;   /* [sequences, length, kept] */
  const float *teacher_hidden;   /* [targets, sequences, length, teacher_width] */
  int parts;                     /* also the norms of the two parts of the gradient */
  trainer_device_update update;
} trainer_device_step;

/* What a step answers: sums of losses, norms, the sum of the divergences from the teacher, whether a weight is no longer
 * finite (then 1), and after these the sum of squared errors of each hidden target. */
enum trainer_device_outcome {
  TRAINER_DEVICE_TASK = 0,
  TRAINER_DEVICE_GENERAL = 1,
  TRAINER_DEVICE_NORM = 2,
  TRAINER_DEVICE_NORM_TASK = 3,
  TRAINER_DEVICE_NORM_GENERAL = 4,
  TRAINER_DEVICE_DIVERGENCE = 5,
  TRAINER_DEVICE_BROKEN = 6,
  TRAINER_DEVICE_HIDDEN = 7
};

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
  /* Trains `count` steps and waits for the device once. Outcomes: TRAINER_DEVICE_HIDDEN + targets for each step. */
  int (*train)(trainer_device_session *, const trainer_device_step *, size_t count, float *outcomes,
               trainer_device_line *cause);
  int (*read)(trainer_device_session *, int which, float *values, trainer_device_line *cause);
  /* Losses [count, length] and logits [count, length, 256]; either may be null. */
  int (*score)(trainer_device_session *, const trainer_device_batch *, float *losses, float *logits,
               trainer_device_line *cause);
  /* KL(p || q) of each position, [count, length]. */
  int (*divergence)(trainer_device_session *p, trainer_device_session *q, const trainer_device_batch *, float *nats,
                    trainer_device_line *cause);
  /* Logits as above, and for each of `number` layers, ascending, the hidden states after it: [number, count, length,
   * width]. */
  int (*trace)(trainer_device_session *, const trainer_device_batch *, const int *layers, size_t number, float *logits,
               float *hidden, trainer_device_line *cause);
} trainer_device_plugin_table;

typedef const trainer_device_plugin_table *(*trainer_device_entry)(void);

#ifdef __cplusplus
}
#endif
