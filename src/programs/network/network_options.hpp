// Options of `footbridge network ACTION`: one table for all actions; which of them an action takes is said there, too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ops/option_table.hpp"
#include "ops/values.hpp"
#include "wire/invite.hpp"

namespace footbridge::network {

struct NetworkOptions {
  ops::FilePath dir{"footbridge-network"};
  std::optional<std::string> name;
  std::vector<Private<ops::HttpUrl>> broker_url;
  std::optional<ops::FilePath> broker_cert;
  std::uint64_t uses = 1;
  Millis expires{7 * 86'400'000LL};
  bool list = false;
  bool qr = false;
  std::optional<std::string> compartment;
  bool volunteer = false;
  bool tester = false;
  Millis valid{48 * 3'600'000LL};
  std::optional<ops::FilePath> root_key;
  std::optional<std::string> role;
  std::optional<Private<ops::HttpUrl>> url;
  std::optional<ops::FilePath> netstate_cert;
  std::uint64_t days = 30;
  std::optional<ops::FilePath> out;
};

ops::OptionTable option_table(NetworkOptions& options);

}  // namespace footbridge::network
