// GuestBook: the file in which a broker keeps which installations each invite let in, so that a restart gives no use
// anew. Records of 32 bytes, two hashes (core/rendezvous/invite_desk.hpp): who reads it learns how many there are, and
// nothing about them. New ones are written behind the last before their answer goes out; half a record, of a machine
// that lost power, is forgotten. Written whole at the start and with each change of the rules, so it has what counts
// and 2 MiB at most. One thread; writes block for 32 bytes.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/rendezvous/invite_desk.hpp"

namespace footbridge::broker {

class GuestBook {
 public:
  // `folder` is made if it is not there (mode 0700); `network`: the first digits of its root.
  GuestBook(const std::filesystem::path& folder, const std::string& network);

  // ops::UsageError if there is a file that is not ours alone to read.
  std::vector<core::Guest> read() const;
  // ops::UsageError if it cannot be written: uses would be given anew with each restart.
  void replace(std::span<const core::Guest> guests);
  // False: not written; the caller tells the operator.
  [[nodiscard]] bool add(const core::Guest& guest);

 private:
  std::filesystem::path file_;
};

}  // namespace footbridge::broker
