/** Tries in all: a deploy or a restart resets an object once, and a new stub finds the next one. */
const ATTEMPTS = 3;

/** The platform's word for a fault that is gone on the next try, and did not come from a queue that is too long. */
interface PlatformFault {
  readonly retryable?: unknown;
  readonly overloaded?: unknown;
}

/** Calls an object, and again, with a new stub, where the platform says that a fault was its own. */
export async function overPlatformFaults<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt === ATTEMPTS || !isPlatformFault(error)) throw error;
    }
  }
}

function isPlatformFault(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { retryable, overloaded }: PlatformFault = error;
  return retryable === true && overloaded !== true;
}
