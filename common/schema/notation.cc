#include "common/schema/notation.h"

#include <array>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "common/api/go_time.h"
#include "common/api/object.h"
#include "common/api/quantity.h"
#include "common/base/strings.h"
#include "common/json/write.h"

namespace atoll::schema {
namespace {

using json::Value;

bool IsBase64(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '/'; }
bool IsLineBreak(char c) { return c == '\n' || c == '\r'; }

absl::Status BadBase64(size_t at) {
  return absl::InvalidArgumentError(StrCat("illegal base64 data at input byte ", at));
}

// A JSON number is a quantity as it stands.
std::string QuantityText(const Value& value) {
  return value.is_string() ? value.string() : value.is_null() ? "0" : json::Write(value);
}

}  // namespace

Notation NotationOf(std::string_view definition) {
  if (definition == "io.k8s.apimachinery.pkg.apis.meta.v1.Time") return Notation::kTime;
  if (definition == "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime") return Notation::kMicroTime;
  if (definition == "io.k8s.apimachinery.pkg.api.resource.Quantity") return Notation::kQuantity;
  return Notation::kPlain;
}

absl::Status CheckNotation(Notation notation, const Value& value) {
  switch (notation) {
    case Notation::kPlain:
      return absl::OkStatus();
    case Notation::kTime:
      return api::ParseGoTime(value.StringOr(), api::TimeLayout::kSeconds).status();
    case Notation::kMicroTime:
      return api::ParseGoTime(value.StringOr(), api::TimeLayout::kMicros).status();
    case Notation::kQuantity:
      return api::Quantity::Parse(QuantityText(value)).status();
  }
  return absl::OkStatus();
}

absl::Status CheckBase64(std::string_view text) {
  // Four characters make a group; the last one may end in padding.
  size_t in_group = 0, at = 0;
  auto skip_breaks = [&] {
    while (at < text.size() && IsLineBreak(text[at])) ++at;
  };
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (IsLineBreak(c)) continue;
    if (IsBase64(c)) {
      in_group = (in_group + 1) % 4;
      continue;
    }
    if (c != '=' || in_group < 2) return BadBase64(at);
    ++at;
    if (in_group == 2) {
      skip_breaks();
      if (at == text.size()) return BadBase64(text.size());
      if (text[at] != '=') return BadBase64(at);
      ++at;
    }
    skip_breaks();
    return at == text.size() ? absl::OkStatus() : BadBase64(at);
  }
  return in_group == 0 ? absl::OkStatus() : BadBase64(text.size() - in_group);
}

void WriteNotation(Notation notation, Value* value) {
  // What was written by us already is the common case.
  const std::string_view text = value->StringOr();
  const bool utc = text.ends_with('Z');
  switch (notation) {
    case Notation::kPlain:
      return;
    case Notation::kTime:
      if (utc && text.size() == std::string_view("2006-01-02T15:04:05Z").size()) return;
      if (auto time = api::ParseGoTime(text, api::TimeLayout::kSeconds); time.ok()) *value = api::FormatTime(*time);
      return;
    case Notation::kMicroTime:
      if (utc && text.size() == std::string_view("2006-01-02T15:04:05.000000Z").size()) return;
      if (auto time = api::ParseGoTime(text, api::TimeLayout::kMicros); time.ok()) {
        *value = api::FormatMicroTime(*time);
      }
      return;
    case Notation::kQuantity:
      if (auto quantity = api::Quantity::Parse(QuantityText(*value)); quantity.ok()) *value = quantity->ToString();
      return;
  }
}

void WriteBase64(Value* value) {
  const std::string_view text = value->StringOr();
  const bool padded = text.ends_with('=');
  if (!padded && text.find_first_of("\r\n") == std::string_view::npos) return;
  std::string plain, bytes;
  plain.reserve(text.size());
  for (char c : text) {
    if (!IsLineBreak(c)) plain.push_back(c);
  }
  // Bits behind the last byte are dropped, as when Go writes what it has read.
  if (absl::Base64Unescape(plain, &bytes)) {
    *value = absl::Base64Escape(bytes);
  } else {
    *value = std::move(plain);
  }
}

}  // namespace atoll::schema
