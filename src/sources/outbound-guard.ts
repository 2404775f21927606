/** Names that only mean something inside a network, or on the machine itself. */
const PRIVATE_SUFFIXES = [
  "localhost",
  "localdomain",
  "local",
  "internal",
  "intranet",
  "private",
  "corp",
  "home",
  "lan",
  "home.arpa",
  "svc",
  // A second name for Google's metadata server.
  "metadata.goog",
];

/** Public names that resolve to the address that stands in them, or to the machine itself. */
const ADDRESS_NAMES = [
  "nip.io",
  "sslip.io",
  "xip.io",
  "traefik.me",
  "localtest.me",
  "lvh.me",
  "vcap.me",
  "lacolhost.com",
];

/** IPv4 ranges that are not the public internet (IANA's special-purpose registry), as network and prefix length. */
const PRIVATE_IPV4: readonly (readonly [network: string, prefixBits: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  // A public address by its number, but inside Azure it is the host's own service, which hands out credentials.
  ["168.63.129.16", 32],
];

/**
 * Says why this address may not be called, or null if it may: `… is a private or local address; …`.
 *
 * A source's address comes from its user, and redirects come from the source; neither may reach what only the Worker
 * can reach. Names are judged by what they say: a Worker can't ask what they resolve to, and asking would not bind what
 * `fetch` resolves a moment later.
 */
export function refusalOf(url: URL, options: { readonly allowPrivate: boolean }): string | null {
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return `only http and https addresses can be called, not ${url.protocol}`;
  }
  if (url.username !== "" || url.password !== "") {
    return "an address must not carry a user name or password; give them as credentials";
  }
  if (!options.allowPrivate && isPrivateHost(url.hostname)) {
    return `${url.hostname} is a private or local address; set ALLOW_PRIVATE_UPSTREAMS to true to permit it`;
  }
  return null;
}

/** `hostname` as the URL parser writes it: lower case, IPv4 as four decimal numbers, IPv6 in brackets. */
function isPrivateHost(hostname: string): boolean {
  const name = hostname.replace(/\.+$/, "");
  if (name.startsWith("[")) return !isPublicIpv6(parseIpv6(name.slice(1, -1)));
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return isPrivateIpv4(ipv4Number(name));
  return (
    !name.includes(".") || [...PRIVATE_SUFFIXES, ...ADDRESS_NAMES].some((suffix) => `.${name}`.endsWith(`.${suffix}`))
  );
}

function isPrivateIpv4(address: number): boolean {
  return PRIVATE_IPV4.some(([network, prefixBits]) => {
    const size = 2 ** (32 - prefixBits);
    return Math.floor(address / size) === Math.floor(ipv4Number(network) / size);
  });
}

function ipv4Number(dotted: string): number {
  return dotted.split(".").reduce((number, octet) => number * 256 + Number(octet), 0);
}

/**
 * Only 2000::/3 is assigned to the public internet. Everything outside is local (`::1`, `fe80::`, `fc00::`, `ff00::`) or
 * wraps an IPv4 address (`::ffff:…`, `64:ff9b::…`). Inside it, these are not for hosts: 2001::/23 (protocols such as
 * Teredo), 2001:db8::/32 and 3fff::/20 (documentation), 2002::/16 (6to4, which wraps an IPv4 address).
 */
function isPublicIpv6([first = 0, second = 0]: readonly number[]): boolean {
  if (first < 0x2000 || first > 0x3fff || first === 0x2002) return false;
  if (first === 0x2001) return second > 0x1ff && second !== 0xdb8;
  return !(first === 0x3fff && second <= 0xfff);
}

/** The eight 16-bit groups of an address whose only abbreviation is `::`. */
function parseIpv6(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const before = groupsOf(head);
  if (tail === undefined) return before;
  const after = groupsOf(tail);
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

function groupsOf(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}
