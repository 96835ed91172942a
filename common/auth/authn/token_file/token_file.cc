#include "common/auth/authn/token_file/token_file.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "common/base/strings.h"

namespace atoll::auth {
namespace {

// One RFC 4180 record from the front of `csv`; quoted fields may span lines. False on a stray or missing quote.
bool ReadRecord(std::string_view* csv, std::vector<std::string>* fields) {
  fields->assign(1, "");
  bool quoted = false, after_quote = false, field_start = true;
  size_t i = 0;
  for (; i < csv->size(); ++i) {
    const char c = (*csv)[i];
    if (quoted) {
      if (c != '"') {
        fields->back().push_back(c);
      } else if (i + 1 < csv->size() && (*csv)[i + 1] == '"') {
        fields->back().push_back('"');
        ++i;
      } else {
        quoted = false;
        after_quote = true;
      }
      continue;
    }
    if (c == '\n') break;
    if (c == '\r' && (i + 1 == csv->size() || (*csv)[i + 1] == '\n')) continue;
    if (c == ',') {
      fields->emplace_back();
      field_start = true;
      after_quote = false;
      continue;
    }
    if (c == '"' && field_start) {
      quoted = true;
    } else if (c == '"' || after_quote) {
      return false;
    } else {
      fields->back().push_back(c);
    }
    field_start = false;
  }
  csv->remove_prefix(std::min(i + 1, csv->size()));
  return !quoted;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TokenFileAuthenticator>> TokenFileAuthenticator::FromCsv(std::string_view csv) {
  auto out = std::make_unique<TokenFileAuthenticator>();
  std::vector<std::string> fields;
  for (int record = 1; !csv.empty(); ++record) {
    if (csv.front() == '#') {
      csv.remove_prefix(std::min(csv.find('\n'), csv.size() - 1) + 1);
      continue;
    }
    if (!ReadRecord(&csv, &fields))
      return absl::InvalidArgumentError(Cat("token file: record ", record, ": misplaced quote"));
    if (fields.size() == 1 && absl::StripAsciiWhitespace(fields[0]).empty()) continue;
    if (fields.size() < 3) {
      return absl::InvalidArgumentError(Cat("token file: record ", record,
                                            " must have at least 3 columns (token, user name, user uid), found ",
                                            fields.size()));
    }
    if (fields[0].empty()) return absl::InvalidArgumentError(Cat("token file: record ", record, " has an empty token"));
    User user{.name = fields[1], .uid = fields[2], .groups = {}, .extra = {}};
    if (fields.size() > 3) {
      for (absl::string_view group : absl::StrSplit(fields[3], ',')) {
        group = absl::StripAsciiWhitespace(group);
        if (!group.empty()) user.groups.emplace_back(ToStd(group));
      }
    }
    out->users_.insert_or_assign(SecretDigest::Of(fields[0]), std::move(user));
  }
  return out;
}

Task<absl::StatusOr<std::optional<User>>> TokenFileAuthenticator::AuthenticateToken(std::string token,
                                                                                    std::vector<std::string>) {
  auto it = users_.find(SecretDigest::Of(token));
  if (it == users_.end()) co_return std::optional<User>();
  co_return std::optional<User>(it->second);
}

}  // namespace atoll::auth
