#include "programs/site_folder.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

#include "ops/errors.hpp"

namespace footbridge {
namespace {

namespace fs = std::filesystem;

std::string content_type(const fs::path& file) {
  static const std::map<std::string, std::string> kTypes{
      {".html", "text/html"},        {".htm", "text/html"},
      {".css", "text/css"},          {".js", "application/javascript"},
      {".png", "image/png"},         {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},       {".gif", "image/gif"},
      {".ico", "image/x-icon"},      {".txt", "text/plain"},
      {".svg", "image/svg+xml"},     {".xml", "text/xml"},
      {".json", "application/json"}, {".pdf", "application/pdf"},
      {".webp", "image/webp"},       {".wasm", "application/wasm"}};
  const auto found = kTypes.find(file.extension().string());
  return found == kTypes.end() ? "application/octet-stream" : found->second;
}

UnixSeconds modified_at(const fs::path& file) {
  struct ::stat about {};
  if (::stat(file.c_str(), &about) != 0) return {};
  return UnixSeconds{static_cast<std::uint64_t>(std::max<::time_t>(about.st_mtime, 0))};
}

}  // namespace

std::optional<std::string> read_whole(const std::string& file, std::size_t most_bytes) {
  std::ifstream in(file, std::ios::binary);
  std::string out;
  std::array<char, 16 * 1024> chunk{};
  while (in.read(chunk.data(), chunk.size()), in.gcount() > 0) {
    out.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
    if (out.size() > most_bytes) return std::nullopt;
  }
  return in.eof() ? std::optional(std::move(out)) : std::nullopt;
}

SitePages read_site_folder(std::string_view option, const ops::FilePath& folder) {
  const auto refuse = [&](const std::string& why) {
    throw ops::UsageError(std::string(option) + ": " + folder.path + ": " + why);
  };
  SitePages pages;
  std::size_t bytes = 0;
  std::error_code error;
  // By hand: in a range-for what cannot be read further down is thrown, and nobody says which option it was.
  fs::recursive_directory_iterator at(folder.path, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const auto& entry = *at;
    std::error_code unknown;
    if (!entry.is_regular_file(unknown)) continue;
    auto body = read_whole(entry.path(), kMaxPageBytes);
    if (!body) refuse("a file in it cannot be read, or is larger than 1 MiB");
    bytes += body->size();
    if (pages.size() == kMaxSitePages || bytes > kMaxSiteBytes) refuse("more than 256 files or 8 MiB; show less");
    pages["/" + fs::relative(entry.path(), folder.path).generic_string()] = {
        content_type(entry.path()), to_bytes(*body), modified_at(entry.path())};
  }
  if (error) refuse("cannot be read: " + error.message());
  return pages;
}

}  // namespace footbridge
