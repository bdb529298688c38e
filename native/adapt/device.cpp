#include "device.h"
#include "model/failure.h"
#include "ops/op_table.h"
#include "selftest.h"
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace trainer {
namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int longest_trial_ms = 3600000; // what is watched takes many times as long
#else
constexpr int longest_trial_ms = 120000;
#endif

// The table of the plugin, or why there is none in `cause`.
const trainer_device_plugin_table *load(const std::string &path, std::string &cause) {
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *error = dlerror();
    cause = error ? error : "cannot be loaded";
    return nullptr;
  }
  const auto entry = reinterpret_cast<trainer_device_entry>(dlsym(library, TRAINER_DEVICE_ENTRY));
  const trainer_device_plugin_table *table = entry ? entry() : nullptr;
  if (!table) {
    cause = path + " is no plugin of the trainer: it has no " TRAINER_DEVICE_ENTRY;
    return nullptr;
  }
  // Of a table of another interface only the number is known to be there: no member may be named before it is read.
  uint32_t abi;
  std::memcpy(&abi, table, sizeof abi);
  if (abi != TRAINER_DEVICE_ABI || table->size != sizeof *table) {
    cause = path + " has interface " + std::to_string(abi) + ", this trainer needs " +
            std::to_string(TRAINER_DEVICE_ABI) + ": build both from one source";
    return nullptr;
  }
  return table;
}

// In the forked process: is there a device, and does it compute the contract's bits?
DeviceStatus trial(const std::string &path) {
  std::string cause;
  const trainer_device_plugin_table *table = load(path, cause);
  if (!table) return {false, cause};
  trainer_device_line line{};
  if (table->probe(&line) != TRAINER_DEVICE_OK) return {false, line.text};
  const std::string device = line.text;
  const OpTable<float> &ops = *static_cast<const OpTable<float> *>(table->ops);
  const std::vector<Fingerprint> found = op_fingerprints(ops), hybrid = hybrid_op_fingerprints(ops);
  table->ops_failure(&line);
  if (line.text[0]) return {false, device + ": " + line.text};
  for (const auto &[list, golden] :
       {std::pair{&found, &golden_fingerprints()}, std::pair{&hybrid, &hybrid_golden_fingerprints()}})
    for (size_t i = 0; i < list->size(); i++)
      if ((*list)[i].sha256 != golden->at(i).sha256)
        return {false, device + ": its self-test failed, " + (*list)[i].name + " has other bits than the contract"};
  return {true, device};
}

void write_all(int to, const std::string &text) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t written = write(to, text.data() + done, text.size() - done);
    if (written < 0 && errno != EINTR) return;
    if (written > 0) done += size_t(written);
  }
}

[[noreturn]] void answer_and_end(const std::string &path, int to) {
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  std::string answer;
  try {
    const DeviceStatus status = trial(path);
    answer = (status.available ? "+" : "-") + status.text;
  } catch (const std::exception &error) {
    answer = std::string("-") + error.what();
  }
  write_all(to, answer);
  _exit(0);
}

// What the child wrote until it closed its end; false when it took too long.
bool read_all(int from, std::string &text) {
  for (;;) {
    pollfd waiting{from, POLLIN, 0};
    const int ready = poll(&waiting, 1, longest_trial_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    char buffer[512];
    const ssize_t got = read(from, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    text.append(buffer, size_t(got));
  }
}

// How the child ended, where it gave no answer.
std::string ending(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return "its self-test ended without an answer";
  if (!WIFSIGNALED(status)) return "its self-test ended without an answer";
  return "its self-test ended by signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")";
}

} // namespace

std::string device_plugin_path() {
  if (const char *chosen = std::getenv("TRAINER_DEVICE_PLUGIN")) return chosen;
  // The library that this code is in; a program itself may have been started by a name without its folder.
  Dl_info found;
  const bool known = dladdr(reinterpret_cast<void *>(&device_plugin_path), &found) && found.dli_fname;
  std::filesystem::path here = known && found.dli_fname[0] == '/' ? found.dli_fname : "/proc/self/exe";
  std::error_code error;
  here = std::filesystem::canonical(here, error);
  return here.replace_filename("trainer_cuda.so").string();
}

DeviceStatus try_device(const std::string &path) {
  if (access(path.c_str(), R_OK) != 0) return {false, "no plugin: " + path + ": " + std::strerror(errno)};
  int ends[2];
  if (pipe(ends) != 0) return {false, std::string("no pipe for its self-test: ") + std::strerror(errno)};
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    answer_and_end(path, ends[1]);
  }
  close(ends[1]);
  std::string answer;
  const bool in_time = child > 0 && read_all(ends[0], answer);
  close(ends[0]);
  if (child < 0) return {false, std::string("no process for its self-test: ") + std::strerror(errno)};
  if (!in_time) kill(child, SIGKILL);
  const std::string end = ending(child);
  if (!in_time) return {false, "its self-test took longer than " + std::to_string(longest_trial_ms / 1000) + " s"};
  if (answer.empty()) return {false, end};
  return {answer[0] == '+', answer.substr(1)};
}

const DeviceStatus &device_status() {
  static const DeviceStatus status = try_device(device_plugin_path());
  return status;
}

const trainer_device_plugin_table &open_device(const std::string &path) {
  std::string cause;
  const trainer_device_plugin_table *table = load(path, cause);
  if (!table) throw Failure(TRAINER_UNAVAILABLE, "backend cuda is not available: " + cause);
  return *table;
}

const trainer_device_plugin_table &open_device() {
  const DeviceStatus &status = device_status();
  if (!status.available) throw Failure(TRAINER_UNAVAILABLE, "backend cuda is not available: " + status.text);
  static const trainer_device_plugin_table &table = open_device(device_plugin_path());
  return table;
}

const trainer_device_plugin_table *device_of(const char *backend) {
  if (!backend || std::string(backend) == "cpu") return nullptr;
  if (std::string(backend) == "cuda") return &open_device();
  throw Failure(TRAINER_UNAVAILABLE, std::string("backend must be one of cpu, cuda, not ") + backend);
}

void check_device(int code, const trainer_device_line &cause) {
  if (code == TRAINER_DEVICE_OK) return;
  throw Failure(code == TRAINER_DEVICE_MEMORY ? TRAINER_UNAVAILABLE : TRAINER_INTERNAL,
                std::string("backend cuda: ") + cause.text);
}

} // namespace trainer
