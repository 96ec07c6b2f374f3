// How many connections a listener holds, in all and per address prefix (IPv4 /24, IPv6 /48). A permit is one
// connection's entry; it travels with the socket (also through an upgrade to WebSocket) and gives the place back
// when it is destroyed.
// Threads: any. Workers that share a port share its table, and a permit may end on another thread than it began on; a
// mutex is taken once when a connection begins and once when it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/result.hpp"

namespace footbridge::io {

struct ConnectionLimits {
  std::size_t max_connections = 4096;  // in all: far below the usual 65,536 descriptors, 12 KiB each when idle
  std::size_t max_per_prefix = 32;     // a household or an office behind one NAT; a flood needs many networks
  bool exempt_loopback = true;         // behind a reverse proxy everyone comes from 127.0.0.1, and its limits hold
};

class ConnectionPermit {
 public:
  ConnectionPermit() = default;  // counts nothing: for tests and outgoing connections
  ConnectionPermit(ConnectionPermit&& other) noexcept;
  ConnectionPermit& operator=(ConnectionPermit&& other) noexcept;
  ~ConnectionPermit();

 private:
  friend class ConnectionTable;
  struct Counts;
  std::shared_ptr<Counts> counts_;  // two owners: the table and each permit, which may outlive its listener
  std::optional<Private<IpAddress>> prefix_;
};

// Which cap is reached.
enum class FullErrc : std::uint8_t { Total = 1, Prefix };
std::string_view name(FullErrc error);

class ConnectionTable {
 public:
  explicit ConnectionTable(ConnectionLimits limits);
  // No permit: close the connection without a byte.
  Result<ConnectionPermit, FullErrc> admit(const IpAddress& peer);
  std::size_t size() const;
  // Connections beyond it that are open already stay.
  void set_max_connections(std::size_t most);

 private:
  ConnectionLimits limits_;  // guarded by the mutex of counts_
  // The table and every permit it gave: the listener may go while its connections last.
  std::shared_ptr<ConnectionPermit::Counts> counts_;
};

// The network a cap or a budget is charged to: /24 or /48, host bits zero.
IpAddress charged_prefix(const IpAddress& peer);

}  // namespace footbridge::io
