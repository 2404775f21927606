import { Badge } from "./badge.tsx";
import { Table } from "./table.tsx";

interface Finding {
  readonly path: readonly string[];
  readonly message: string;
}

interface StreamNote {
  readonly name: string;
  /** Absent where only the config or the API tells. */
  readonly primary_key?: readonly (readonly string[])[] | null;
  readonly is_incremental?: boolean;
  readonly supported: boolean;
  readonly findings: readonly Finding[];
}

/** Of one stream; references put the same mistake into many places. */
const SHOWN_FINDINGS = 5;

/** The streams of a source: what identifies their records, how they are read, and why those can't that can't. */
export function StreamNotes({ streams }: { readonly streams: readonly StreamNote[] }) {
  return (
    <Table caption="Streams" columns={["Stream", { title: "Primary key", class: "middle" }, "Reads"]}>
      {streams.map((stream) => (
        <tr>
          <th scope="row">
            <span class="mono">{stream.name === "" ? "found at run time" : stream.name}</span>
            <Findings findings={stream.findings} />
          </th>
          <td class="middle mono">{keyText(stream)}</td>
          <td>
            <Reads {...stream} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Reads({ supported, is_incremental: isIncremental }: StreamNote) {
  if (!supported) return <Badge tone="bad" text="Can't run" />;
  if (isIncremental === undefined) return <Badge tone="good" text="Can run" />;
  return isIncremental ? <Badge tone="good" text="Incremental" /> : <Badge tone="quiet" text="Full each time" />;
}

export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  if (findings.length === 0) return null;
  const shown = findings.slice(0, SHOWN_FINDINGS);
  return (
    <ul class="findings">
      {shown.map(({ path, message }) => (
        <li>
          {path.length > 0 && <code>{path.join(".")}</code>} {message}
        </li>
      ))}
      {findings.length > shown.length && <li>… and {findings.length - shown.length} more</li>}
    </ul>
  );
}

function keyText({ primary_key: key }: StreamNote): string {
  if (key === undefined) return "";
  return key === null ? "none: by content" : key.map((path) => path.join(".")).join(", ");
}
