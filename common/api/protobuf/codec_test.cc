// testdata/samples.json holds what the Go client's own serializer writes, in both forms: for every kind one object with
// all fields set, and a few as kubectl sends them.
#include "common/api/protobuf/codec.h"

#include <catch2/catch.hpp>
#include <set>

#include "common/api/protobuf/wire.h"
#include "common/base/encoding.h"
#include "common/base/file.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/write.h"

namespace atoll::api::protobuf {
namespace {

struct Sample {
  std::string name;
  std::string bytes;  // with the envelope
  json::Value object;
};

std::vector<Sample> Samples() {
  auto text = ReadFile("common/api/protobuf/testdata/samples.json");
  REQUIRE(text.ok());
  auto rows = json::Parse(*text);
  REQUIRE(rows.ok());
  std::vector<Sample> samples;
  for (const json::Value& row : rows->array()) {
    samples.push_back(
        {std::string(row.StringAt({"name"})), *Base64Decode(row.StringAt({"protobuf"})), *row.Find("json")});
  }
  REQUIRE(samples.size() > 30);
  return samples;
}

Gvk GvkOf(const Envelope& envelope) {
  const size_t slash = envelope.api_version.find('/');
  if (slash == std::string_view::npos) return {"", std::string(envelope.api_version), std::string(envelope.kind)};
  return {std::string(envelope.api_version.substr(0, slash)), std::string(envelope.api_version.substr(slash + 1)),
          std::string(envelope.kind)};
}

const Message* MessageOf(const Envelope& envelope) {
  return envelope.kind == "DeleteOptions" ? &DeleteOptionsMessage() : FindMessage(GvkOf(envelope));
}

// Without what protobuf cannot say of an object: its kind, and lists that are there but hold nothing.
json::Value Comparable(json::Value object) {
  object.Remove({"kind"});
  object.Remove({"apiVersion"});
  for (const char* list : {"resourceRules", "nonResourceRules"}) {
    if (const json::Value* v = object.At({"status", list}); v != nullptr && v->is_null())
      object.Remove({"status", list});
  }
  return object;
}

TEST_CASE("protobuf: what Go clients send is read as the JSON they would have sent", "[protobuf]") {
  for (const Sample& sample : Samples()) {
    DYNAMIC_SECTION(sample.name) {
      auto envelope = OpenEnvelope(sample.bytes);
      REQUIRE(envelope.ok());
      CHECK(envelope->kind == sample.object.StringAt({"kind"}));
      CHECK(envelope->api_version == sample.object.StringAt({"apiVersion"}));
      const Message* message = MessageOf(*envelope);
      if (message == nullptr) continue;  // lists are only written
      auto decoded = DecodeMessage(*message, envelope->raw);
      REQUIRE(decoded.ok());
      CHECK(json::Write(Comparable(*decoded)).size() > 1);
      CHECK(Comparable(*decoded) == Comparable(sample.object));
    }
  }
}

TEST_CASE("protobuf: what Go clients read is what Go servers write", "[protobuf]") {
  for (const Sample& sample : Samples()) {
    DYNAMIC_SECTION(sample.name) {
      auto encoded = EncodeObject(json::Write(sample.object));
      if (sample.object.StringAt({"kind"}) == "DeleteOptions") {
        CHECK_FALSE(encoded.has_value());
        continue;
      }
      REQUIRE(encoded.has_value());
      if (!sample.name.starts_with("filled")) continue;  // Go also writes what is unset
      CHECK(HexEncode(*encoded) == HexEncode(sample.bytes));
    }
  }
}

TEST_CASE("protobuf: input cut anywhere is refused or read, never overrun", "[protobuf]") {
  for (const Sample& sample : Samples()) {
    auto whole = OpenEnvelope(sample.bytes);
    REQUIRE(whole.ok());
    const Message* message = MessageOf(*whole);
    if (message == nullptr) continue;
    for (size_t length = 0; length < sample.bytes.size(); ++length) {
      const std::string cut = sample.bytes.substr(0, length);  // a buffer of its own, so that a sanitizer sees its end
      auto envelope = OpenEnvelope(cut);
      if (envelope.ok()) (void)DecodeMessage(*message, envelope->raw);
    }
    size_t refused = 0;
    for (size_t length = 0; length < whole->raw.size(); ++length) {
      const std::string cut(whole->raw.substr(0, length));
      if (!DecodeMessage(*message, cut).ok()) ++refused;
    }
    INFO(sample.name);
    CHECK(refused > 0);
  }
}

std::string Bytes(std::initializer_list<int> bytes) {
  std::string out;
  for (int b : bytes) out.push_back(static_cast<char>(b));
  return out;
}

TEST_CASE("protobuf: envelopes that are refused", "[protobuf]") {
  struct Case {
    const char* name;
    std::string body;
    const char* message;
  };
  const std::string magic("k8s\0", 4);
  const Case cases[] = {
      {"nothing", "", "empty data"},
      {"JSON", "{}", "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"},
      {"magic alone", magic, "empty body"},
      {"cut tag", magic + Bytes({0x80}), "unexpected EOF"},
      {"cut bytes", magic + Bytes({0x12, 0x05, 0x00}), "unexpected EOF"},
      {"length beyond 2^63", magic + Bytes({0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}),
       "unexpected EOF"},
      {"endless varint", magic + Bytes({0x28, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}),
       "proto: integer overflow"},
      {"field 0", magic + Bytes({0x02, 0x00}), "proto: illegal tag 0"},
      {"group", magic + Bytes({0x2b}), "proto: illegal wireType 3"},
      {"compressed", magic + Bytes({0x1a, 0x04, 'g', 'z', 'i', 'p'}), "protobuf content may not be encoded"},
      {"other content", magic + Bytes({0x22, 0x01, 'x'}), "protobuf content may not be of another content type"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      auto envelope = OpenEnvelope(c.body);
      REQUIRE_FALSE(envelope.ok());
      CHECK(ToStd(envelope.status().message()) == c.message);
    }
  }
}

constexpr Field kInnerFields[] = {{1, "t", Type::kTime, Shape::kSingle}, {2, "m", Type::kMicroTime, Shape::kSingle}};
constexpr Message kInner{"Inner", kInnerFields};
constexpr Field kOuterFields[] = {
    {1, "s", Type::kString, Shape::kOmitEmpty},
    {2, "p", Type::kString, Shape::kSingle},
    {3, "n", Type::kInt32, Shape::kSingle},
    {4, "m", Type::kString, Shape::kMap},
    {5, "inner", Type::kMessage, Shape::kSingle, &kInner},
    {6, "port", Type::kIntOrString, Shape::kSingle},
    {7, "raw", Type::kRawJson, Shape::kSingle},
    {8, "q", Type::kQuantity, Shape::kMap},
    {9, "b", Type::kBool, Shape::kRepeated},
};
constexpr Message kOuter{"Outer", kOuterFields};

TEST_CASE("protobuf: values, one by one", "[protobuf]") {
  struct Case {
    const char* name;
    std::string bytes;
    const char* json;  // null: refused
    const char* message = "";
  };
  const Case cases[] = {
      {"nothing", "", "{}"},
      {"empty and omitted", Bytes({0x0a, 0}), "{}"},
      {"empty and kept", Bytes({0x12, 0}), R"({"p":""})"},
      {"the last one counts", Bytes({0x0a, 1, 'a', 0x0a, 1, 'b'}), R"({"s":"b"})"},
      {"an empty last one counts, too", Bytes({0x0a, 1, 'a', 0x0a, 0}), "{}"},
      {"negative", Bytes({0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}), R"({"n":-1})"},
      {"beyond 32 bits", Bytes({0x18, 0x81, 0x80, 0x80, 0x80, 0x10}), R"({"n":1})"},
      {"not UTF-8", Bytes({0x12, 2, 'a', 0xff}), "{\"p\":\"a\xef\xbf\xbd\"}"},
      {"map, sorted, last of equal keys",
       Bytes({0x22, 6, 0x0a, 1, 'b', 0x12, 1, '1', 0x22, 3, 0x0a, 1, 'a', 0x22, 6, 0x0a, 1, 'b', 0x12, 1, '2'}),
       R"({"m":{"a":"","b":"2"}})"},
      {"map entry without anything", Bytes({0x22, 0, 0x42, 0}), R"({"m":{"":""},"q":{"":"0"}})"},
      {"message twice", Bytes({0x2a, 0, 0x2a, 0}), R"({"inner":{}})"},
      {"zero time", Bytes({0x2a, 2, 0x0a, 0}), R"({"inner":{}})"},
      {"epoch", Bytes({0x2a, 6, 0x0a, 4, 0x08, 0, 0x10, 0}), R"({"inner":{"t":"1970-01-01T00:00:00Z"}})"},
      {"micros", Bytes({0x2a, 8, 0x12, 6, 0x08, 1, 0x10, 0xd0, 0x0f, 0x18}), nullptr,
       "Outer.inner: Inner.m: unexpected EOF"},
      {"micros cut to six digits", Bytes({0x2a, 7, 0x12, 5, 0x08, 1, 0x10, 0xd1, 0x0f}),
       R"({"inner":{"m":"1970-01-01T00:00:01.000002Z"}})"},
      {"negative nanos", Bytes({0x2a, 13, 0x12, 11, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}),
       nullptr, "Outer.inner: Inner.m: time out of range"},
      {"year 10000", Bytes({0x2a, 9, 0x0a, 7, 0x08, 0x80, 0xa6, 0xd8, 0xb4, 0xaf, 0x7f}), nullptr,
       "Outer.inner: Inner.t: time out of range"},
      {"number or string: number", Bytes({0x32, 2, 0x10, 80}), R"({"port":80})"},
      {"number or string: string", Bytes({0x32, 6, 0x08, 1, 0x1a, 2, 'h', 'i'}), R"({"port":"hi"})"},
      {"JSON inside", Bytes({0x3a, 9, 0x0a, 7, '{', '"', 'a', '"', ':', '1', '}'}), R"({"raw":{"a":1}})"},
      {"broken JSON inside", Bytes({0x3a, 3, 0x0a, 1, '{'}), nullptr, "Outer.raw: unexpected end of JSON input"},
      {"unknown fields",
       Bytes({0xfa, 0x01, 1, 'x', 0xf8, 0x01, 5, 0xfd, 0x01, 0, 0, 0, 0, 0xf9, 0x01, 0, 0, 0, 0, 0, 0, 0, 0}), "{}"},
      {"wrong wire type", Bytes({0x08, 1}), nullptr, "Outer.s: proto: wrong wireType = 0 for field s"},
      {"map of wrong wire type", Bytes({0x20, 1}), nullptr, "proto: wrong wireType = 0 in Outer"},
      {"list", Bytes({0x48, 1, 0x48, 0}), R"({"b":[true,false]})"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      auto value = DecodeMessage(kOuter, c.bytes);
      if (c.json == nullptr) {
        REQUIRE_FALSE(value.ok());
        CHECK(ToStd(value.status().message()) == c.message);
        continue;
      }
      REQUIRE(value.ok());
      CHECK(json::Write(*value) == json::Write(*json::Parse(c.json)));
      std::string bytes;
      AppendMessage(kOuter, json::Write(*value), &bytes);
      auto again = DecodeMessage(kOuter, bytes);
      REQUIRE(again.ok());
      CHECK(*again == *value);
    }
  }
}

TEST_CASE("protobuf: what is of another type than the table says is not written", "[protobuf]") {
  std::string bytes;
  AppendMessage(kOuter, R"({"s":1,"n":"x","m":[],"inner":3,"port":{},"b":{},"unknown":1,"p":null})", &bytes);
  CHECK(bytes.empty());
}

TEST_CASE("protobuf: JSON text that is none is not followed", "[protobuf]") {
  const std::string whole = R"({"s":"a\u003cb\\\"","p":"x","n":-5,"m":{"k\n":"v"},"raw":[{"a":"]"}],"b":[true]})";
  std::string bytes;
  AppendMessage(kOuter, whole, &bytes);
  auto value = DecodeMessage(kOuter, bytes);
  REQUIRE(value.ok());
  CHECK(*value == *json::Parse(whole));
  for (size_t length = 0; length < whole.size(); ++length) {
    const std::string cut = whole.substr(0, length);  // a buffer of its own, so that a sanitizer sees its end
    std::string ignored;
    AppendMessage(kOuter, cut, &ignored);
    (void)EncodeObject(cut);
  }
}

