// NetworkSeal: what makes a broker one of a network: the seal around its requests (core::SealedBroker), its keys, and
// the directory that it hands out, from the files that --network names. It looks at them again each kLookAtFiles, so
// that the operator's daily run needs nobody to tell the broker; what cannot be used leaves everything as it was, and
// is said.
//
//   files ──read──▶ in use ──changed and good──▶ in use
//                     └──changed and bad──▶ in use, "network-files-refused"
//
// Of the keys it uses those that hold, the two newest, and the next one kKeyEarly before its time: clocks differ.
// Bounds: core::BrokerKeys::kMostKeys. The network's secret is read once: another one is another network. Ownership:
// `rng` outlives it and should be buffered. Threads: the executor's one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "core/sealing/sealed_broker.hpp"
#include "io/asio.hpp"
#include "io/deadline_timer.hpp"
#include "observe/metrics.hpp"
#include "programs/network_files.hpp"
#include "store/store.hpp"

namespace footbridge::broker {

inline constexpr Seconds kLookAtFiles{60};  // what is signed daily, or revoked now, counts within a minute
inline constexpr Seconds kKeyEarly{3'600};  // NET-T3: so far ahead an asker's clock may be

// Those of `keys` that a broker uses at `now`, the newest last.
std::vector<BrokerSecret> usable_keys(std::vector<BrokerSecret> keys, UnixSeconds now);

class NetworkSeal {
 public:
  // False: it cannot be used now. It is said again with each look.
  using OnDirectory = std::function<bool(const wire::Directory& directory)>;
  // Throws ops::UsageError about the files. `started`: when this process began to serve.
  NetworkSeal(asio::any_io_executor executor, ops::FilePath folder, const std::optional<std::string>& name,
              UnixSeconds started, Rng& rng, observe::Registry& registry);

  // Hears of each directory after the first.
  void on_directory(OnDirectory hears) { on_directory_ = std::move(hears); }
  const wire::Directory& directory() const { return files_.directory; }
  const crypto::SecretKey& obfuscation() const { return files_.obfuscation; }
  const std::string& broker() const { return broker_; }
  ByteView signed_directory() const { return files_.signed_directory; }

  // As SealedBroker's; what the operator has to know of is logged.
  Result<core::OpenedRequest, core::SealErrc> open(ByteView body);
  Bytes seal(core::ReplySeal reply, ByteView body);
  // What all instances of this network's brokers call this request.
  store::RequestTag shared_tag(const core::OpenedRequest& request) const;

  // The files as they are now, changed or not. Throws ops::UsageError; everything stays until they are used.
  struct Next {
    std::string state;
    NetworkFiles files;
    std::vector<BrokerSecret> keys;
  };
  Next read() const;
  void use(Next next);
  void reload() { use(read()); }
  // Tests only: from now on it looks so often.
  void set_look_again_for_test(Duration pause);

 private:
  void use_keys();
  void tell_directory();
  void look_again(TimePoint now);
  void add_metrics(observe::Registry& registry);

  ops::FilePath folder_;
  std::string seen_;  // of the files
  NetworkFiles files_;
  std::string broker_;
  std::vector<BrokerSecret> keys_;
  core::SealedBroker sealed_;
  OnDirectory on_directory_;
  bool directory_used_ = true;
  bool told_no_key_ = false;
  Duration look_again_ = kLookAtFiles;
  io::DeadlineTimer timer_;
};

}  // namespace footbridge::broker
