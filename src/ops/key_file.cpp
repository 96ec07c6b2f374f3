#include "ops/key_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/encoding.hpp"
#include "ops/errors.hpp"

namespace footbridge::ops {
namespace {

// A descriptor that closes itself.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }
  bool close() { return ::close(std::exchange(descriptor_, -1)) == 0; }

 private:
  int descriptor_;
};

[[noreturn]] void refuse(std::string_view option, const std::string& path, const std::string& why) {
  throw UsageError(std::string(option) + ": " + path + " " + why);
}

// systemd hands over secrets in a directory of its own; what lies there wins over a file of the same name beside us.
struct Place {
  std::string path;
  bool is_credential = false;
};
Place resolve(const std::string& path) {
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  if (credentials == nullptr || path.find('/') != std::string::npos) return {path};
  const auto there = std::string(credentials) + "/" + path;
  return ::access(there.c_str(), F_OK) == 0 ? Place{there, true} : Place{path};
}

// A credential belongs to root, and an access list lets us read it; the mode then shows that list's mask as its group.
void require_private(std::string_view option, const Place& place, const File& file) {
  const auto& path = place.path;
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) refuse(option, path, "is not a regular file");
  char mode[8];
  std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(facts.st_mode & 07777));
  if ((facts.st_mode & (place.is_credential ? 037 : 077)) != 0)
    refuse(option, path, std::string("can be read by others (mode ") + mode + "); run: chmod 600 " + path);
  if (facts.st_uid != 0 && facts.st_uid != ::geteuid())
    refuse(option, path, "belongs to another user; it must belong to the user we run as, or to root");
}

enum class Lasts : std::uint8_t { WhenPowerFails, WhenWeEnd };

void write_all(std::string_view option, const std::string& path, File& file, std::string_view contents, Lasts lasts) {
  while (!contents.empty()) {
    const auto sent = ::write(file.get(), contents.data(), contents.size());
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) refuse(option, path, std::string("cannot be written: ") + std::strerror(errno));
    contents.remove_prefix(static_cast<std::size_t>(sent));
  }
  if ((lasts == Lasts::WhenPowerFails && ::fsync(file.get()) != 0) || !file.close())
    refuse(option, path, std::string("cannot be written: ") + std::strerror(errno));
}

// A half-written file would be found, and refused, at the next start.
void write_new(std::string_view option, const std::string& named, const std::string& path, File& file,
               std::string_view contents, Lasts lasts = Lasts::WhenPowerFails) {
  try {
    write_all(option, named, file, contents, lasts);
  } catch (...) {
    ::unlink(path.c_str());
    throw;
  }
}

// Writes a private file under a name of our own: somebody else may be making the same file. What a process that was
// killed leaves there is half a key that nobody uses; a later process of that number takes it away.
std::string write_beside(std::string_view option, const FilePath& named, std::string_view contents,
                         Lasts lasts = Lasts::WhenPowerFails) {
  auto beside = named.path + ".new-" + std::to_string(::getpid());
  ::unlink(beside.c_str());
  File file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.get() < 0) refuse(option, named.path, std::string("cannot be created: ") + std::strerror(errno));
  write_new(option, named.path, beside, file, contents, lasts);
  return beside;
}

}  // namespace

Private<std::string> read_key_file(std::string_view option, const FilePath& named, std::size_t most) {
  const auto place = resolve(named.path);
  const auto& path = place.path;
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) refuse(option, path, std::string("cannot be read: ") + std::strerror(errno));
  require_private(option, place, file);
  std::string contents(most + 1, '\0');
  std::size_t length = 0;
  while (length < contents.size()) {
    const auto got = ::read(file.get(), contents.data() + length, contents.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse(option, path, std::string("cannot be read: ") + std::strerror(errno));
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length > most)
    refuse(option, path,
           (most > kMaxKeyFileBytes ? "is larger than such a file can be (" : "is larger than a key can be (") +
               std::to_string(most / 1024) + "KiB)");
  contents.resize(length);
  return Private(std::move(contents));
}

Private<Key32> read_key32(std::string_view option, const FilePath& file) {
  const auto contents = read_key_file(option, file);
  std::string_view text = contents.reveal_to_socket();
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto bytes = parse_hex(text);
  Key32 key{};
  if (!bytes || bytes->size() != key.size())
    refuse(option, file.path, "does not hold a key: 64 hexadecimal digits are expected");
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return Private(key);
}

void create_key_file(std::string_view option, const FilePath& named, std::string_view contents) {
  const auto beside = write_beside(option, named, contents);
  const bool created = ::link(beside.c_str(), named.path.c_str()) == 0;  // which replaces nothing, unlike rename
  const auto why = errno;
  ::unlink(beside.c_str());
  if (!created)
    refuse(option, named.path,
           std::string("cannot be created: ") + std::strerror(why) +
               (why == EEXIST ? "; it is never written over: name another file, or remove it" : ""));
}

namespace {

void replace(std::string_view option, const FilePath& named, std::string_view contents, Lasts lasts) {
  const auto beside = write_beside(option, named, contents, lasts);
  if (::rename(beside.c_str(), named.path.c_str()) == 0) return;
  const auto why = errno;
  ::unlink(beside.c_str());
  refuse(option, named.path, std::string("cannot be written: ") + std::strerror(why));
}

}  // namespace

void replace_key_file(std::string_view option, const FilePath& named, std::string_view contents) {
  replace(option, named, contents, Lasts::WhenPowerFails);
}

void replace_private_note(std::string_view option, const FilePath& named, std::string_view contents) {
  replace(option, named, contents, Lasts::WhenWeEnd);
}

void write_public_file(std::string_view option, const FilePath& named, std::string_view contents) {
  const auto beside = named.path + ".new";
  {
    File file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (file.get() < 0) refuse(option, named.path, std::string("cannot be written: ") + std::strerror(errno));
    write_new(option, named.path, beside, file, contents);
  }
  if (::rename(beside.c_str(), named.path.c_str()) != 0)
    refuse(option, named.path, std::string("cannot be written: ") + std::strerror(errno));
}

}  // namespace footbridge::ops
