import { z } from "@hono/zod-openapi";

import { timestamp, timestampOrNull } from "#http/timestamp";
import { conditionFault, MAX_CONDITION_LENGTH } from "#triggers/webhook/condition";
import { hookOutcomeSchema, type HookAnswer, type HookSnapshot } from "#triggers/webhook/hook";
import { headerNameSchema, PROVIDER_SCHEMES, type Verification } from "#triggers/webhook/verification";
import { atLeastOne } from "./at-least-one.ts";
import { jobBody, jobBodySchema } from "./job.ts";

/** Secrets at a time: the one in use, the next one, and some for senders that each have their own. */
const MAX_SECRETS = 5;
const MAX_SECRET_LENGTH = 500;
/**
 * Who has seen one signed delivery can try out secrets until one fits: twelve random characters are too many to try. It
 * is as few as can be asked for, since some senders make secrets of fifteen and do not let their users choose.
 */
const MIN_SECRET_LENGTH = 12;
/** What Standard Webhooks asks of a key at least, and Svix of its users. */
const MIN_STANDARD_KEY_BYTES = 24;
/** Such a key in base64, padded or not. */
const STANDARD_SECRET = /^(?:whsec_)?(?:[A-Za-z0-9+/]{4}){8,}(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;
/** An hour: whoever wants to wait longer wants a schedule. */
const MAX_DEBOUNCE_SECONDS = 3_600;

const secret = z.string().max(MAX_SECRET_LENGTH);

const typedSecret = secret.min(
  MIN_SECRET_LENGTH,
  `Input should have at least ${MIN_SECRET_LENGTH} characters. Let the sender sign with a longer secret, then use that one here.`,
);

const standardSecret = secret.regex(
  STANDARD_SECRET,
  `Input should be a secret of Standard Webhooks: base64 of at least ${MIN_STANDARD_KEY_BYTES} bytes, mostly after \`whsec_\``,
);

const secretsOf = (each: typeof typedSecret) =>
  z.array(each).min(1).max(MAX_SECRETS).openapi({
    description:
      "What the sender signs with; any of them counts, so that they can be changed without a gap. Never shown.",
  });
const secrets = secretsOf(typedSecret);

const verificationInput = z
  .discriminatedUnion("scheme", [
    z.strictObject({ scheme: z.literal("standard-webhooks"), secrets: secretsOf(standardSecret) }),
    z.strictObject({ scheme: z.enum(PROVIDER_SCHEMES).exclude(["standard-webhooks"]), secrets }),
    z.strictObject({
      scheme: z.literal("hmac"),
      secrets,
      header: headerNameSchema.openapi({ description: "Which header has the signature.", example: "x-signature" }),
      encoding: z.enum(["hex", "base64"]).default("hex"),
      prefix: z.string().max(100).default("").openapi({ description: "What stands before it.", example: "sha256=" }),
      algorithm: z.enum(["sha1", "sha256", "sha512"]).default("sha256"),
    }),
    z.strictObject({ scheme: z.literal("none") }),
  ])
  .openapi("WebhookVerification", {
    description: "How deliveries are told from forgeries. `none` takes whatever comes from whoever knows the address.",
    example: { scheme: "github", secrets: ["It's a Secret to Everybody"] },
  });
export type VerificationInput = z.infer<typeof verificationInput>;

const condition = z
  .string()
  .min(1)
  .max(MAX_CONDITION_LENGTH)
  .superRefine((expression, context) => {
    const fault = conditionFault(expression);
    if (fault !== null) context.addIssue({ code: "custom", message: fault });
  })
  .nullable()
  .openapi({
    description: "JMESPath over the JSON body. A delivery of which it is not true starts nothing. Null: all do.",
    example: "contains(['opened', 'closed'], action)",
  });
const debounceSeconds = z.int().min(0).max(MAX_DEBOUNCE_SECONDS).openapi({
  description:
    "How long it has to have been quiet before the sync starts, though never longer than ten times that after the first delivery.",
});
const deliveryIdHeader = headerNameSchema.nullable().openapi({
  description: "The header that names a delivery, where the scheme knows none: a delivery sent again does nothing.",
});

export const webhookCreateSchema = z
  .strictObject({
    verification: verificationInput,
    condition: condition.default(null),
    debounce_seconds: debounceSeconds.default(0),
    delivery_id_header: deliveryIdHeader.default(null),
  })
  .openapi("WebhookCreate");

export const webhookUpdateSchema = atLeastOne(
  z.strictObject({
    verification: verificationInput.optional(),
    condition: condition.optional(),
    debounce_seconds: debounceSeconds.optional(),
    delivery_id_header: deliveryIdHeader.optional(),
  }),
  "WebhookUpdate",
  { example: { debounce_seconds: 30 } },
);

const time = z.iso.datetime();

export const webhookSchema = z
  .object({
    url: z.url().nullable().openapi({ description: "The inbound address. Shown when it is made, and never again." }),
    verification: z.object({
      scheme: z.enum([...PROVIDER_SCHEMES, "hmac", "none"]),
      secrets: z.int().openapi({ description: "How many are accepted." }),
      header: z.string().nullable(),
      encoding: z.enum(["hex", "base64"]).nullable(),
      prefix: z.string().nullable(),
      algorithm: z.enum(["sha1", "sha256", "sha512"]).nullable(),
    }),
    condition: z.string().nullable(),
    debounce_seconds: z.int(),
    delivery_id_header: z.string().nullable(),
    created_at: time,
    modified_at: time,
    rotated_at: time.openapi({ description: "When the address was made." }),
    previous_url_until: time.nullable().openapi({ description: "Until when the address before it is accepted too." }),
    waiting_until: time.nullable().openapi({ description: "When the run that accepted deliveries wait for is due." }),
    counts: z.record(hookOutcomeSchema, z.int()),
    deliveries: z
      .array(
        z.object({
          at: time,
          outcome: hookOutcomeSchema,
          reason: z.string().nullable(),
          delivery_id: z.string().nullable(),
          job_id: z.uuid().nullable(),
        }),
      )
      .openapi({ description: "The last fifty, newest first." }),
  })
  .openapi("Webhook");
export type WebhookBody = z.infer<typeof webhookSchema>;

export const hookAnswerSchema = z
  .object({
    status: hookOutcomeSchema,
    delivery_id: z.string().nullable(),
    job: jobBodySchema.nullable(),
  })
  .openapi("HookAnswer", {
    description:
      "`started`: the job has not begun to read. `queued`: one run comes after the job. `debounced`: a run comes once it is quiet. `held`: one comes once the connection is resumed, or has new credentials. `duplicate`, `filtered`: nothing.",
  });
export type HookAnswerBody = z.infer<typeof hookAnswerSchema>;

/** What is kept of the verification, and the secrets, which are sealed. */
export function proofOf(input: VerificationInput): { verification: Verification; secrets: readonly string[] } {
  if (input.scheme === "none") return { verification: input, secrets: [] };
  const { secrets: plain, ...verification } = input;
  return { verification, secrets: plain };
}

export function webhookBody(hook: HookSnapshot, url: string | null): WebhookBody {
  const { verification, condition: expression, debounceSeconds: seconds, deliveryIdHeader: header } = hook.settings;
  const unset = { header: null, encoding: null, prefix: null, algorithm: null };
  return {
    url,
    verification: { ...unset, ...verification, secrets: hook.secrets },
    condition: expression,
    debounce_seconds: seconds,
    delivery_id_header: header,
    created_at: timestamp(hook.createdAt),
    modified_at: timestamp(hook.modifiedAt),
    rotated_at: timestamp(hook.rotatedAt),
    previous_url_until: timestampOrNull(hook.previousTokenUntil),
    waiting_until: timestampOrNull(hook.waitingUntil),
    counts: { ...hook.counts },
    deliveries: hook.deliveries.map(({ at, outcome, reason, deliveryId, jobId }) => ({
      at: timestamp(at),
      outcome,
      reason,
      delivery_id: deliveryId,
      job_id: jobId,
    })),
  };
}

export function hookAnswerBody({ outcome, deliveryId, job }: HookAnswer): HookAnswerBody {
  return { status: outcome, delivery_id: deliveryId, job: job === null ? null : jobBody(job) };
}
