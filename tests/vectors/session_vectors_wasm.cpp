// The session protocol's vectors in WebAssembly: reads them from the folder /vectors, which run_wasm.mjs opens for it.
// Exit status 0: every one holds.
#include <cstdio>
#include <string>

#include "session_vectors.hpp"

namespace {

std::string content(std::string_view name) {
  const auto path = "/vectors/" + std::string(name) + ".json";
  std::string out;
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return out;
  char piece[4096];
  while (const auto count = std::fread(piece, 1, sizeof piece, file)) out.append(piece, count);
  std::fclose(file);
  return out;
}

}  // namespace

int main() {
  std::size_t failures = 0;
  for (const auto& file : footbridge::vectors::session_files()) {
    const auto outcome = file.check(content(file.name));
    std::printf("%s: %zu vectors, %zu failed\n", std::string(file.name).c_str(), outcome.checked,
                outcome.failures.size());
    for (const auto& failure : outcome.failures) std::printf("  %s\n", failure.c_str());
    failures += outcome.failures.size();
  }
  return failures == 0 ? 0 : 1;
}
