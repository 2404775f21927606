/** Where the pages of a connection are. Ids are UUIDs, as the API made them. */
export function connectionPath(id: string, tab: ConnectionTab = "syncs"): string {
  return tab === "syncs" ? `/connections/${id}` : `/connections/${id}/${tab}`;
}

export function jobPath(connectionId: string, jobId: string): string {
  return `/connections/${connectionId}/jobs/${jobId}`;
}

export const CONNECTION_TABS = [
  ["syncs", "Syncs"],
  ["entities", "Entities"],
  ["changes", "Changes"],
  ["schedule", "Schedule"],
  ["webhook", "Webhook"],
  ["settings", "Settings"],
] as const;
export type ConnectionTab = (typeof CONNECTION_TABS)[number][0];
