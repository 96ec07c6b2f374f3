// Texts that people and files give for options: every type either refuses or reads back what it wrote.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/assert.hpp"
#include "ops/errors.hpp"
#include "ops/toml_file.hpp"
#include "ops/values.hpp"
#include "programs/proxy/hours_value.hpp"

namespace {

using namespace footbridge;

template <class... Ts>
void read_and_write(std::string_view text) {
  const auto one = [&]<class T>(std::type_identity<T>) {
    const auto value = ops::ValueType<T>::parse(text);
    if (!value) return;
    const auto written = ops::ValueType<T>::text(*value);
    const auto again = ops::ValueType<T>::parse(written);
    FB_ASSERT(again.ok() && ops::ValueType<T>::text(*again) == written);
  };
  (one(std::type_identity<Ts>{}), ...);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_and_write<std::uint64_t, Millis, ops::ByteCount, bool, std::string, ops::FilePath, Endpoint, IpAddress, Prefix,
                 ops::HostPort, ops::AdminAddress, ops::HttpUrl, ops::WsUrl, ops::Pin, ops::PortRange, core::Hours>(
      text);
  try {
    ops::parse_toml(text, "f.toml");
  } catch (const ops::UsageError&) {
    // The one way out for text that is not a file of ours.
  }
  return 0;
}
