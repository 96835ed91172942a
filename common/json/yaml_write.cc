// Writing: libyaml's emitter, which decides the layout; here are the order of keys and the style of scalars.
#include <yaml.h>

#include <algorithm>
#include <charconv>

#include "common/base/check.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "common/json/yaml.h"

namespace atoll::json {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

// The reference's order of keys: letters after what is no letter, runs of digits by their value.
bool KeyBefore(std::string_view a, std::string_view b) {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (a[i] == b[i]) continue;
    const bool a_letter = IsLetter(a[i]), b_letter = IsLetter(b[i]);
    if (a_letter && b_letter) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]);
    const bool after_digits = i > 0 && IsDigit(a[i - 1]);
    if (a_letter || b_letter) return after_digits && (IsDigit(a[i]) || IsDigit(b[i])) ? a_letter : b_letter;
    const auto run = [i](std::string_view s) {
      size_t end = i;
      while (end < s.size() && IsDigit(s[end])) ++end;
      return s.substr(i, end - i);
    };
    const std::string_view x = run(a), y = run(b);
    if (x.empty() || y.empty() || x.size() == y.size()) return a[i] < b[i];
    return x.size() < y.size();
  }
  return a.size() < b.size();
}

// Go's %g with the shortest digits: an exponent of two digits at least, below 1e-4 and from 1e+06 on unless the number
// is an integer that JSON would write plainly.
std::string FloatText(double d) {
  const std::string json = Write(Value(d));
  if (json.find_first_of(".e") == std::string::npos) return json;
  char buf[32];
  const auto end = std::to_chars(buf, buf + sizeof(buf), d, std::chars_format::scientific);
  const std::string_view text(buf, static_cast<size_t>(end.ptr - buf));
  int exponent = 0;
  const size_t e = text.find('e');
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), end.ptr, exponent);
  return exponent < -4 || exponent >= 6 ? std::string(text) : json;
}

class Emitter {
 public:
  explicit Emitter(std::string* out) {
    CHECK(yaml_emitter_initialize(&emitter_) != 0);
    yaml_emitter_set_unicode(&emitter_, 1);
    yaml_emitter_set_indent(&emitter_, 2);
    yaml_emitter_set_width(&emitter_, 80);
    yaml_emitter_set_output(&emitter_, &Append, out);
  }
  ~Emitter() { yaml_emitter_delete(&emitter_); }
  Emitter(const Emitter&) = delete;
  Emitter& operator=(const Emitter&) = delete;

  void Document(const Value& v) {
    yaml_event_t e;
    Emit(&e, yaml_stream_start_event_initialize(&e, YAML_UTF8_ENCODING));
    Emit(&e, yaml_document_start_event_initialize(&e, nullptr, nullptr, nullptr, 1));
    Node(v);
    Emit(&e, yaml_document_end_event_initialize(&e, 1));
    Emit(&e, yaml_stream_end_event_initialize(&e));
  }

 private:
  static int Append(void* out, unsigned char* bytes, size_t size) {
    static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(bytes), size);
    return 1;
  }

  // The emitter owns an event once it is emitted, whatever comes of it.
  void Emit(yaml_event_t* e, int initialized) { CHECK(initialized != 0 && yaml_emitter_emit(&emitter_, e) != 0); }

  void Scalar(std::string_view text, yaml_scalar_style_t style) {
    yaml_event_t e;
    Emit(&e, yaml_scalar_event_initialize(&e, nullptr, nullptr, reinterpret_cast<const yaml_char_t*>(text.data()),
                                          static_cast<int>(text.size()), 1, 1, style));
  }

  void String(const std::string& s) {
    if (s.find('\n') != std::string::npos) return Scalar(s, YAML_LITERAL_SCALAR_STYLE);
    Scalar(s, YamlPlainIsString(s) ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
  }

  void Node(const Value& v) {
    yaml_event_t e;
    if (v.is_array()) {
      const auto style = v.array().empty() ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE;
      Emit(&e, yaml_sequence_start_event_initialize(&e, nullptr, nullptr, 1, style));
      for (const Value& item : v.array()) Node(item);
      Emit(&e, yaml_sequence_end_event_initialize(&e));
    } else if (v.is_object()) {
      const auto style = v.object().empty() ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE;
      Emit(&e, yaml_mapping_start_event_initialize(&e, nullptr, nullptr, 1, style));
      std::vector<const Object::Member*> sorted;
      for (const Object::Member& m : v.object()) sorted.push_back(&m);
      std::sort(sorted.begin(), sorted.end(),
                [](const auto* a, const auto* b) { return KeyBefore(a->first, b->first); });
      for (const Object::Member* m : sorted) {
        String(m->first);
        Node(m->second);
      }
      Emit(&e, yaml_mapping_end_event_initialize(&e));
    } else if (v.is_string()) {
      String(v.string());
    } else {
      Scalar(v.is_double() ? FloatText(v.number_value()) : Write(v), YAML_PLAIN_SCALAR_STYLE);
    }
  }

  yaml_emitter_t emitter_;
};

}  // namespace

std::string WriteYaml(const Value& v) {
  std::string out;
  Emitter(&out).Document(v);
  // libyaml ends the document explicitly where a block scalar keeps its last line breaks; the reference does not.
  constexpr std::string_view kDocumentEnd = "...\n";
  if (out.ends_with(StrCat("\n", kDocumentEnd))) out.resize(out.size() - kDocumentEnd.size());
  return out;
}

}  // namespace atoll::json
