import type { ConnectionStatus } from "#core/connection";
import { CONNECTION_STATUS } from "#dashboard/status";
import { Badge } from "./badge.tsx";

interface Props {
  readonly status: ConnectionStatus;
  /** By its owner. */
  readonly is_paused: boolean;
}

/** How a connection is, wherever it is named. */
export function ConnectionBadges({ status, is_paused: isPaused }: Props) {
  return (
    <>
      <Badge {...CONNECTION_STATUS[status]} />
      {isPaused && (
        <>
          {" "}
          <Badge tone="quiet" text="Paused" />
        </>
      )}
    </>
  );
}
