import { connectionPath } from "#dashboard/connection-path";
import type { JobBody } from "#http/schemas/job";
import { PostButton } from "./post-button.tsx";

/** Why a job failed, and what can be done about it here. */
export function Trouble({ job }: { readonly job: JobBody }) {
  const { error, error_category: category, source_connection_id: connectionId } = job;
  const path = connectionPath(connectionId);
  return (
    <section class="notice bad" aria-label="Why the last sync failed">
      <strong>{TITLE[category ?? "internal"]}</strong>
      <p>{error}</p>
      <div class="row">
        {category === "api_key_invalid" && (
          <a class="button small" href={`${path}/settings#credentials`}>
            Replace the credentials
          </a>
        )}
        {category === "deletes_held_back" && (
          <PostButton
            action={`${path}/run`}
            text="Sync everything, and delete what is gone"
            tone="danger"
            small
            fields={{ mode: "full", confirm_deletes: "yes" }}
            confirm="Delete everything that the source does not have any more?"
          />
        )}
      </div>
    </section>
  );
}

const TITLE: Readonly<Record<NonNullable<JobBody["error_category"]>, string>> = {
  api_key_invalid: "The source refuses the credentials",
  permission_denied: "The credentials may not read this",
  not_found: "The source does not have what was asked for",
  rate_limited: "The source let nothing through for too long",
  source_unavailable: "The source could not be reached",
  bad_response: "The source answered with something unreadable",
  bad_request: "The source did not understand the request",
  deletes_held_back: "Deletes were held back",
  deadline_exceeded: "The sync took too long",
  no_progress: "The sync could not get past a page",
  internal: "The sync failed",
};
