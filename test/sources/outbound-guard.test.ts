import { expect, test } from "vitest";

import { refusalOf } from "#sources/outbound-guard";

const refuse = (url: string, allowPrivate = false) => refusalOf(new URL(url), { allowPrivate });

const PRIVATE = [
  "localhost",
  "LOCALHOST",
  "localhost.",
  "localhost..",
  "api.localhost",
  "printer.local",
  "metadata.google.internal",
  "db.internal.",
  "router.lan",
  "nas.home.arpa",
  "wiki.intranet",
  "intranet",
  "0.0.0.0",
  "0.1.2.3",
  "10.0.0.1",
  "100.64.0.1",
  "100.100.100.200",
  "100.127.255.255",
  "127.0.0.1",
  "127.1",
  "0x7f.1",
  "017700000001",
  "2130706433",
  "127.0.0.1.",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.192",
  "192.0.2.1",
  "192.168.1.1",
  "198.18.0.1",
  "198.19.255.255",
  "168.63.129.16",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
  "[::]",
  "[::1]",
  "[0:0:0:0:0:0:0:1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:8.8.8.8]",
  "[::ffff:a00:1]",
  "[::127.0.0.1]",
  "[64:ff9b::a00:1]",
  "[64:ff9b:1::1]",
  "[100::1]",
  "[fc00::1]",
  "[fd00:ec2::254]",
  "[fe80::1]",
  "[fec0::1]",
  "[ff02::1]",
  "[2001::1]",
  "[2001:1ff::1]",
  "[2001:db8::1]",
  "[2002:a00:1::]",
  "[3fff::1]",
  "[5f00::1]",
  // Odd notations of the same: octal, hexadecimal, one number, fewer parts, percent, full width, other dots.
  "0177.0.0.1",
  "0x7f000001",
  "0xa9fea9fe",
  "2852039166",
  "0251.0376.0251.0376",
  "169.16689662",
  "127.0x1",
  "%31%32%37.0.0.1",
  "127%2e0.0.1",
  "\uff11\uff12\uff17.0.0.1",
  "127\u30020\u30020\u30021",
  "\u2460\u2461\u2466.0.0.1",
  "\uff4cocalhost",
  "local\u00adhost",
  "[0:0:0:0:0:ffff:7f00:1]",
  "[::ffff:0:127.0.0.1]",
  "[64:ff9b::169.254.169.254]",
  "[0000:0000:0000:0000:0000:0000:0000:0001]",
  // Names that resolve to what stands in them, or to the machine itself.
  "127.0.0.1.nip.io",
  "app-7f000001.nip.io",
  "169-254-169-254.sslip.io",
  "localtest.me",
  "anything.lvh.me",
  "metadata.goog",
  "api.default.svc",
  "vault.corp",
];

const PUBLIC = [
  "example.com",
  "api.github.com.",
  "localhost.example.com",
  "notnip.io",
  "nip.io.example.com",
  "internal.example.com",
  "mylocalhost.com",
  "notlocal.localdomain.org",
  "8.8.8.8",
  "9.255.255.255",
  "11.0.0.1",
  "100.63.255.255",
  "100.128.0.1",
  "172.15.255.255",
  "172.32.0.1",
  "192.167.255.255",
  "198.17.255.255",
  "198.20.0.1",
  "223.255.255.255",
  "168.63.129.17",
  "[2606:4700::6810:84e5]",
  "[2001:4860:4860::8888]",
  "[2001:200::1]",
  "[2a00:1450:4001::1]",
  "[3fff:1000::1]",
];

test.each(PRIVATE)("refuses %s, and says which variable permits it", (host) => {
  expect(refuse(`https://${host}/`)).toContain("ALLOW_PRIVATE_UPSTREAMS");
  expect(refuse(`http://${host}:8080/`)).not.toBeNull();
});

test.each(PRIVATE)("permits %s where private addresses are allowed", (host) => {
  expect(refuse(`http://${host}/`, true)).toBeNull();
});

test.each(PUBLIC)("permits %s", (host) => {
  expect(refuse(`https://${host}/`)).toBeNull();
  expect(refuse(`http://${host}:8080/`)).toBeNull();
});

test.each(["ftp://example.com/", "file:///etc/passwd", "data:,x", "ws://example.com/", "javascript:1"])(
  "refuses %s whatever is allowed, since only http can be read",
  (url) => {
    expect(refuse(url)).toContain("only http and https");
    expect(refuse(url, true)).toContain("only http and https");
  },
);

test.each(["https://user:secret@example.com/", "https://user@example.com/", "https://:secret@example.com/"])(
  "refuses credentials in an address, since addresses are shown: %s",
  (url) => {
    const refusal = refuse(url, true);
    expect(refusal).toContain("credentials");
    expect(refusal).not.toContain("secret");
  },
);
