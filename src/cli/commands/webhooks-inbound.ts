import { text as textOf } from "node:stream/consumers";

import { Command, Option } from "@commander-js/extra-typings";

import type { Inbound } from "#cli/api-answers";
import { askSecret } from "#cli/ask";
import { connectionNamed } from "#cli/connection-named";
import type { Session } from "#cli/session";
import { WrongUsage } from "#cli/stopped";
import { oneLine } from "#cli/terminal-text";
import { readTextFile } from "#cli/text-file";
import { wholeNumber } from "./number-option.ts";

/** As the API names them. */
const SCHEMES = [
  "standard-webhooks",
  "github",
  "stripe",
  "slack",
  "shopify",
  "linear",
  "gitlab",
  "hmac",
  "none",
] as const;
const HOUR_SECONDS = 3_600;
const WEEK_SECONDS = 604_800;

interface VerificationOptions {
  readonly scheme?: (typeof SCHEMES)[number] | undefined;
  readonly secretFile?: string | undefined;
  readonly header?: string | undefined;
  readonly encoding?: string | undefined;
  readonly prefix?: string | undefined;
  readonly algorithm?: string | undefined;
}

/** `sluice webhooks inbound` */
export function webhooksInboundCommand(session: Session) {
  const show = async (hook: Inbound) => session.out.result(hook, describe(hook));
  const get = new Command("get")
    .summary("show a connection's inbound address and its last deliveries (the default)")
    .argument("<connection>", "its name or id")
    .action(async (reference) => {
      const client = session.client();
      await show(await client.inbound.ask(await connectionNamed(client, reference), "GET"));
    });
  const create = settings(new Command("create").summary("make an inbound address: deliveries start a sync"))
    .argument("<connection>", "its name or id")
    .action(async (reference, options) => {
      const client = session.client();
      const id = await connectionNamed(client, reference);
      if (options.scheme === undefined)
        throw new WrongUsage(`How are deliveries proved? --scheme ${SCHEMES.join("|")}`);
      await show(await client.inbound.ask(id, "POST", await bodyOf(session, options)));
    });
  const update = settings(new Command("update").summary("change it; the address stays"))
    .argument("<connection>", "its name or id")
    .action(async (reference, options) => {
      const client = session.client();
      const id = await connectionNamed(client, reference);
      const body = await bodyOf(session, options);
      if (Object.keys(body).length === 0) throw new WrongUsage("Say what to change, such as --debounce 30.");
      await show(await client.inbound.ask(id, "PATCH", body));
    });
  const rotate = new Command("rotate")
    .summary("make a new address")
    .argument("<connection>", "its name or id")
    .option("--overlap <seconds>", "how long the old one still works", wholeNumber(0, WEEK_SECONDS))
    .action(async (reference, { overlap }) => {
      const client = session.client();
      await show(await client.inbound.rotate(await connectionNamed(client, reference), overlap));
    });
  const remove = new Command("delete")
    .summary("take the address away")
    .argument("<connection>", "its name or id")
    .action(async (reference) => {
      const client = session.client();
      const hook = await client.inbound.ask(await connectionNamed(client, reference), "DELETE");
      await session.out.result(hook, "The address is gone.");
    });
  return new Command("inbound")
    .summary("a connection's own address, where deliveries start a sync")
    .addCommand(get, { isDefault: true })
    .addCommand(create)
    .addCommand(update)
    .addCommand(rotate)
    .addCommand(remove);
}

function settings(command: Command) {
  return command
    .addOption(new Option("--scheme <scheme>", "how deliveries are proved").choices(SCHEMES))
    .option("--secret-file <file>", "what the sender signs with, a secret a line; - for the standard input")
    .option("--header <name>", "for hmac: the header with the signature")
    .addOption(new Option("--encoding <encoding>", "for hmac").choices(["hex", "base64"]))
    .option("--prefix <text>", "for hmac: what stands before the signature")
    .addOption(new Option("--algorithm <name>", "for hmac").choices(["sha1", "sha256", "sha512"]))
    .option("--condition <jmespath>", "a delivery of whose body this is not true starts nothing")
    .option("--debounce <seconds>", "wait until it has been quiet so long", wholeNumber(0, HOUR_SECONDS))
    .option("--delivery-id-header <name>", "the header that names a delivery, where the scheme knows none");
}

async function bodyOf(
  session: Session,
  options: VerificationOptions & {
    readonly condition?: string | undefined;
    readonly debounce?: number | undefined;
    readonly deliveryIdHeader?: string | undefined;
  },
): Promise<object> {
  return {
    ...(options.scheme === undefined ? {} : { verification: await verificationOf(session, options.scheme, options) }),
    ...(options.condition === undefined ? {} : { condition: options.condition }),
    ...(options.debounce === undefined ? {} : { debounce_seconds: options.debounce }),
    ...(options.deliveryIdHeader === undefined ? {} : { delivery_id_header: options.deliveryIdHeader }),
  };
}

async function verificationOf(
  session: Session,
  scheme: (typeof SCHEMES)[number],
  { secretFile, header, encoding, prefix, algorithm }: VerificationOptions,
): Promise<object> {
  if (scheme === "none") return { scheme };
  const hmac = {
    ...(header === undefined ? {} : { header }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(algorithm === undefined ? {} : { algorithm }),
  };
  return { scheme, secrets: await secretsOf(session, secretFile), ...hmac };
}

async function secretsOf(session: Session, file: string | undefined): Promise<string[]> {
  if (file === undefined) {
    if (session.isInteractive) return [await askSecret({ message: "What the sender signs with" })];
    throw new WrongUsage("What does the sender sign with? Give --secret-file FILE.");
  }
  const text = file === "-" ? await textOf(process.stdin) : readTextFile(file);
  return text.split(/\r?\n/).filter((line) => line !== "");
}

function describe(hook: Inbound): string {
  const { scheme, secrets } = hook.verification;
  const counts = Object.entries(hook.counts).flatMap(([outcome, number]) =>
    number === 0 ? [] : [`${number} ${outcome}`],
  );
  const lines = [
    `Address:    ${hook.url ?? "shown only when it was made; `rotate` makes a new one"}`,
    `Proof:      ${scheme}${scheme === "none" ? "" : `, ${secrets} ${secrets === 1 ? "secret" : "secrets"}`}`,
    `Condition:  ${hook.condition === null ? "none" : oneLine(hook.condition)}`,
    `Debounce:   ${hook.debounce_seconds} s`,
    `Deliveries: ${counts.join(", ") || "none yet"}`,
  ];
  for (const { at, outcome, reason, job_id: job } of hook.deliveries) {
    lines.push(oneLine(`  ${at}  ${outcome}  ${reason ?? job ?? ""}`).trimEnd());
  }
  return lines.join("\n");
}
