// Reading a model on sequences: losses, logits, scores of bytes and divergence, each a promise.
#include <algorithm>
#include <cstdio>

#include "functions.h"
#include "../state/invalid.h"
#include "../state/sequences.h"
#include "task.h"
#include "values.h"

namespace {

struct Evaluation {
  Bytes checkpoint, sequences;
  Options options;
  std::vector<trainer_item> items{};
  std::vector<float> logits{};

  int work(const ledger::Sequences &view_of_sequences, bool with_logits, trainer_error *error) {
    items.resize(view_of_sequences.count());
    if (with_logits) logits.resize(view_of_sequences.count() * view_of_sequences.length() * 256);
    const trainer_options chosen = options.get();
    return trainer_evaluate(view(checkpoint), view(sequences), &chosen, items.data(),
                            with_logits ? logits.data() : nullptr, error);
  }

  Napi::Value result(Napi::Env env) const {
    auto nll = Napi::Float64Array::New(env, items.size());
    auto scored = Napi::Uint32Array::New(env, items.size());
    auto correct = Napi::Uint32Array::New(env, items.size());
    for (size_t i = 0; i < items.size(); i++) {
      nll[i] = items[i].nll_nats;
      scored[i] = items[i].scored;
      correct[i] = items[i].correct;
    }
    Napi::Object object = Napi::Object::New(env);
    object.Set("nllNats", nll);
    object.Set("scored", scored);
    object.Set("correct", correct);
    return object;
  }
};

struct Scoring {
  Bytes checkpoint, sequences;
  double threshold;
  Options options;
  std::vector<trainer_byte_score> scores{};

  int work(const ledger::Sequences &view_of_sequences, trainer_error *error) {
    scores.resize(view_of_sequences.scored(0, view_of_sequences.count()));
    const trainer_options chosen = options.get();
    // An empty vector has no address, and where nothing is scored nothing is written.
    trainer_byte_score none;
    return trainer_byte_scores(view(checkpoint), view(sequences), threshold, &chosen,
                               scores.empty() ? &none : scores.data(), error);
  }

  template <class Array, class Field>
  Array column(Napi::Env env, Field field) const {
    Array array = Array::New(env, scores.size());
    for (size_t i = 0; i < scores.size(); i++) array[i] = scores[i].*field;
    return array;
  }

  Napi::Value result(Napi::Env env) const {
    Napi::Object object = Napi::Object::New(env);
    object.Set("confidence", column<Napi::Float64Array>(env, &trainer_byte_score::confidence));
    object.Set("right", column<Napi::Uint8Array>(env, &trainer_byte_score::right));
    object.Set("likelihood", column<Napi::Float64Array>(env, &trainer_byte_score::likelihood));
    object.Set("brier", column<Napi::Float64Array>(env, &trainer_byte_score::brier));
    object.Set("nllNats", column<Napi::Float64Array>(env, &trainer_byte_score::nll_nats));
    object.Set("setSize", column<Napi::Uint16Array>(env, &trainer_byte_score::held));
    return object;
  }
};

struct Comparison {
  Bytes p, q, sequences;
  Options options;
  std::vector<double> nats{};

  int work(const ledger::Sequences &view_of_sequences, trainer_error *error) {
    nats.resize(view_of_sequences.count());
    const trainer_options chosen = options.get();
    return trainer_divergence(view(p), view(q), view(sequences), &chosen, nats.data(), error);
  }
};

// Reads the sequences, whose count sizes the answer, before the work.
template <class Work>
int with_sequences(const Bytes &bytes, trainer_error *error, Work work) {
  try {
    return work(ledger::Sequences(bytes.data(), bytes.size(), "sequences"));
  } catch (const ledger::Invalid &invalid) {
    error->code = TRAINER_INVALID;
    std::snprintf(error->message, sizeof error->message, "%s", invalid.what());
    return TRAINER_INVALID;
  }
}

template <class Array, class Elements>
Napi::Value to_array(Napi::Env env, const Elements &elements) {
  Array array = Array::New(env, elements.size());
  std::copy(elements.begin(), elements.end(), array.Data());
  return array;
}

Napi::Value start(const Napi::CallbackInfo &info, bool with_logits) {
  const auto evaluation = std::make_shared<Evaluation>(
      Evaluation{bytes_argument(info, 0, "checkpoint"), bytes_argument(info, 1, "sequences"), Options(info, 2)});
  Task::Plan plan;
  plan.work = [evaluation, with_logits](const trainer_hooks &, trainer_error *error) {
    return with_sequences(evaluation->sequences, error, [&](const ledger::Sequences &sequences) {
      return evaluation->work(sequences, with_logits, error);
    });
  };
  plan.result = [evaluation, with_logits](Napi::Env env) {
    return with_logits ? to_array<Napi::Float32Array>(env, evaluation->logits) : evaluation->result(env);
  };
  return Task::start(info.Env(), std::move(plan));
}

}  // namespace

Napi::Value evaluate(const Napi::CallbackInfo &info) { return start(info, false); }

Napi::Value logits(const Napi::CallbackInfo &info) { return start(info, true); }

Napi::Value byte_scores(const Napi::CallbackInfo &info) {
  const auto scoring = std::make_shared<Scoring>(
      Scoring{bytes_argument(info, 0, "checkpoint"), bytes_argument(info, 1, "sequences"),
              number_argument(info, 2, "threshold"), Options(info, 3)});
  Task::Plan plan;
  plan.work = [scoring](const trainer_hooks &, trainer_error *error) {
    return with_sequences(scoring->sequences, error,
                          [&](const ledger::Sequences &sequences) { return scoring->work(sequences, error); });
  };
  plan.result = [scoring](Napi::Env env) { return scoring->result(env); };
  return Task::start(info.Env(), std::move(plan));
}

Napi::Value trace(const Napi::CallbackInfo &info) {
  const auto checkpoint = std::make_shared<Bytes>(bytes_argument(info, 0, "checkpoint"));
  const auto sequences = std::make_shared<Bytes>(bytes_argument(info, 1, "sequences"));
  const std::string request = text_argument(info, 2, "request");
  const auto options = std::make_shared<Options>(info, 3);
  const auto traces = std::make_shared<Blob>();
  Task::Plan plan;
  plan.work = [=](const trainer_hooks &, trainer_error *error) {
    const trainer_options chosen = options->get();
    return trainer_trace(view(*checkpoint), view(*sequences), request.c_str(), &chosen, traces->out(), error);
  };
  plan.result = [traces](Napi::Env env) { return to_buffer(env, *traces); };
  return Task::start(info.Env(), std::move(plan));
}

Napi::Value divergence(const Napi::CallbackInfo &info) {
  const auto comparison = std::make_shared<Comparison>(Comparison{
      bytes_argument(info, 0, "p"), bytes_argument(info, 1, "q"), bytes_argument(info, 2, "sequences"), Options(info, 3)});
  Task::Plan plan;
  plan.work = [comparison](const trainer_hooks &, trainer_error *error) {
    return with_sequences(comparison->sequences, error,
                          [&](const ledger::Sequences &sequences) { return comparison->work(sequences, error); });
  };
  plan.result = [comparison](Napi::Env env) { return to_array<Napi::Float64Array>(env, comparison->nats); };
  return Task::start(info.Env(), std::move(plan));
}
