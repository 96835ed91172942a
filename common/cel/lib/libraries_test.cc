#include <catch2/catch.hpp>

#include "common/cel/authorizer.h"
#include "common/cel/testing_evaluate.h"

namespace atoll::cel {
namespace {

struct Case {
  const char* expression;
  const char* want;
};

void RunAll(testing::Bench& bench, std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    INFO(c.expression);
    CHECK(bench.Run(c.expression) == c.want);
  }
}

TEST_CASE("Strings", "[cel]") {
  testing::Bench bench;
  RunAll(bench, {
                    {"'h\xC3\xA4llo'.charAt(1)", "\xC3\xA4"},
                    {"'abc'.charAt(3)", ""},
                    {"'abc'.charAt(4)", "error: index out of range: 4"},
                    {"'h\xC3\xA4llo'.indexOf('l')", "2"},
                    {"'hello'.indexOf('l', 3)", "3"},
                    {"'hello'.lastIndexOf('l')", "3"},
                    {"'hello'.lastIndexOf('l', 2)", "2"},
                    {"'aXb'.lowerAscii() + 'aXb'.upperAscii()", "axbAXB"},
                    {"'aaa'.replace('a', 'b', 2) + 'ab'.replace('', '-')", "bba-a-b-"},
                    {"'a,b,c'.split(',') == ['a', 'b', 'c'] && 'a,b,c'.split(',', 2) == ['a', 'b,c']", "true"},
                    {"'abc'.split('')", "[a, b, c]"},
                    {"'hello'.substring(1, 3) + 'hello'.substring(3)", "ello"},
                    {"'hello'.substring(3, 1)", "error: invalid substring range. start: 3, end: 1"},
                    {"'  x \\t'.trim()", "x"},
                    {"['a', 'b'].join('-') + ['c'].join()", "a-bc"},
                    {"strings.quote('a\"\\n')", "\"a\\\"\\n\""},
                    {"'%s %d %.2f %x %b'.format(['a', 1, 1234.5, 255, true])", "a 1 1,234.50 ff 1"},
                    {"'%s'.format([[1, 'a', 2.5]])", "[1, \"a\", 2.500000]"},
                    {"'%d'.format(['a'])",
                     "ERROR: <input>:1:14: error during formatting: decimal clause can only be used on integers, was "
                     "given string\n | '%d'.format(['a'])\n | .............^"},
                });
}

TEST_CASE("Lists, sets and regular expressions", "[cel]") {
  testing::Bench bench;
  RunAll(bench,
         {
             {"[1, 2, 2].isSorted() && ![2, 1].isSorted()", "true"},
             {"[1, 2].sum() + [1, 3].max() + [4, 2].min()", "8"},
             {"[].max()", "error: max called on empty list"},
             {"[1, 2, 1].indexOf(1) + [1, 2, 1].lastIndexOf(1)", "2"},
             {"[1, 2, 3].slice(1, 3)", "[2, 3]"},
             {"[[1], [2, 3]].flatten()", "[1, 2, 3]"},
             {"[1, [2, [3]]].flatten(2)",
              "ERROR: <input>:1:5: expected type 'int' but found 'list(dyn)'\n | "
              "[1, [2, [3]]].flatten(2)\n | ....^\nERROR: <input>:1:9: expected type "
              "'int' but found 'list(int)'\n | [1, [2, [3]]].flatten(2)\n | ........^"},
             {"[3, 1, 2].sort()", "[1, 2, 3]"},
             {"['bb', 'a'].sortBy(x, x.size())", "[a, bb]"},
             {"[1, 2, 1].distinct() + lists.range(2) + [1, 2].reverse()", "[1, 2, 0, 1, 2, 1]"},
             {"sets.contains([1, 2], [1]) && sets.equivalent([1, 1], [1]) && !sets.intersects([1], [2])", "true"},
             {"'abc 123'.find('[0-9]+') + 'x'.find('y')", "123"},
             {"'1a2b3'.findAll('[0-9]', 2)", "[1, 2]"},
             {"'abc'.matches('^a.c$') && !'xabc'.matches('^a')", "true"},
         });
}

TEST_CASE("Kubernetes' own types", "[cel]") {
  testing::Bench bench;
  RunAll(bench, {
                    {"quantity('1.5G').isGreaterThan(quantity('1Gi'))", "true"},
                    {"quantity('500m').add(quantity('1')).sub(1) == quantity('0.5')", "true"},
                    {"quantity('1k').asInteger() + sign(quantity('-1'))", "999"},
                    {"quantity('1500m').asApproximateFloat()", "1.5"},
                    {"isQuantity('x')", "false"},
                    {"ip('192.168.0.1').family() + ip('::1').family()", "10"},
                    {"ip('::1').isLoopback() && ip('10.0.0.1').isGlobalUnicast() && !isIP('1.2.3')", "true"},
                    {"string(ip('2001:db8:0:0::1'))", "2001:db8::1"},
                    {"ip.isCanonical('::ffff')", "true"},
                    {"cidr('192.168.0.0/24').containsIP('192.168.0.7')", "true"},
                    {"cidr('192.168.1.5/16').masked() == cidr('192.168.0.0/16')", "true"},
                    {"cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && cidr('::/0').prefixLength() == 0", "true"},
                    {"url('https://a.b:80/c%20d?x=1&x=2').getHostname() + url('https://a.b:80/c').getPort()", "a.b80"},
                    {"url('https://a/b?x=1&x=2').getQuery()['x']", "[1, 2]"},
                    {"isURL('/path') && !isURL('../x')", "true"},
                    {"semver('1.2.3-a').isLessThan(semver('1.2.3')) && semver('v1.02', true).minor() == 2", "true"},
                    {"isSemver('01.2.3')", "false"},
                    {"!format.dns1123Label().validate('my-name').hasValue()", "true"},
                    {"format.named('uuid').value().validate('x').value()", "[does not match the UUID format]"},
                    {"type(ip('::1')) == net.IP", "true"},
                });
}

class Allowing : public Authorizer {
 public:
  AuthorizerDecision Check(const AuthorizerQuery& query) override {
    last = query;
    return {.allowed = query.verb == "get", .reason = "because", .error = {}};
  }
  AuthorizerQuery last;
};

TEST_CASE("Authorizer", "[cel]") {
  const auto environment = Environment::Make(
      {.variables = {{"authorizer", AuthorizerType()}, {"authorizer.requestResource", ResourceCheckType()}}});
  Allowing allowing;
  Evaluation evaluation;
  const Value slots[] = {
      AuthorizerValue(&allowing, evaluation.arena()),
      ResourceCheckValue(&allowing, {.group = "g", .resource = "r"}, evaluation.arena()),
  };
  const auto run = [&](std::string_view expression) {
    const Compiled compiled = environment->Compile(expression);
    INFO(compiled.error);
    REQUIRE(compiled.ok());
    return compiled.program->Evaluate(slots, {}, &evaluation);
  };
  CHECK(
      run("authorizer.group('apps').resource('deployments').namespace('n').name('x').check('get').allowed()").IsTrue());
  CHECK(allowing.last.group == "apps");
  CHECK(allowing.last.namespace_name == "n");
  CHECK(evaluation.cost() > 350'000);
  CHECK(run("authorizer.requestResource.check('list').allowed()").IsFalse());
  CHECK(allowing.last.resource == "r");
  CHECK(run("authorizer.path('/healthz').check('get').reason()").text() == "because");
  CHECK(run("authorizer.serviceAccount('ns', 'sa').path('/x').check('get').allowed()").IsTrue());
  CHECK(allowing.last.service_account == "sa");
}

}  // namespace
}  // namespace atoll::cel
