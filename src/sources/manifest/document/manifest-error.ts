/** One thing that is wrong with a manifest. */
export interface ManifestIssue {
  /** From the top of the manifest: `["streams", "2", "retriever", "paginator"]`. */
  readonly path: readonly string[];
  /** What is wrong and what was expected. */
  readonly message: string;
}

/** A manifest that can't be used at all; the issues say where and why. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
  readonly issues: readonly ManifestIssue[];

  constructor(issues: readonly ManifestIssue[]) {
    super(
      issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`)).join("\n"),
    );
    this.issues = issues;
  }
}
