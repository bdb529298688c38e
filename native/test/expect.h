// Counts passed and failed expectations; finish() prints the closing line and gives the exit status.
#pragma once
#include <cstdio>
#include <exception>
#include <functional>
#include <string>

#include "../state/invalid.h"

namespace expect {

inline int passed = 0, failed = 0;

inline void note(bool ok, const std::string &what) {
  if (ok) {
    passed++;
  } else {
    failed++;
    std::printf("FAILED: %s\n", what.c_str());
  }
}

inline void yes(bool condition, const std::string &what) { note(condition, what); }

inline void equal(const std::string &found, const std::string &wanted, const std::string &what) {
  note(found == wanted, what + ": found " + found.substr(0, 300) + ", wanted " + wanted.substr(0, 300));
}

// The action must throw Invalid with `part` in its message.
inline void refused(const std::function<void()> &action, const std::string &part, const std::string &what) {
  try {
    action();
  } catch (const ledger::Invalid &error) {
    note(std::string(error.what()).find(part) != std::string::npos, what + ": wrong message: " + error.what());
    return;
  } catch (const std::exception &error) {
    note(false, what + ": threw something else: " + error.what());
    return;
  }
  note(false, what + ": was accepted");
}

inline int finish() {
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace expect
