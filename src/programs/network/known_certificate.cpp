#include "programs/network/known_certificate.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "io/certificate_key.hpp"
#include "ops/errors.hpp"

namespace footbridge::network {

wire::SpkiSha256 key_of_certificate(std::string_view option, const ops::FilePath& file) {
  const auto refuse = [&](const std::string& why) {
    throw ops::UsageError(std::string(option) + ": " + file.path + " " + why);
  };
  errno = 0;
  std::ifstream in(file.path);
  if (!in) refuse(std::string("cannot be read: ") + std::strerror(errno));
  const auto key = io::key_to_pin(std::string(std::istreambuf_iterator<char>(in), {}));
  if (!key) refuse("is no certificate in PEM form that is signed by its own key; with an authority's, leave this out");
  return *key;
}

}  // namespace footbridge::network
