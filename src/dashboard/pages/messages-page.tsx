import { Empty } from "#dashboard/components/empty.tsx";
import { AttemptTable } from "#dashboard/components/attempt-table.tsx";
import { When } from "#dashboard/components/when.tsx";
import type { MessageBody, MessageDetailBody } from "#http/schemas/message";
import { MessageTable } from "./webhooks-page.tsx";

interface MessagesProps {
  readonly messages: readonly MessageBody[];
  /** Where those before them are; null if there are none. */
  readonly more: string | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function MessagesPage({ messages, more, now }: MessagesProps) {
  return (
    <>
      <div class="page-head">
        <div>
          <p class="crumbs">
            <a href="/webhooks">Webhooks</a> / Messages
          </p>
          <h1>Messages</h1>
          <p class="soft">Everything that happened in the last 14 days, whether somebody was told or not.</p>
        </div>
      </div>
      <div class="card flush">
        {messages.length === 0 ? (
          <Empty title="Nothing has happened yet" text="Every sync leaves messages here, beginning with its start." />
        ) : (
          <MessageTable messages={messages} now={now} />
        )}
      </div>
      {more !== null && (
        <a class="button" href={more}>
          Older messages
        </a>
      )}
    </>
  );
}

export function MessagePage({ message, now }: { readonly message: MessageDetailBody; readonly now: number }) {
  const attempts = message.delivery_attempts ?? [];
  return (
    <>
      <div class="page-head">
        <div>
          <p class="crumbs">
            <a href="/webhooks">Webhooks</a> / <a href="/webhooks/messages">Messages</a>
          </p>
          <h1 class="mono">{message.event_type}</h1>
          <p class="soft">
            <When at={message.timestamp} now={now} /> · <span class="mono">{message.id}</span>
          </p>
        </div>
      </div>
      <section class={attempts.length === 0 ? "card" : "card flush"}>
        <header>
          <h2>Deliveries</h2>
        </header>
        {attempts.length === 0 ? (
          <p class="soft">None: nobody is subscribed to it, or its turn has not come.</p>
        ) : (
          <AttemptTable attempts={attempts} now={now} />
        )}
      </section>
      <section class="card">
        <h2>Payload</h2>
        <pre class="code" tabindex={0}>
          {JSON.stringify(message.payload, null, 2)}
        </pre>
      </section>
    </>
  );
}
