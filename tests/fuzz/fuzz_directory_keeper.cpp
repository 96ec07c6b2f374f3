// A row of directories, honest, stolen and changed, offered to one keeper while its clock jumps: what it believes never
// goes back, and nothing is believed that the root's chain does not reach.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "core/network/directory_keeper.hpp"
#include "deeds.hpp"

namespace {

using namespace footbridge;  // NOLINT: a fuzz target is one page

constexpr std::uint64_t kStart = 1'800'000'000;
constexpr std::uint64_t kHour = 3'600;

struct Keys {
  SeededRng rng{3};
  crypto::Ed25519KeyPair root = crypto::Ed25519KeyPair::random(rng);
  crypto::Ed25519KeyPair foreign = crypto::Ed25519KeyPair::random(rng);
  crypto::Ed25519KeyPair first = crypto::Ed25519KeyPair::random(rng);
  crypto::Ed25519KeyPair second = crypto::Ed25519KeyPair::random(rng);
};

// Within eleven days around the start.
UnixSeconds some_time(fuzz::Deeds& deeds) { return UnixSeconds{kStart + deeds.byte() * kHour}; }

wire::Validity some_validity(fuzz::Deeds& deeds, std::uint64_t scale) {
  const auto from = some_time(deeds);
  return {from, UnixSeconds{count(from) + deeds.byte() * scale}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Keys keys;
  fuzz::Deeds deeds(as_bytes(data, size));
  core::DirectoryKeeper keeper(core::root_key(keys.root));
  std::uint64_t serial = 0;
  std::uint64_t version = 0;
  for (int offered = 0; offered < 32 && !deeds.empty(); ++offered) {
    const auto deed = deeds.byte();
    const auto& root = (deed & 1) != 0 ? keys.foreign : keys.root;
    const auto& certified = (deed & 2) != 0 ? keys.second : keys.first;
    const auto& signer = (deed & 4) != 0 ? keys.second : keys.first;
    const wire::Certificate certificate{
        {certified.public_key().raw}, 1 + deeds.below(4), some_validity(deeds, 6 * kHour)};
    const wire::Directory directory{.version = 1 + deeds.below(4), .valid = some_validity(deeds, kHour)};
    auto bytes = core::sign_directory(signer, core::sign_certificate(root, certificate), directory);
    const bool changed = (deed & 8) != 0;
    if (changed) bytes[deeds.below(bytes.size())] ^= static_cast<std::byte>(1U << deeds.below(8));
    const auto now = some_time(deeds);
    const auto taken = keeper.take(now, bytes);
    if (taken.ok() && *taken == core::DirectoryKeeper::Taken::New) {
      FB_ASSERT(!changed && (deed & 1) == 0 && ((deed & 2) != 0) == ((deed & 4) != 0));
      FB_ASSERT(certificate.serial > serial || (certificate.serial == serial && directory.version > version));
      FB_ASSERT(now < directory.valid.until && now < certificate.valid.until);
      serial = certificate.serial;
      version = directory.version;
    }
    const auto* serving = keeper.serving(now);
    FB_ASSERT(serving == nullptr || serving->version == version);
    FB_ASSERT(serving == nullptr || now < *keeper.serves_until());
    if (version == 0) continue;
    core::DirectoryKeeper restored(core::root_key(keys.root));
    FB_ASSERT(restored.restore(keeper.kept()).ok() && restored.age(now) == keeper.age(now));
  }
  return 0;
}
