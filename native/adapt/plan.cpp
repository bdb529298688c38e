#include "plan.h"
#include "model/parameters.h"
#include "state/invalid.h"
#include "state/json_reader.h"

namespace trainer {

using ledger::Digest;
using ledger::Invalid;
using ledger::JsonReader;

constexpr float largest_real = 1e30f, smallest_weight = 1e-20f;

// One model has one spelling, or two plans of the same training would have two digests: no list where no layer is attention.
static void read_attention(const JsonReader &model, Shape &shape) {
  if (!model.json().find("attention")) return;
  const JsonReader list = model.field("attention");
  if (list.items().empty()) list.refuse("absent, or a list of the layers that are attention");
  int64_t before = -1;
  for (const JsonReader &item : list.items()) {
    const int64_t layer = item.integer(0, shape.layers - 1);
    if (layer <= before) item.refuse("greater than the layer before it");
    shape.attention.set(size_t(layer));
    before = layer;
  }
}

Shape read_shape(const JsonReader &model) {
  model.refuse_others({"dModel", "layers", "dState", "headDim", "expand", "convWidth", "chunk", "vocab", "attention"});
  Shape shape;
  shape.width = int(model.field("dModel").integer(1, 4096));
  shape.layers = int(model.field("layers").integer(1, 256));
  shape.state = int(model.field("dState").integer(1, 256));
  shape.head = int(model.field("headDim").integer(1, 256));
  shape.expand = int(model.field("expand").integer(1, 8));
  read_attention(model, shape);
  model.field("convWidth").integer(Shape::taps, Shape::taps);
  model.field("chunk").integer(shape.chunk, shape.chunk);
  model.field("vocab").integer(Shape::vocabulary, Shape::vocabulary);
  check_shape(shape, model.path());
  return shape;
}

static OptimiserPlan read_optimiser(const JsonReader &json) {
  json.refuse_others({"beta1", "beta2", "epsilon", "weightDecay", "clipNorm"});
  OptimiserPlan plan;
  plan.beta1 = json.field("beta1").binary32(0, 0.99999f);
  plan.beta2 = json.field("beta2").binary32(0, 0.99999f);
  plan.epsilon = json.field("epsilon").binary32(1e-20f, 1);
  plan.weight_decay = json.field("weightDecay").binary32(0, largest_real);
  plan.clip_norm = json.field("clipNorm").binary32(1e-20f, largest_real);
  return plan;
}

static TrustRegion read_trust_region(const JsonReader &json) {
  json.refuse_others({"klNatsPerByte", "weightRatio", "factors"});
  TrustRegion region;
  region.kl_nats_per_byte = json.field("klNatsPerByte").binary32(0, largest_real);
  region.weight_ratio = json.field("weightRatio").binary32(0, largest_real);
  float before = 1;
  for (const JsonReader &item : json.field("factors").items()) {
    const float factor = item.binary32(0, 1);
    if (factor >= before) item.refuse("smaller than the factor before it and than 1");
    region.factors.push_back(factor);
    before = factor;
  }
  return region;
}

static std::optional<Digest> read_digest(const JsonReader &json, const char *name) {
  const std::optional<JsonReader> value = json.optional(name);
  if (!value) return std::nullopt;
  return value->sha256();
}

static void read_initial(const JsonReader &json, Plan &plan) {
  json.refuse_others({"seed", "checkpoint"});
  const std::optional<JsonReader> seed = json.optional("seed");
  const std::optional<Digest> checkpoint = read_digest(json, "checkpoint");
  if (bool(seed) == bool(checkpoint)) throw Invalid(json.path() + " must have either seed or checkpoint");
  if (seed) plan.seed = seed->uint64_text();
  if (checkpoint) plan.checkpoint = *checkpoint;
}

static DistillationPlan read_distillation(const JsonReader &json, const Shape &student) {
  json.refuse_others({"traces", "taskWeight", "logits", "hidden", "projection"});
  DistillationPlan plan;
  plan.traces = json.field("traces").sha256();
  plan.task_weight = json.field("taskWeight").binary32(0, largest_real);
  if (const std::optional<JsonReader> logits = json.optional("logits")) {
    logits->refuse_others({"weight", "temperature"});
    plan.logits_weight = logits->field("weight").binary32(smallest_weight, largest_real);
    plan.temperature = logits->field("temperature").binary32(0.0625f, 64);
  }
  for (const JsonReader &item : json.field("hidden").items()) {
    item.refuse_others({"teacher", "student", "weight"});
    HiddenTarget target;
    target.teacher = int(item.field("teacher").integer(0, 255));
    target.student = int(item.field("student").integer(0, student.layers - 1));
    target.weight = item.field("weight").binary32(smallest_weight, largest_real);
    plan.hidden.push_back(target);
  }
  if (const std::optional<JsonReader> projection = json.optional("projection")) {
    projection->refuse_others({"seed"});
    plan.projection_seed = projection->field("seed").uint64_text();
    if (plan.hidden.empty()) projection->refuse("null where no hidden state is learnt from");
  }
  if (plan.logits_weight == 0 && plan.hidden.empty())
    throw Invalid(json.path() + " must learn from logits or from hidden states");
  return plan;
}

// Rules between fields.
static void check(const Plan &plan) {
  const bool kl = plan.kl_beta > 0;
  if (kl != (plan.general_batch > 0) || kl != plan.general.has_value())
    throw Invalid("plan.klBeta, plan.generalBatch and plan.general must be all set or all absent");
  if ((kl || plan.l2sp_lambda > 0) && !plan.anchor)
    throw Invalid("plan.anchor must name a checkpoint when klBeta or l2spLambda is greater than 0");
  if (plan.trust_region.has_value() != plan.sentinel.has_value())
    throw Invalid("plan.trustRegion and plan.sentinel must be both set or both null");
}

Plan read_plan(const std::string &text) {
  const ledger::Json json = ledger::Json::parse(text, "plan");
  const JsonReader reader(json, "plan");
  reader.refuse_others({"contract", "model", "initial", "anchor", "batches", "general", "sentinel", "steps", "batch", "generalBatch",
               "learningRate", "warmupSteps", "decay", "optimiser", "klBeta", "l2spLambda", "trustRegion",
               "stateEverySteps", "distillation"});
  reader.field("contract").choice({"nc-1"});
  Plan plan;
  const std::string canonical = json.canonical();
  plan.digest = ledger::sha256(canonical.data(), canonical.size());
  plan.shape = read_shape(reader.field("model"));
  read_initial(reader.field("initial"), plan);
  plan.anchor = read_digest(reader, "anchor");
  plan.general = read_digest(reader, "general");
  plan.sentinel = read_digest(reader, "sentinel");
  plan.batches = reader.field("batches").sha256();
  plan.steps = reader.field("steps").integer(1, 10'000'000);
  plan.batch = reader.field("batch").integer(1, 65'536);
  plan.general_batch = reader.field("generalBatch").integer(0, 65'536);
  plan.learning_rate = reader.field("learningRate").binary32(0, 1);
  plan.warmup_steps = reader.field("warmupSteps").integer(0, 10'000'000);
  plan.linear_decay = reader.field("decay").choice({"constant", "linear"}) == "linear";
  plan.optimiser = read_optimiser(reader.field("optimiser"));
  plan.kl_beta = reader.field("klBeta").binary32(0, largest_real);
  plan.l2sp_lambda = reader.field("l2spLambda").binary32(0, largest_real);
  if (const std::optional<JsonReader> region = reader.optional("trustRegion"))
    plan.trust_region = read_trust_region(*region);
  if (const std::optional<JsonReader> distillation = reader.optional("distillation"))
    plan.distillation = read_distillation(*distillation, plan.shape);
  plan.state_every_steps = reader.field("stateEverySteps").integer(1, 10'000'000);
  check(plan);
  return plan;
}

} // namespace trainer
