#include "wire/pt_environment.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace footbridge::wire {

std::string pt_name(PtKey key, PtVersion version) {
  const auto found = std::ranges::find(kPtNames, key, &PtName::key);
  FB_ASSERT(found != kPtNames.end());
  return version == PtVersion::V1 ? std::string(found->variable) : "-" + std::string(found->flag);
}

bool is_managed_environment(const PtEnvironment& environment) {
  return environment.contains(std::string(kPtNames.front().variable));
}

PtInput read_pt_environment(const PtEnvironment& environment) {
  PtInput input;
  for (const auto& name : kPtNames) {
    if (name.variable.empty()) continue;
    const auto found = environment.find(std::string(name.variable));
    if (found != environment.end()) input.values.emplace(name.key, found->second);
  }
  return input;
}

}  // namespace footbridge::wire
