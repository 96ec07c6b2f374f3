#include "source_tree.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>

namespace footbridge::policy {
namespace {

constexpr std::array<std::string_view, 6> kSkippedFolders = {".git",   "build",  "node_modules",
                                                             "corpus", ".cache", "__pycache__"};
constexpr std::size_t kMaxTextBytes = 2U << 20;  // larger files are data, and no rule here speaks of data

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

bool skipped(const std::filesystem::path& name) {
  return std::ranges::find(kSkippedFolders, name.string()) != kSkippedFolders.end();
}

}  // namespace

SourceTree load_tree(const std::filesystem::path& root) {
  SourceTree tree;
  for (auto it = std::filesystem::recursive_directory_iterator(root); it != std::filesystem::end(it); ++it) {
    if (skipped(it->path().filename())) {
      if (it->is_directory()) it.disable_recursion_pending();
      continue;
    }
    if (!it->is_regular_file() || it->is_symlink() || it->file_size() > kMaxTextBytes) continue;
    std::ifstream in(it->path(), std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (text.find('\0') != std::string::npos) continue;  // a picture, a capture
    tree.emplace(it->path().lexically_relative(root).generic_string(), std::move(text));
  }
  return tree;
}

std::string to_text(const Violations& violations) {
  std::string out;
  for (const auto& v : violations) {
    out += "  " + v.path + (v.line == 0 ? "" : ":" + std::to_string(v.line)) + ": " + v.what + "\n";
  }
  return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

bool has_prefix(std::string_view text, std::string_view prefix) { return text.starts_with(prefix); }
bool has_suffix(std::string_view text, std::string_view suffix) { return text.ends_with(suffix); }

bool is_cpp(std::string_view path) { return has_suffix(path, ".hpp") || has_suffix(path, ".cpp"); }

bool is_test_code(std::string_view path) {
  const auto name = path.substr(path.rfind('/') + 1);
  return has_prefix(path, "tests/") || name.find("_test") != std::string_view::npos ||
         name.find("test_") != std::string_view::npos;
}

bool is_build_file(std::string_view path) {
  const auto name = path.substr(path.rfind('/') + 1);
  return name == "CMakeLists.txt" || name == "Makefile" || name == "CMakePresets.json" || name == "package.json" ||
         has_suffix(name, ".cmake") || has_prefix(path, "scripts/") || has_prefix(path, ".ci/");
}

std::string_view code_of(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && line[i] == '/' && line[i + 1] == '/') {
      return line.substr(0, i);
    }
  }
  return line;
}

bool has_word(std::string_view text, std::string_view word) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  for (auto from = text.begin();;) {
    const auto at = std::search(from, text.end(), word.begin(), word.end(), same);
    if (at == text.end()) return false;
    const auto after = at + static_cast<std::ptrdiff_t>(word.size());
    if ((at == text.begin() || !is_letter(at[-1])) && (after == text.end() || !is_letter(*after))) return true;
    from = at + 1;
  }
}

}  // namespace footbridge::policy
