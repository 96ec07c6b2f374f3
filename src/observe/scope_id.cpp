#include "observe/scope_id.hpp"

#include <cstdio>

namespace footbridge::observe {

std::string ScopeId::to_text() const {
  char text[9];
  std::snprintf(text, sizeof text, "%08x", value_);
  return text;
}

}  // namespace footbridge::observe
