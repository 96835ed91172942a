#include "common/cel/issues.h"

#include <algorithm>
#include <utility>

#include "common/base/strings.h"
#include "common/cel/value.h"
#include "common/json/utf8.h"

namespace atoll::cel {
namespace {

constexpr size_t kSnippetMax = 16384;

}  // namespace

Source::Source(std::string_view text) : text_(text), lines_{0} {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') lines_.push_back(static_cast<uint32_t>(i + 1));
  }
}

std::string_view Source::Line(int line) const {
  const size_t begin = lines_[static_cast<size_t>(line) - 1];
  const size_t end = static_cast<size_t>(line) < lines_.size() ? lines_[static_cast<size_t>(line)] - 1 : text_.size();
  return text_.substr(begin, end - begin);
}

Issue Source::At(uint32_t offset, std::string message) const {
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), offset);
  const int line = static_cast<int>(next - lines_.begin());
  const uint32_t begin = *(next - 1);
  if (text_.empty()) return {1, -1, std::move(message)};
  return {line, static_cast<int>(CodePoints(text_.substr(begin, offset - begin))), std::move(message)};
}

std::string Source::Format(const std::vector<Issue>& issues) const {
  std::vector<const Issue*> sorted;
  for (const Issue& issue : issues) sorted.push_back(&issue);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Issue* a, const Issue* b) {
    return std::pair(a->line, a->column) < std::pair(b->line, b->column);
  });
  std::string out;
  for (const Issue* issue : sorted) {
    if (!out.empty()) out += '\n';
    StrAppend(&out, "ERROR: <input>:", issue->line, ":", issue->column + 1, ": ", issue->message);
    if (issue->line < 1 || text_.empty()) continue;  // of the expression as a whole
    std::string line(Line(issue->line));
    if (line.size() > kSnippetMax) continue;
    std::replace(line.begin(), line.end(), '\t', ' ');
    StrAppend(&out, "\n | ", line, "\n | ");
    size_t at = 0;
    for (int i = 0; i < issue->column && at < line.size(); ++i) {
      const int bytes = json::DecodeRune(line, at).bytes;
      out += bytes > 1 ? "\xEF\xBC\x8E" : ".";
      at += static_cast<size_t>(bytes);
    }
    out += at < line.size() && json::DecodeRune(line, at).bytes > 1 ? "\xEF\xBC\xBE" : "^";
  }
  return out;
}

}  // namespace atoll::cel
