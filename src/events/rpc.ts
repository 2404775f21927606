import type { Reply } from "#core/errors";
import type { EventType, SluiceEvent } from "#core/event";
import type { Health } from "#core/subscription";

/** What the Worker and the source connections may ask of an organization's deliveries. Plain values both ways. */
export interface EventDeliveryRpc {
  /** Takes events in, each once however often it comes, and begins to deliver them. */
  publish(organizationId: string, events: readonly SluiceEvent[]): Promise<void>;
  subscriptions(): Promise<readonly Subscription[]>;
  subscription(id: string, request: { readonly includeSecret: boolean }): Promise<Reply<SubscriptionDetail>>;
  /** Refuses with `invalid` where the address may not be called, and with `source_refused` where nothing answers. */
  subscribe(input: NewSubscription): Promise<Reply<SubscriptionDetail>>;
  amend(id: string, patch: SubscriptionPatch): Promise<Reply<Subscription>>;
  unsubscribe(id: string): Promise<Reply<Subscription>>;
  /** The old secret goes on signing, beside the new one, for a day. */
  rotateSecret(id: string, secret: string | null): Promise<Reply<Subscription>>;
  /** Queues what was not delivered; answers with how many messages that are. */
  recover(id: string, range: RecoveryRange): Promise<Reply<number>>;
  messages(request: MessagesRequest): Promise<Reply<MessagePage>>;
  message(id: string, request: { readonly includeAttempts: boolean }): Promise<Reply<MessageDetail>>;
  /** For the watchdog: delivers what is due, should the alarm have been lost, and says when to look again. */
  look(): Promise<Look>;
  /** How deliveries are going: for metrics. */
  statistics(): Promise<EventStatistics>;
  /** Rows read and written since the object came into memory: what deliveries are billed by. */
  storageUsage(): Promise<{ readonly rowsRead: number; readonly rowsWritten: number }>;
}

export interface Look {
  /** When the watchdog is to come again, in epoch milliseconds; null where nothing is queued. */
  readonly next: number | null;
  /** Had the alarm been lost? */
  readonly wasLate: boolean;
}

export interface Subscription {
  readonly id: string;
  readonly url: string;
  readonly filterTypes: readonly EventType[];
  readonly disabled: boolean;
  readonly disabledReason: string | null;
  /** Epoch milliseconds, like every `…At`. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly health: Health;
}

export interface SubscriptionDetail extends Subscription {
  /** Newest first. */
  readonly attempts: readonly Attempt[];
  /** Null unless it was asked for. */
  readonly secret: string | null;
}

export interface NewSubscription {
  readonly id: string;
  readonly url: string;
  readonly filterTypes: readonly EventType[];
  /** Null for a new one. */
  readonly secret: string | null;
}

/** Absent fields stay as they are. */
export interface SubscriptionPatch {
  readonly url?: string;
  readonly filterTypes?: readonly EventType[];
  readonly disabled?: boolean;
  /** Epoch milliseconds. */
  readonly recoverSince?: number;
}

export interface RecoveryRange {
  /** Epoch milliseconds; `until` is exclusive, and null for now. */
  readonly since: number;
  readonly until: number | null;
}

export interface Attempt {
  readonly id: string;
  readonly messageId: string;
  readonly subscriptionId: string;
  readonly url: string;
  readonly isSuccess: boolean;
  /** Null where no answer came. */
  readonly statusCode: number | null;
  /** The beginning of the answer's body; null where no answer came. */
  readonly response: string | null;
  /** Why no answer came. */
  readonly error: string | null;
  readonly at: number;
  readonly durationMs: number;
}

export interface Message {
  readonly id: string;
  readonly type: EventType;
  readonly at: number;
  /** JSON text, as it is sent. */
  readonly body: string;
}

export interface MessageDetail extends Message {
  /** Oldest first; null unless they were asked for. */
  readonly attempts: readonly Attempt[] | null;
}

export interface MessagesRequest {
  /** Null for all. */
  readonly types: readonly EventType[] | null;
  readonly limit: number;
  /** The id of the last message of the page before. */
  readonly cursor: string | null;
}

export interface MessagePage {
  /** Newest first. */
  readonly messages: readonly Message[];
  readonly nextCursor: string | null;
}

export interface EventStatistics {
  readonly subscriptions: Readonly<Record<Health | "disabled", number>>;
  /** Deliveries yet to be made to subscriptions that are not disabled. */
  readonly queued: number;
  /** When the longest overdue of them was due, in epoch milliseconds; null where none is. */
  readonly overdueSince: number | null;
  /** Attempts at messages of the last hour. */
  readonly attempts: { readonly delivered: number; readonly failed: number };
}