TEST_CASE("protobuf: many members cost what they weigh", "[protobuf]") {
  std::string bytes;
  for (int i = 0; i < 200'000; ++i) {
    LengthDelimited entry(4, &bytes);
    AppendBytesField(1, Cat(i), &bytes);
  }
  auto value = DecodeMessage(kOuter, bytes);
  REQUIRE(value.ok());
  CHECK(value->Find("m")->object().size() == 200'000);
}

TEST_CASE("protobuf: a watch event is a frame of its own", "[protobuf]") {
  const std::string frame = WatchFrame("ADDED", "xyz");
  CHECK(frame == Bytes({0, 0, 0, 14, 0x0a, 5, 'A', 'D', 'D', 'E', 'D', 0x12, 5, 0x0a, 3, 'x', 'y', 'z'}));
}

// INVARIANTS of message.h.
void CheckMessage(const Message& message, std::set<const Message*> above) {
  INFO(message.name);
  REQUIRE(above.insert(&message).second);
  CHECK(message.fields.size() <= kFieldsMax);
  uint32_t last = 0;
  for (const Field& field : message.fields) {
    INFO(field.number);
    CHECK(field.number > last);
    last = field.number;
    CHECK((field.type == Type::kInline) == (std::string_view(field.name).empty()));
    CHECK((field.message != nullptr) == (field.type == Type::kMessage || field.type == Type::kInline));
    if (field.message == nullptr) continue;
    if (field.type == Type::kInline) {
      for (const Field& inlined : field.message->fields) CHECK(inlined.shape != Shape::kMap);
    }
    CheckMessage(*field.message, above);
  }
}

TEST_CASE("protobuf: tables are sorted and finite", "[protobuf]") {
  CheckMessage(DeleteOptionsMessage(), {});
  for (const Sample& sample : Samples()) {
    if (const Message* message = FindMessage(GvkOf(*OpenEnvelope(sample.bytes)))) CheckMessage(*message, {});
  }
}

TEST_CASE("a list of many pieces is one message", "[protobuf]") {
  ListEncoder encoder(*FindMessage({"", "v1", "ConfigMap"}));
  const std::string big(50'000, 'x');
  constexpr int kCount = 20;
  for (int i = 0; i < kCount; ++i) {
    encoder.Add(StrCat(R"({"metadata":{"name":"m)", i, R"("},"data":{"k":")", big, R"("}})"));
  }
  const std::vector<std::string> pieces = encoder.Finish("v1", "ConfigMapList", R"({"resourceVersion":"7"})");
  CHECK(pieces.size() > 5);
  const std::string body = StrJoin(pieces, "");
  const auto envelope = OpenEnvelope(body);
  REQUIRE(envelope.ok());
  CHECK(envelope->kind == "ConfigMapList");
  Reader reader(envelope->raw);
  int items = 0;
  while (!reader.done()) {
    Tag tag;
    std::string_view bytes;
    REQUIRE(reader.ReadTag(&tag).ok());
    REQUIRE(reader.ReadBytes(&bytes).ok());
    if (tag.number != 2) continue;
    const auto item = DecodeMessage(*FindMessage({"", "v1", "ConfigMap"}), bytes);
    REQUIRE(item.ok());
    CHECK(item->StringAt({"metadata", "name"}) == StrCat("m", items++));
    CHECK(item->StringAt({"data", "k"}) == big);
  }
  CHECK(items == kCount);
}

}  // namespace
}  // namespace atoll::api::protobuf
