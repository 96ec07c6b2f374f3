// The vectors of the session protocol, checked by the code under test: what is valid reads as it says and is what we
// write, what is invalid is refused with the reason it names, and what is cut short anywhere reads as nothing that was
// not there. The same checks run natively (session_vectors_test.cpp) and in WebAssembly (session_vectors_wasm.cpp).
// No exceptions, no test framework. Thread: any.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace footbridge::vectors {

struct Outcome {
  std::size_t checked = 0;  // vectors
  std::vector<std::string> failures;
};

struct VectorFile {
  std::string_view name;  // tests/vectors/NAME.json
  Outcome (*check)(std::string_view json);
};
std::span<const VectorFile> session_files();

// No file has fewer of either kind: a check that reads nothing would always pass.
inline constexpr std::size_t kLeastVectors = 8;

}  // namespace footbridge::vectors
