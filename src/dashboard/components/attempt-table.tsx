import type { AttemptBody } from "#http/schemas/subscription";
import { Badge } from "./badge.tsx";
import { When } from "./when.tsx";
import { Table } from "./table.tsx";

/** How deliveries went, each attempt with what the receiver said. */
export function AttemptTable({ attempts, now }: { readonly attempts: readonly AttemptBody[]; readonly now: number }) {
  return (
    <Table
      caption="Delivery attempts"
      columns={["Attempt", "Answer", { title: "Took", class: "middle number" }, { title: "Message", class: "wide" }]}
    >
      {attempts.map((each) => (
        <tr>
          <th scope="row">
            <When at={each.timestamp} now={now} />
            <div class="soft small">{each.url}</div>
          </th>
          <td>
            <Badge
              tone={each.status === "success" ? "good" : "bad"}
              text={each.response_status_code === 0 ? "No answer" : String(each.response_status_code)}
            />
            {each.error !== null && <div class="why">{each.error}</div>}
          </td>
          <td class="middle number">{each.duration_ms} ms</td>
          <td class="wide">
            <a class="mono" href={`/webhooks/messages/${each.message_id}`}>
              {each.message_id.slice(-12)}
            </a>
          </td>
        </tr>
      ))}
    </Table>
  );
}
