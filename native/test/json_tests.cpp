// JSON against RFC 8259 (reading) and RFC 8785 (writing, with the number vectors of its appendix B).
#include <bit>
#include <cmath>

#include "expect.h"
#include "../state/json_reader.h"

namespace {

using namespace ledger;

void number_tests() {
  struct Vector {
    uint64_t bits;
    const char *text;
  };
  const Vector vectors[] = {
      {0x0000000000000000, "0"}, {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"}, {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"}, {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"}, {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"}, {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"}, {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"}, {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"}, {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"}, {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"}, {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"}, {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"}, {0x43143ff3c1cb0959, "1424953923781206.2"}};
  for (const Vector &vector : vectors) {
    expect::equal(ecmascript_number(std::bit_cast<double>(vector.bits)), vector.text, "number");
  }
  expect::equal(ecmascript_number(0.0020000000949949026), "0.0020000000949949026", "a binary32 rate");
  expect::equal(ecmascript_number(9.99999993922529e-9), "9.99999993922529e-9", "a binary32 epsilon");
  expect::equal(ecmascript_number(-123.5), "-123.5", "negative");
  expect::refused([] { ecmascript_number(NAN); }, "NaN", "NaN");
  expect::refused([] { Json(INFINITY).canonical(); }, "infinity", "infinity");
  expect::refused([] { Json(int64_t(9007199254740993)); }, "exactly", "an integer beyond 2^53");
}

void writer_tests() {
  // Sections 3.2.2 and 3.2.3 of RFC 8785.
  const char *source = R"({
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  })";
  const std::string wanted =
      "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
      "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
  expect::equal(Json::parse(source).canonical(), wanted, "the example of RFC 8785");
  const char *keys = R"({"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7})";
  expect::equal(Json::parse(keys).canonical(),
                "{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"\xc3\xb6\":7,\"\xe2\x82\xac\":1,\"\xf0\x9f\x98\x80\":5,\"\xef\xac\xb3\":3}",
                "keys sort by UTF-16 code units");
  expect::equal(Json::object().set("b", 1).set("a", "x").set("b", true).canonical(), R"({"a":"x","b":true})", "set");
  expect::equal(Json::parse("{\"aa\":1,\"a\":2}").canonical(), R"({"a":2,"aa":1})", "a prefix comes first");
}

void parser_tests() {
  const char *accepted[] = {"0", "-0", "1e5", "1E+5", "0.5e-3", " [ ] ", "{\"\":{}}", "\"\\ud83d\\ude00\"", "\t\r\n null"};
  for (const char *text : accepted) {
    bool ok = true;
    try {
      Json::parse(text);
    } catch (const Invalid &) {
      ok = false;
    }
    expect::yes(ok, std::string("accepts ") + text);
  }
  const char *refused[] = {"", " ", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x10", "NaN", "Infinity", "-Infinity", "1e999", "1e-999",
                           "tru", "nulll", "[1,]", "[1 2]", "[", "]", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
                           "{'a':1}", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"",
                           "\"\t\"", "1 2", "[1]]", "// comment\n1", ("\xef\xbb\xbf" "1"), "\"\xff\"", "\"\xc0\x80\"",
                           "\"\xed\xa0\x80\"", "\"\xe2\x82\"", "\"\xf4\x90\x80\x80\"", "\"\\"};
  for (const char *text : refused) expect::refused([=] { Json::parse(text); }, "at byte", std::string("refuses ") + text);
  expect::refused([] { Json::parse(R"({"a":1,"\u0061":2})"); }, "the key \"a\" appears twice", "the same key twice");
  expect::refused([] { Json::parse(std::string(100000, '[')); }, "nested deeper", "bottomless nesting");
  expect::yes(Json::parse(std::string(60, '[') + std::string(60, ']')).items().size() == 1, "nesting of 60");
}

void reader_tests() {
  const Json json = Json::parse(R"({"n":3,"half":0.5,"tenth":0.1,"s":"7","list":[1,"x"],"none":null,"deep":{"a":1}})");
  const JsonReader plan(json, "plan");
  expect::yes(plan.field("n").integer(1, 3) == 3 && plan.field("half").binary32(0, 1) == 0.5f, "numbers");
  expect::yes(plan.field("s").uint64_text() == 7 && !plan.optional("none") && !plan.optional("absent"), "others");
  expect::refused([&] { plan.field("n").integer(4, 9); }, "plan.n must be an integer from 4 to 9, not 3", "range");
  expect::refused([&] { plan.field("half").integer(0, 9); }, "plan.half must be an integer", "fraction");
  expect::refused([&] { plan.field("tenth").binary32(0, 1); }, "nearest: 0.10000000149011612", "not binary32");
  expect::refused([&] { plan.field("list").items()[1].boolean(); }, "plan.list[1] must be true or false, not \"x\"", "item");
  expect::refused([&] { plan.field("gone"); }, "plan.gone is missing", "missing field");
  expect::refused([&] { plan.field("deep").refuse_others({"b", "c"}); }, "plan.deep.a is not a known field; allowed are b, c", "other members");
  expect::refused([&] { plan.field("s").choice({"x", "y"}); }, "one of \"x\", \"y\", not \"7\"", "choice");
  const Json texts = Json::parse(R"(["-1","007","18446744073709551616","1 ",""])");
  for (const auto &item : JsonReader(texts, "seed").items()) {
    expect::refused([&] { item.uint64_text(); }, "unsigned 64-bit", "seed " + item.string());
  }
}

}  // namespace

int main() {
  number_tests();
  writer_tests();
  parser_tests();
  reader_tests();
  return expect::finish();
}
