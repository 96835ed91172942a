package judge

import "testing"

// Expressions of every library, of every kind of error, and of what costs by size.
var celTable = []string{
	`1 + 2`, `x + 1`, `x / 0`, `x % 0`, `l[0] + l[1]`, `l[7]`, `m.a`, `m['a']`, `m.z`, `m[s]`, `has(m.a)`, `has(m.z)`,
	`has(m.a) && m.a == 1`, `s + s`, `s == 'hello'`, `s != 'hello'`, `s < 'z'`, `size(s)`, `s.size()`, `l == l`,
	`l + l`, `l + [1, 2]`, `x in l`, `x in [1, 2, 3]`, `s in ['a', 'hello']`, `s in m`, `1 in []`, `[x, 1]`, `{'a': x}`,
	`{'a': 1}.a`, `{'a': 1}['b']`, `[1, 2][x]`, `l[x - 6]`, `l[size(l) - 1]`, `m[l[0] > 0 ? 'a' : 'b']`,
	`x > 1 ? x : l[0]`, `x > 1 ? l[0] : x`, `(x > 1 ? m : {'a': 1}).a`, `x > 1 ? m.a : 3`, `d`, `d.a.b`, `d.a.c`,
	`has(d.a.b)`, `has(d.a.c)`, `has(d.x.y)`, `d.l[1]`, `d.l.size()`, `d.a == {'b': 1}`, `d.n == null`, `d.t + 1`,
	`l.all(i, i > 0)`, `l.all(i, i < 2)`, `l.exists(i, i == 2)`, `l.exists(i, i == 9)`, `l.exists_one(i, i == 2)`,
	`l.existsOne(i, i == 2)`, `l.map(i, i * 2)`, `l.map(i, i > 1, i * 2)`, `l.filter(i, i > 1)`, `[].all(i, i > 0)`,
	`m.all(k, m[k] > 0)`, `m.map(k, k).size()`, `l.map(i, l.filter(j, j > i))`, `l.all(i, 1 / (i - 1) > 0)`,
	`l.exists(i, 1 / (i - 1) > 0)`, `l.map(i, 1 / (i - 1))`, `l.map(i, 'x')`, `l.map(i, [i])`, `l.map(i, {'k': i})`,
	`l.transformList(i, v, i + v)`, `l.transformList(i, v, v > 1, i + v)`, `l.transformMap(i, v, v)`,
	`m.transformMap(k, v, v + 1)`, `m.transformMap(k, v, v > 1, v)`, `m.transformMapEntry(k, v, {v: k})`,
	`l.all(i, v, v > i)`, `l.exists(i, v, v == i)`, `m.existsOne(k, v, v == 1)`, `l.transformMapEntry(i, v, {'same': v})`,
	`optional.of(x)`, `optional.none()`, `optional.ofNonZeroValue(0)`, `optional.of(x).value()`, `optional.none().value()`,
	`m.?a`, `m.?z`, `m.?z.orValue(5)`, `m.?a.orValue(5)`, `m.?z.or(m.?a)`, `m[?'a']`, `l[?9]`, `l[?0].value()`,
	`d.?a.?b`, `d.?a.b`, `d.?x.b`, `d.?x.b.c`, `m.?a.optMap(v, v + 1)`, `m.?z.optMap(v, v + 1)`, `m.?a.optFlatMap(v, m.?b)`,
	`m.?a.optMap(v, 1)`, `m.?a.optMap(v, v > 5 ? v : 0)`, `[?m.?a, ?m.?z]`, `{?'a': m.?a, ?'z': m.?z}`,
	`has(d.?a.b)`, `m.?a.hasValue()`, `l.first()`, `l.last().value()`, `[].first()`, `optional.unwrap([m.?a, m.?z])`,
	`[m.?a, m.?z].unwrapOpt()`,
	`int('7')`, `int(s)`, `int(1.9)`, `int(x)`, `uint(x)`, `uint(-1)`, `double(x)`, `double('1.5')`, `double(s)`,
	`string(x)`, `string(1.5)`, `string(1e100)`, `string(1234567.0)`, `string(123456.0)`, `string(0.00001)`, `string(true)`, `string(b'abc')`, `string(b'\xff')`, `bytes(s)`,
	`bool('true')`, `bool(s)`, `dyn(x)`, `dyn(s) == 1`, `type(x)`, `type(l)`, `type(m)`, `type(d)`, `type(int)`, `type(null)`,
	`duration('1h')`, `duration('x')`, `duration(s)`, `timestamp('2024-02-29T12:00:00Z')`, `timestamp('x')`,
	`timestamp('2024-02-29T12:00:00.123456789+01:30')`, `timestamp(0)`, `timestamp(s)`,
	`timestamp('2024-02-29T12:00:00Z').getFullYear()`, `timestamp('2024-02-29T12:00:00Z').getDayOfYear()`,
	`timestamp('2024-02-29T23:30:00Z').getDayOfWeek('Europe/Berlin')`, `timestamp('2024-02-29T12:00:00Z').getHours('-03:30')`,
	`timestamp('2024-02-29T12:00:00Z').getHours('Nowhere/City')`, `timestamp('2024-02-29T12:00:00Z').getMonth()`,
	`timestamp('2024-02-29T12:00:00Z') - timestamp('2024-02-28T12:00:00Z')`, `timestamp('2024-02-29T12:00:00Z') + duration('36h')`,
	`duration('90m').getHours()`, `duration('90m').getMinutes()`, `duration('1500ms').getMilliseconds()`,
	`string(duration('1h1s'))`, `string(timestamp('2024-02-29T12:00:00.5Z'))`, `duration('1s') < duration('1m')`,
	`s.contains('ell')`, `s.startsWith('he')`, `s.endsWith(s)`, `s.matches('^h.*o$')`, `matches(s, 'x')`, `s.matches(s)`,
	`s.matches('(')`, `s.matches(s + '(')`, `s.find('l+')`, `s.findAll('l')`, `s.findAll('l', 1)`, `s.findAll('x*')`, `s.find('(')`,
	`s.charAt(1)`, `s.charAt(9)`, `s.indexOf('l')`, `s.indexOf('l', 3)`, `s.indexOf('')`, `s.lastIndexOf('l')`, `s.lastIndexOf('l', 2)`, `s.lastIndexOf('')`,
	`s.lowerAscii()`, `s.upperAscii()`, `s.replace('l', 'L')`, `s.replace('l', 'L', 1)`, `s.replace('', '-')`, `s.split('l')`, `s.split('')`, `s.split('l', 1)`, `s.split('l', 0)`,
	`s.substring(1)`, `s.substring(1, 3)`, `s.substring(3, 1)`, `s.substring(9)`, `'  x '.trim()`, `['a', s].join('-')`, `['a', s].join()`, `strings.quote(s)`,
	`strings.quote('a\n"')`, `'%s %d'.format([s, x])`, `'%.2f'.format([1234.5678])`, `'%e'.format([1052.0329])`, `'%f'.format([0.5])`, `'%x %X %o %b'.format([255, 255, 8, 5])`,
	`'%x'.format([s])`, `'%s'.format([l])`, `'%s'.format([m])`, `'%s'.format([1.5])`, `'%s'.format([duration('1h')])`, `'%s'.format([[1.5, duration('1h')]])`, `'%d'.format([s])`, `'%d'.format([])`,
	`'%'.format([1])`, `'%z'.format([1])`, `'x'.format([1])`, `s.format([1])`, `'%s'.format([optional.of(1)])`,
	`l.isSorted()`, `l.sum()`, `l.max()`, `l.min()`, `[].sum()`, `[].max()`, `l.indexOf(2)`, `l.lastIndexOf(2)`, `['b', 'a'].isSorted()`, `['b', s].max()`,
	`l.slice(0, 2)`, `l.slice(2, 1)`, `l.slice(0, 9)`, `[[1], [2]].flatten()`, `[l, l].flatten()`, `dyn(l).flatten(1)`, `l.sort()`, `[3, 1, 2].sort()`, `['b', 'a'].sort()`, `l.sortBy(i, -i)`,
	`l.distinct()`, `[1, 1, 2].distinct()`, `lists.range(3)`, `lists.range(x)`, `lists.range(-1)`, `l.reverse()`, `l.first() == 1`,
	`sets.contains(l, [1])`, `sets.equivalent(l, l)`, `sets.intersects(l, [9])`,
	`url('https://user@example.com:80/path%20x?k=v&k=w#f')`, `url('https://example.com:80/p').getHost()`, `url('https://example.com:80/p').getPort()`, `url('https://[::1]:80/').getHostname()`,
	`url('https://example.com/a%20b').getEscapedPath()`, `url('https://example.com/a b').getEscapedPath()`, `url('https://example.com/?k=v&k=w').getQuery()`, `url('HTTPS://x/').getScheme()`,
	`url('x')`, `url('')`, `url('http://a:b/')`, `url(s)`, `isURL('/x')`, `isURL('../x')`, `isURL('http://%zz/')`,
	`quantity('1Gi')`, `quantity('x')`, `isQuantity('1.5M')`, `isQuantity('1.5Mi')`, `quantity('1k').asInteger()`, `quantity('1500m').asInteger()`, `quantity('1500m').isInteger()`, `quantity('1.5Gi').asApproximateFloat()`,
	`sign(quantity('-5'))`, `quantity('1').add(quantity('500m')) == quantity('1.5')`, `quantity('1').sub(2).asInteger()`, `quantity('1Gi').compareTo(quantity('1G'))`, `quantity('1') == quantity('1000m')`,
	`ip('1.2.3.4')`, `ip('::1').family()`, `ip('1.2.3')`, `ip('x')`, `ip('1.2.3.256')`, `ip('01.2.3.4')`, `ip('fe80::1%eth0')`, `ip('::ffff:1.2.3.4')`, `isIP('1.2.3.4')`, `ip.isCanonical('2001:DB8::1')`, `string(ip('2001:db8:0:1:0:0:0:1'))`,
	`ip('127.0.0.1').isLoopback()`, `ip('224.0.0.1').isLinkLocalMulticast()`, `ip('169.254.1.1').isLinkLocalUnicast()`, `ip('255.255.255.255').isGlobalUnicast()`, `ip('0.0.0.0').isUnspecified()`, `ip('1.2.3.4') == ip('1.2.3.4')`,
	`ip('1:2:3:4:5:6:7')`, `ip('1::2::3')`, `ip('12345::')`, `ip('1.2.3.4.5')`,
	`cidr('10.0.0.0/8')`, `cidr('10.0.0.0')`, `cidr('10.0.0.0/33')`, `cidr('10.0.0.0/08')`, `cidr('10.0.0.0/8').containsIP('10.1.2.3')`, `cidr('10.0.0.0/8').containsIP(ip('11.1.2.3'))`, `cidr('10.0.0.0/8').containsIP('x')`,
	`cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')`, `cidr('10.0.0.0/8').containsCIDR(cidr('0.0.0.0/0'))`, `cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')`, `string(cidr('10.1.2.3/8').ip())`, `cidr('::/0').prefixLength()`, `isCIDR('x')`, `string(cidr('10.1.2.3/8'))`,
	`semver('1.2.3')`, `semver('1.2')`, `semver('01.2.3')`, `semver('1.2.x')`, `semver('')`, `semver('1.2.3-01')`, `semver('1.2.3-')`, `semver('1.2.3+')`, `semver('v1.2', true).minor()`, `semver('1.2.3-a.1').isLessThan(semver('1.2.3-a.b'))`, `semver('1.2.3').compareTo(semver('1.2.3+b'))`,
	`semver('1.2.3') == semver('1.2.3+b')`, `semver('1.2.3').major() + semver('1.2.3').patch()`, `isSemver('1.2.3')`, `isSemver('v1', true)`,
	`format.dns1123Label().validate('Abc')`, `format.dns1123Label().validate('abc')`, `format.named('uuid')`, `format.named('x')`, `format.uuid().validate('123e4567-e89b-12d3-a456-426614174000')`, `format.date().validate('2024-13-01')`, `format.datetime().validate('2024-01-01T00:00:00Z')`, `format.byte().validate('aGk=')`, `format.byte().validate('aGk')`, `format.uri().validate('x')`, `format.qualifiedName().validate('a/b/c')`, `format.labelValue().validate('-')`, `format.dns1123Subdomain().validate(s)`,
	// What does not compile.
	`y`, `y.z`, `x.y`, `x()`, `foo(x)`, `x.foo()`, `1 + 'a'`, `x + s`, `!x`, `-s`, `x && true`, `x ? 1 : 2`, `true ? 1 : 's'`, `l.all(x, x)`, `x.all(i, true)`, `l.map(1, 2)`, `l.all(1, true)`, `has(x)`, `has(l[0])`, `[1, 's']`, `{'a': 1, 'b': 's'}`, `[1, 2.0]`, `[x, dyn(1)]`,
	`1 +`, `(`, `)`, `1 2`, `a b`, `'abc`, `"\q"`, `@`, `1 @ 2`, `x.`, `x.(`, `l[`, `l[0`, `{`, `{1`, `{1:`, `{'a' 1}`, `[1,,2]`, `f(,)`, `if`, `x.if`, `true.x`, `1.x`, `9223372036854775808`, `-9223372036854775808`, `18446744073709551616u`, `1e999`, `0x`, `0xZ`, `in`, `x in`, `? : `, `x ? 1`, `x ? 1 :`, `a && `, `|| b`, `a | b`, `a & b`, `a = b`, ``, ` `, `// x`, "x\n+\ny", "x +\n  z", `'a' + 1 + z`, `Foo{}`, `Foo{a: 1}`, `int{}`, `x{}`,
	`1 == 's'`, `l == m`, `x == null`, `s == null`, `l.map(i, i).map(j, j + 's')`, `optional.of(1) == 1`, `m.?a + 1`, `type(x) == string`, `int`, `string == type('a')`, `x.startsWith('a')`, `s.startsWith(1)`, `s.startsWith()`, `startsWith(s, 'a')`, `size(1)`, `duration(1)`, `timestamp('a', 'b')`, `l['a']`, `m[1]`, `l.x`, `optional.x()`, `l.map(i, i, i, i)`, `sets.contains(l, s)`, `quantity(1)`, `ip(1)`, `l.sortBy(i, [i])`, `dyn(1).foo`, `dyn(1)[0]`, `dyn('a')[0]`, `dyn([1])['a']`, `dyn({'a': 1})[1]`, `has(dyn(1).foo)`,
	`x == 7 || 1 / 0 > 0`, `1 / 0 > 0 || x == 7`, `1 / 0 > 0 && x == 8`, `dyn(x) && true`, `dyn(true) && dyn(1)`, `dyn(s) || true`, `!dyn(x)`, `dyn(x) ? 1 : 2`, `dyn(1) + dyn('a')`, `dyn(1) < dyn('a')`, `dyn(1) < dyn(1.5)`, `-dyn('a')`, `dyn(x).size()`, `dyn(s).size()`, `dyn(l).size()`, `dyn(s).startsWith('h')`, `dyn(x).startsWith('h')`, `dyn(l).all(i, i > 0)`, `dyn(x).all(i, i > 0)`, `dyn(x) in dyn(l)`, `dyn(x) in dyn(s)`, `dyn(l).sum()`, `dyn(s) + dyn(s)`, `dyn(s) == s`, `dyn(l)[0]`,
	`dyn(x).charAt(0)`, `dyn(x).getHours()`, `dyn(x).lowerAscii()`, `int(dyn(l))`, `dyn(null) + 1`, `dyn(true) + 1`, `dyn(m) + m`, `dyn(x).matches('a')`, `dyn(s).matches(dyn(x))`, `string(dyn(l))`, `bytes(dyn(s))`, `duration(dyn(x))`, `dyn(x).value()`, `dyn(s).substring(dyn(s))`, `dyn(s).indexOf('l')`, `dyn(l).indexOf(2)`, `dyn(x).indexOf(2)`, `dyn(l).join()`, `dyn(s).join()`, `dyn(x).isSorted()`, `ip(dyn(x))`, `dyn(s).family()`, `dyn(l).sort()`, `dyn(x).sort()`, `dyn(l).slice(0, 1)`, `[,]`, `{,}`, `[1,]`, `{1: 2,}`, `[1, 2`, `f(1`, `f(1 2)`, `[1 2]`, `(1 2`, `(1]`, `l[0)`, `x..y`, `'a\nb`, `"a
b"`, `'''a`, `b'\u1234'`, `'\ud800'`, `"\U00110000"`, `1.`, `.5`, `1e`, `a.b.c.d`, `x.?y.?z`, `l.map(i, l.map(j, i + j)).flatten()`, `l.map(i, string(i)).join(',')`, `m.map(k, m[k]).sum()`, `[[1], l][0][1 - 1]`, `l.filter(i, i in m.map(k, m[k]))`,
}

func TestCelTable(t *testing.T) {
	j := start(t)
	variables := []variable{
		{Name: "x", Type: "int", Value: 7},
		{Name: "s", Type: "string", Value: "hello"},
		{Name: "l", Type: "list(int)", Value: []any{1, 2, 3}},
		{Name: "m", Type: "map(string,int)", Value: object{"a": 1, "b": 2}},
		{Name: "d", Type: "dyn", Value: object{"a": object{"b": 1}, "l": []any{1, 2}, "n": nil, "t": "x"}},
	}
	for _, expression := range celTable {
		if wrong := compareCel(t, j, expression, variables); wrong != "" {
			t.Errorf("%s: %s", expression, wrong)
		}
	}
}
