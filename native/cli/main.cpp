// `trainer`: a machine without Node can train, replay and audit.
#include <cstdio>

#include "../state/invalid.h"
#include "commands.h"
#include "files.h"

namespace {

struct Command {
  const char *name;
  int (*function)(const Words &);
  const char *help;
};

constexpr const char *machine_options =
    "  --threads N     worker threads (default: all cores); never changes the result\n"
    "  --isa NAME      reference, avx2, avx512 or neon (default: the best here); never changes the result\n"
    "  --backend NAME  cpu or cuda (default: cpu); never changes the result\n";

constexpr const char *training_options =
    "  --micro-batch N sequences whose gradients are in memory at once (default: 8 or so); never changes the result\n";

const Command commands[] = {
    {"run", run_command,
     "trainer run PLAN.json --inputs DIR --out DIR [--threads N] [--isa NAME] [--backend NAME] [--micro-batch N]\n"
     "            [--json]\n\n"
     "Trains by a plan and writes checkpoint.safetensors, optimiser.safetensors, transcript.jsonl and receipt.json.\n"
     "The same plan gives the same bytes on every machine. Progress goes to stderr, the receipt to stdout.\n\n"
     "  --inputs DIR    where the blobs are that the plan names by SHA-256; found by content, under any name\n"
     "  --out DIR       where the results go; created when missing\n"
     "  --json          the receipt as JSON\n"},
    {"replay", replay_command,
     "trainer replay PLAN.json --inputs DIR --receipt RECEIPT.json [--transcript T.jsonl] [--candidate FILE]\n"
     "               [--states S.jsonl] [--threads N] [--isa NAME] [--backend NAME] [--micro-batch N]\n"
     "               [--json]\n\n"
     "Trains again, compares with what is claimed, and stops at the first difference, which one sentence names.\n"
     "Exit status 0: equal to the bit. 1: it differs. 2: the claim cannot be held against the plan.\n\n"
     "  --inputs DIR    where the blobs are that the plan names by SHA-256; found by content, under any name\n"
     "  --transcript T  the claimed transcript: names the first differing step, and its batch or tensor\n"
     "  --candidate F   the checkpoint handed in: names the first tensor that was not trained so\n"
     "  --states S      states of the same training at more steps (trainer states): the step is then exact\n"
     "  --json          the verdict as JSON (docs/trainer.md)\n"},
    {"states", states_command,
     "trainer states PLAN.json --inputs DIR --out FILE [--every 1] [--threads N] [--isa NAME] [--backend NAME]\n"
     "               [--micro-batch N]\n\n"
     "Trains again and writes the transcript with the hash of every tensor after every so many steps, more than the plan\n"
     "says: what two who disagree give each other for `trainer replay --states`. Prints its SHA-256.\n"},
    {"evaluate", evaluate_command,
     "trainer evaluate CHECKPOINT SEQUENCES.plsq [--threads N] [--isa NAME] [--backend NAME] [--json]\n\n"
     "Next-byte loss and accuracy on sequences; --json has one item for each.\n"},
    {"trace", trace_command,
     "trainer trace CHECKPOINT SEQUENCES.plsq --out FILE [--logits 256] [--hidden 0,2] [--threads N] [--isa NAME]\n"
     "              [--backend NAME]\n\n"
     "Writes a teacher's traces for a student to learn from, and prints their SHA-256.\n\n"
     "  --logits K      of the K most likely bytes at every position; 256: all, 0: none\n"
     "  --hidden A,B    and the hidden states after these layers, ascending\n"},
    {"describe", describe_command,
     "trainer describe CHECKPOINT [--json]\n\nModel, number of parameters, and the SHA-256 of every tensor.\n"},
    {"initialise", initialise_command,
     "trainer initialise --seed N --out FILE [--d-model 128] [--layers 4] [--d-state 64] [--head-dim 64] [--expand 2]\n"
     "                   [--attention A,B]\n\n"
     "Writes fresh weights and prints their SHA-256. The seed is an unsigned 64-bit integer.\n\n"
     "  --attention A,B layers that are attention instead of Mamba-2, ascending from 0\n"},
    {"export-onnx", export_command,
     "trainer export-onnx CHECKPOINT --length T --out FILE\n\n"
     "The model as ONNX (opset 18) for sequences of exactly T bytes, a multiple of 64: input tokens [batch, T] int64,\n"
     "output logits [batch, T, 256]. Prints the SHA-256 of the file.\n"},
    {"selftest", selftest_command,
     "trainer selftest [--threads N] [--isa NAME] [--backend NAME] [--json]\n\n"
     "Compares every operation on this machine with the committed hashes. Exit status 0: all equal. 1: some differ.\n"},
    {"bench", bench_command,
     "trainer bench [--d-model 128] [--layers 4] [--seq 256] [--batch 8] [--steps 10] [--threads N] [--isa NAME]\n"
     "              [--backend NAME] [--json]\n\n"
     "Measures training speed on made-up data.\n"},
    {"backends", backends_command,
     "trainer backends [--json]\n\n"
     "Instruction sets, threads and devices of this machine, and why a device cannot be used.\n"},
};

void print_overview(std::FILE *to) {
  std::fprintf(to,
               "trainer: trains small state-space language models to the same bytes on every machine.\n\n"
               "  run          train by a plan\n"
               "  replay       train again and compare with a receipt\n"
               "  states       train again and write the states of more steps\n"
               "  evaluate     losses of a checkpoint on sequences\n"
               "  trace        a teacher's logits and hidden states on sequences\n"
               "  describe     what a checkpoint holds\n"
               "  initialise   fresh weights from a seed\n"
               "  export-onnx  the model for other runtimes\n"
               "  selftest     does this machine compute the contract's bits?\n"
               "  bench        how fast is it here?\n"
               "  backends     what this machine has\n\n"
               "trainer COMMAND --help explains one of them.\n"
               "Exit status: 0 done or equal; 1 diverged, failed a self-test, or stopped while training; 2 wrong input.\n");
}

bool asks_for_help(const Words &words) {
  for (const auto &word : words) {
    if (word == "--help" || word == "-h") return true;
  }
  return false;
}

int execute(const Command &command, const Words &words) {
  try {
    return command.function(words);
  } catch (const UsageError &error) {
    std::fprintf(stderr, "trainer %s: %s\n(trainer %s --help)\n", command.name, error.what(), command.name);
    return 2;
  } catch (const TrainerFailed &error) {
    std::fprintf(stderr, "trainer %s: %s\n", command.name, error.what());
    const bool stopped = error.code == TRAINER_NON_FINITE || error.code == TRAINER_CANCELLED || error.code == TRAINER_BUDGET;
    return stopped ? 1 : 2;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "trainer %s: %s\n", command.name, error.what());
    return 2;
  }
}

}  // namespace

int main(int count, char **arguments) {
  const Words words(arguments + 1, arguments + count);
  if (words.empty()) {
    print_overview(stderr);
    return 2;
  }
  for (const Command &command : commands) {
    if (words[0] != command.name) continue;
    const Words rest(words.begin() + 1, words.end());
    if (!asks_for_help(rest)) return execute(command, rest);
    const bool computes = std::string(command.help).find("--threads") != std::string::npos;
    const bool trains = std::string(command.help).find("--micro-batch") != std::string::npos;
    std::printf("%s%s%s", command.help, computes ? machine_options : "", trains ? training_options : "");
    return 0;
  }
  if (asks_for_help(words)) {
    print_overview(stdout);
    return 0;
  }
  std::fprintf(stderr, "trainer: no command called %s\n\n", words[0].c_str());
  print_overview(stderr);
  return 2;
}
