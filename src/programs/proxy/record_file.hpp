// RecordFile: where a volunteer's record is kept, mode 0600, replaced at once or not at all.
//
// One process at a time counts in it, which another file beside it is locked for: two would write over each other's
// counts, and an allowance would hold for neither. Where no file can be locked nobody is kept out.
// Errors: ops::UsageError where it cannot be written. Threads: any one at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace footbridge::proxy {

inline constexpr std::string_view kRecordFile = "helping-record";

// OursAnew: since this call; what is in it may be another process's count.
enum class Claim : std::uint8_t { Theirs, Ours, OursAnew };

class RecordFile {
 public:
  explicit RecordFile(const std::filesystem::path& directory);
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;
  ~RecordFile();

  // Who counts in it. Makes no directory: where there is none, nobody else does.
  Claim claim();
  // nullopt: there is none. Empty: it cannot be read.
  std::optional<Bytes> read() const;
  void write(ByteView record) const;
  const std::filesystem::path& directory() const { return directory_; }

 private:
  std::filesystem::path directory_;
  int lock_ = -1;
};

}  // namespace footbridge::proxy
