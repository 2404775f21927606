/** A gate between two posts, raised, and the water that it lets through. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <g fill="none" stroke-linecap="round">
        <path d="M7 5v22M25 5v22" stroke="currentColor" stroke-width="2.6" />
        <path d="M7 20.5c3 0 3 2.2 6 2.2s3-2.2 6-2.2 3 2.2 6 2.2" stroke="#63cfe2" stroke-width="2.6" />
      </g>
      <path d="M11.5 6h9v8.5h-9z" fill="currentColor" />
    </svg>
  );
}

/** A larger picture of it, for pages that have nothing else to show. */
export function StillWater() {
  return (
    <svg viewBox="0 0 132 76" aria-hidden="true" focusable="false">
      <g fill="none" stroke="currentColor" stroke-linecap="round">
        <path d="M42 8v60M90 8v60" stroke-width="5" />
        <path d="M36 10h60" stroke-width="3" opacity=".45" />
        <path d="M2 54c6 0 6 4 12 4s6-4 12-4 6 4 12 4" stroke-width="3" opacity=".5" />
        <path d="M50 58h32" stroke-width="3" opacity=".25" />
        <path d="M94 58h36" stroke-width="3" opacity=".25" />
      </g>
      <path d="M52 18h28v44H52z" fill="currentColor" opacity=".85" />
      <path d="M57 28h18M57 38h18M57 48h18" stroke="var(--surface)" stroke-width="2.5" stroke-linecap="round" />
    </svg>
  );
}
