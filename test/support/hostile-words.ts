/** What hostile requests are made of, as it goes over the wire (latin1). */

const words = (text: string): readonly string[] => text.trim().split(/ +|\n/);
const lines = (text: string): readonly string[] => text.split('\n').slice(1, -1);

export const ID_ATOMS = words(`
41 a Z9 _ - . .. ~ @ : 0 -1 1e309 null NaN %2e %2e%2e %2F %2f..%2f %5c ..%5c.. %00 %0d%0aX-Evil:%201 %09 %20
% %z %zz %4 %c3%28 %ff %ED%A0%80 %C0%AF %u0041 %25 %2541 %252e
%F0%9F%98%80 %E2%80%AE %EF%BB%BF %CC%81 %EF%BC%94 %C2%A0 %D9%A4 \xff \xc3\xa9 \x7f
' " * + , ; = & ! $ ( ) | ^ \` [ ] { } \\ <script> \${7*7} {{7*7}} '%20OR%20'1'='1 %3Finclude=user %23
http:%2F%2Fevil __proto__ constructor toString hasOwnProperty`);

export const QUERY_NAMES = [
  '',
  ...words(`include require explain include[] include[0] INCLUDE inc%6cude %zz
__proto__ __proto__[x] __proto__.x constructor constructor[prototype][x] toString`),
];

export const QUERY_VALUES = [
  '',
  'x'.repeat(1_000),
  ...words(`user orders user,orders orders,orders %75ser user%2Corders user+ User nobody , user, true false yes
__proto__ constructor %zz %00 %c3%28 %F0%9F%98%80 [object%20Object] {"$gt":""} ../.. &&& = \xff`),
];

export const HEADER_LINES = [
  `X-Request-Id: ${'x'.repeat(129)}`,
  `Accept-Language: ${'x-y,'.repeat(900)}`,
  `Tracestate: ${'a=b,'.repeat(200)}`,
  'X: a\rb',
  ...lines(`
X-Request-Timeout-Ms: 1500
X-Request-Timeout-Ms: 1e3
X-Request-Timeout-Ms: -1
X-Request-Timeout-Ms: 99999999999999999999999
X-Request-Timeout-Ms:
X-Request-Timeout-Ms: NaN
X-Request-Id: abc
X-Request-Id: \xe9
X-Request-Id: a b
Accept: text/event-stream
Accept: */*;q=9
Accept: text/event-stream;q=0.1, application/json;q="1
Accept: text/event-stream;q=1e309
Accept: ${'"\\\\'.repeat(900)}
Accept: ,;=
Accept:
Accept-Version: 1.x
Accept-Language: \xff\xfe
Accept-Language: de
Traceparent: 00-0-0-0
Traceparent: x
Baggage: a=b
Authorization: Bearer ../..
Authorization: Basic
Authorization: \xff
Cookie: __proto__=1
Connection: keep-alive, close
Connection: x-request-id
Connection: upgrade
Upgrade: h2c
HTTP2-Settings: AAMAAABk
TE: trailers
Trailer: Host
Expect: 100-continue
Expect: magic
Host: y
Host:
Host: a b
Host : x
Content-Length: 0
Content-Length: 00
Content-Length: x
Transfer-Encoding: identity
Transfer-Encoding: \x0bchunked
Transfer-Encoding: chunked, x
Content-Type: \xff
Content-Type: application/json; charset=x
Content-Encoding: gzip
X-Forwarded-For: 127.0.0.1
X-Forwarded-Host: evil
X-HTTP-Method-Override: PUT
Forwarded: for=evil
Range: bytes=0-
If-None-Match: *
If-Match: "x"
Origin: null
Max-Forwards: 0
__proto__: x
constructor: x
toString: x
: x
X
X\x00: y
X: \x00
 X: y
`),
];

const HOST = 'Host: x\r\n';

export const GOOD_REQUESTS = [
  `GET /dashboard/41 HTTP/1.1\r\n${HOST}\r\n`,
  `GET /dashboard/41?include=user,orders&require=user HTTP/1.1\r\n${HOST}Accept: */*\r\n\r\n`,
  `HEAD /dashboard/41 HTTP/1.1\r\n${HOST}\r\n`,
  `OPTIONS /dashboard/41 HTTP/1.1\r\n${HOST}\r\n`,
  'GET http://x/dashboard/41 HTTP/1.0\r\n\r\n',
  `GET /health/ready HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
  `GET /nope?x=y HTTP/1.1\r\n${HOST}User-Agent: x\r\n\r\n`,
  `POST /dashboard/41 HTTP/1.1\r\n${HOST}Content-Length: 7\r\n\r\n{"a":1}`,
  `GET /dashboard/41 HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n4;x=y\r\nabcd\r\n0\r\nX: y\r\n\r\n`,
  `POST /nope HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}`,
];

export const NASTY_PIECES = [
  ...['\r\n', '\r\n\r\n', '\r', '\n', ' ', '\t', '0\r\n\r\n', 'ffffffff\r\n', ' HTTP/1.1\r\n'],
  ...['Host: y\r\n', 'Content-Length: 5\r\n', 'Content-Length: 0\r\n', 'Connection: close\r\n'],
  ...['Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: gzip, chunked\r\n'],
  ...[
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'CONNECT x:1 HTTP/1.1\r\n\r\n',
    '\x16\x03\x01\x00\xa5\x01',
  ],
  ...['x'.repeat(17_000), 'X: y\r\n'.repeat(150)],
  ...words('\0 : % / ? # * \x7f \xff , ; -1 HTTP/0.9 HTTP/2.0'),
];

export const METHODS = ['TRACE', 'QUERY', 'FETCH', 'get', 'CONNECT', 'PRI', ''];
