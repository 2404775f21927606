import { Badge } from "#dashboard/components/badge.tsx";
import { Empty } from "#dashboard/components/empty.tsx";
import { describedBy, Field } from "#dashboard/components/field.tsx";
import { Notice } from "#dashboard/components/notice.tsx";
import { PostButton } from "#dashboard/components/post-button.tsx";
import { ShownOnce } from "#dashboard/components/shown-once.tsx";
import { Table } from "#dashboard/components/table.tsx";
import { When } from "#dashboard/components/when.tsx";
import type { ApiKeyBody } from "#http/schemas/api-key";

/** Days until a key expires; empty for never. */
const LIFETIMES = ["", "7", "30", "90", "365"] as const;

const LIFETIME_TEXT: Readonly<Record<(typeof LIFETIMES)[number], string>> = {
  "": "Never",
  "7": "After 7 days",
  "30": "After 30 days",
  "90": "After 90 days",
  "365": "After a year",
};

interface Props {
  readonly keys: readonly ApiKeyBody[];
  /** The key that was just made, which nobody will see again. */
  readonly made: { readonly name: string; readonly key: string } | null;
  readonly notice: string | null;
  readonly name: string;
  readonly lifetime: string;
  /** What is wrong with the name. */
  readonly wrong: string | null;
  readonly problem: string | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function KeysPage({ keys, made, notice, name, lifetime, wrong, problem, now }: Props) {
  return (
    <>
      <div class="page-head">
        <div>
          <h1>API keys</h1>
          <p class="soft">For programs, and for people to sign in here. Each sees this organization and no other.</p>
        </div>
      </div>
      {made !== null && (
        <Notice tone="good">
          <ShownOnce
            id="new-key"
            label={`The key ${made.name}. Keep it now: it is never shown again.`}
            value={made.key}
          />
        </Notice>
      )}
      {notice !== null && <Notice tone="good">{notice}</Notice>}
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      <form class="card full inline" method="post" action="/keys">
        <Field id="name" label="Name" wrong={wrong} hint="What it is for.">
          <input
            class="input"
            id="name"
            name="name"
            value={name}
            placeholder="Nightly export"
            maxlength={100}
            required
            autocomplete="off"
            autofocus={wrong !== null}
            {...describedBy("name", { hint: true, wrong })}
          />
        </Field>
        <Field id="days" label="Expires">
          <select class="select" id="days" name="days">
            {LIFETIMES.map((days) => (
              <option value={days} selected={days === lifetime}>
                {LIFETIME_TEXT[days]}
              </option>
            ))}
          </select>
        </Field>
        <button class="button primary">Create a key</button>
      </form>
      <div class="card flush">
        {keys.length === 0 ? (
          <Empty
            title="No keys but the root key"
            text="Give every program a key of its own: one that leaks is revoked without touching the others."
          />
        ) : (
          <KeyTable keys={keys} now={now} />
        )}
      </div>
    </>
  );
}

function KeyTable({ keys, now }: { readonly keys: readonly ApiKeyBody[]; readonly now: number }) {
  return (
    <Table
      caption="API keys"
      columns={[
        "Name",
        { title: "Begins with", class: "middle" },
        { title: "Created", class: "middle" },
        "Expires",
        { title: "Revoke", isSilent: true },
      ]}
    >
      {keys.map((key) => (
        <tr>
          <th scope="row">{key.name}</th>
          <td class="middle mono">{key.prefix}…</td>
          <td class="middle">
            <When at={key.created_at} now={now} />
          </td>
          <td>
            {isExpired(key, now) ? (
              <Badge tone="bad" text="Expired" />
            ) : (
              <When at={key.expires_at} now={now} never="never" />
            )}
          </td>
          <td class="number">
            <PostButton
              action={`/keys/${key.id}/delete`}
              text="Revoke"
              label={`Revoke ${key.name}`}
              tone="danger"
              small
              confirm={`Revoke the key ${key.name}? Whatever uses it is refused from then on.`}
            />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function isExpired({ expires_at: expiresAt }: ApiKeyBody, now: number): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= now;
}
