import { Badge } from "#dashboard/components/badge.tsx";
import { Empty } from "#dashboard/components/empty.tsx";
import { Notice } from "#dashboard/components/notice.tsx";
import { Table } from "#dashboard/components/table.tsx";
import { When } from "#dashboard/components/when.tsx";
import { countOf } from "#dashboard/number-text";
import { healthShown } from "#dashboard/status";
import type { MessageBody } from "#http/schemas/message";
import type { SubscriptionBody } from "#http/schemas/subscription";

interface Props {
  readonly subscriptions: readonly SubscriptionBody[];
  /** The newest. */
  readonly messages: readonly MessageBody[];
  readonly notice: string | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function WebhooksPage({ subscriptions, messages, notice, now }: Props) {
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Webhooks</h1>
          <p class="soft">Addresses that are told what happens: signed, in order, and again until they take it.</p>
        </div>
        <a class="button primary" href="/webhooks/new">
          Subscribe an address
        </a>
      </div>
      {notice !== null && <Notice tone="good">{notice}</Notice>}
      <div class="card flush">
        {subscriptions.length === 0 ? (
          <Empty
            title="Nobody is told yet"
            text="Subscribe an address, and it hears of every sync that starts, finishes or fails, and of connections that need new credentials."
          />
        ) : (
          <SubscriptionTable subscriptions={subscriptions} />
        )}
      </div>
      {messages.length > 0 && (
        <section class="card flush">
          <header>
            <h2>What happened lately</h2>
            <a class="small" href="/webhooks/messages">
              All messages
            </a>
          </header>
          <MessageTable messages={messages} now={now} />
        </section>
      )}
    </>
  );
}

function SubscriptionTable({ subscriptions }: { readonly subscriptions: readonly SubscriptionBody[] }) {
  return (
    <Table caption="Webhook subscriptions" columns={["Address", { title: "Events", class: "middle" }, "Health"]}>
      {subscriptions.map((each) => (
        <tr>
          <th scope="row">
            <a class="name" href={`/webhooks/${each.id}`}>
              {each.url}
            </a>
            {each.disabled_reason !== null && <div class="why">{each.disabled_reason}</div>}
          </th>
          <td class="middle">{countOf(each.filter_types?.length ?? 0, "event type")}</td>
          <td>
            <Badge {...healthShown(each)} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

export function MessageTable({ messages, now }: { readonly messages: readonly MessageBody[]; readonly now: number }) {
  return (
    <Table caption="Messages" columns={["Event", { title: "About", class: "middle" }, "When"]}>
      {messages.map(({ id, event_type: type, payload, timestamp }) => (
        <tr>
          <th scope="row">
            <a class="name mono" href={`/webhooks/messages/${id}`}>
              {type}
            </a>
          </th>
          <td class="middle">{aboutText(payload)}</td>
          <td>
            <When at={timestamp} now={now} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** What a message is about, as far as its payload names it. */
function aboutText(payload: MessageBody["payload"]): string {
  const names = ["source_type", "short_name", "collection_name", "collection_readable_id", "name"];
  const texts = names.flatMap((name) => (typeof payload[name] === "string" ? [payload[name]] : []));
  return [...new Set(texts)].slice(0, 2).join(", ");
}
