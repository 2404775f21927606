import { WrongUsage } from "./stopped.ts";

const LOOPBACK_NAMES = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * The address of a server as a person types it, spelled as requests begin: `sluice.example.com/v1/` becomes
 * `https://sluice.example.com`. Without a scheme it is https, on this machine http. Throws WrongUsage.
 */
export function serverAddress(text: string): string {
  const typed = text.trim();
  const schemeless = !typed.includes("://");
  const url = URL.parse(schemeless ? `https://${typed}` : typed);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new WrongUsage(`"${text}" is not the address of a server. It looks like https://sluice.example.com.`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new WrongUsage("The address must not carry a user name or password. The API key is given by itself.");
  }
  if (schemeless && LOOPBACK_NAMES.test(url.hostname)) url.protocol = "http:";
  return url.origin + url.pathname.replace(/\/+$/, "").replace(/\/v1$/, "");
}

/** Would a key that is sent there cross a network in plain text? */
export function isExposed(address: string): boolean {
  const url = new URL(address);
  return url.protocol === "http:" && !LOOPBACK_NAMES.test(url.hostname);
}
