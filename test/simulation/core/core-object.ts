import type { Config } from "#config";
import { NO_CONNECTION } from "#connection/no-connection";
import { OpenConnection } from "#connection/open-connection";
import type { ConnectionPatch, FireOutcome, Overdue, RunRequest } from "#connection/rpc";
import type { Surroundings } from "#connection/surroundings";
import { refused, type Reply } from "#core/errors";
import { WakeUp } from "#storage/wake-up";
import type { Life } from "#test/simulation/platform/life";
import { UNKNOWN_HOOK, type HookPatch, type NewHook, type ReceivedHook } from "#triggers/webhook/hook";
import type { MemoryDisk } from "./memory-disk.ts";
import { memoryStores, type CoreOutlets } from "./memory-stores.ts";

/**
 * What `connection/object.ts` is around a connection that exists, without what only the platform can give it: the same
 * connection, over tables in plain memory.
 */
export class CoreObject {
  readonly #disk: MemoryDisk;
  readonly #life: Life;
  readonly #wakeUp: WakeUp;
  #open: OpenConnection | null;

  constructor(
    disk: MemoryDisk,
    life: Life,
    onAlarmSet: (at: number) => void,
    outlets: CoreOutlets,
    worker: Config,
    around: Surroundings,
  ) {
    this.#disk = disk;
    this.#life = life;
    const set = async (at: number | null): Promise<void> => {
      life.useStorage();
      disk.setAlarm(at);
      if (at !== null) onAlarmSet(at);
    };
    this.#wakeUp = new WakeUp({ setAlarm: (at) => set(Number(at)), deleteAlarm: () => set(null) }, () => around.now());
    this.#open = disk.isEmpty
      ? null
      : new OpenConnection(memoryStores(disk, life, outlets), worker, around, this.#wakeUp);
  }

  async alarm(): Promise<void> {
    this.#wakeUp.fired();
    const open = this.#open;
    if (open === null) return;
    await open.work();
    if (open.isErasable) {
      this.#open = null;
      this.#life.useStorage();
      this.#disk.clear();
    } else open.arm();
  }

  describe(organizationId: string) {
    return this.#with(organizationId, async (open) => ({ ok: true as const, value: open.snapshot() }));
  }

  run(organizationId: string, request: RunRequest) {
    return this.#with(organizationId, (open) => open.run(request));
  }

  cancel(organizationId: string, jobId: string) {
    return this.#with(organizationId, (open) => open.cancel(jobId));
  }

  update(organizationId: string, patch: ConnectionPatch) {
    return this.#with(organizationId, (open) => open.amend(patch));
  }

  erase(organizationId: string) {
    return this.#with(organizationId, async (open) => ({ ok: true as const, value: await open.erase() }));
  }

  resetStream(organizationId: string, stream: string) {
    return this.#with(organizationId, async (open) => open.resetStream(stream));
  }

  republish(organizationId: string) {
    return this.#with(organizationId, async (open) => ({ ok: true as const, value: await open.republish() }));
  }

  createHook(organizationId: string, input: NewHook) {
    return this.#with(organizationId, (open) => open.hook.create(input));
  }

  updateHook(organizationId: string, patch: HookPatch) {
    return this.#with(organizationId, async (open) => open.armedAfter(await open.hook.update(patch)));
  }

  removeHook(organizationId: string) {
    return this.#with(organizationId, async (open) => open.armedAfter(open.hook.remove()));
  }

  async receiveHook(received: ReceivedHook) {
    const open = this.#open;
    if (open === null || open.isDeleted) return refused(UNKNOWN_HOOK);
    return open.serve(() => open.receiveHook(received));
  }

  async poke(overdue: Overdue, jobIds: readonly string[]): Promise<readonly string[] | null> {
    const open = this.#open;
    return open === null ? null : open.serve(() => open.poke(overdue, jobIds));
  }

  async fire(dueAt: number): Promise<FireOutcome> {
    const open = this.#open;
    return open === null ? "absent" : open.fire(dueAt);
  }

  async #with<T>(organizationId: string, use: (open: OpenConnection) => Promise<Reply<T>>): Promise<Reply<T>> {
    const open = this.#open;
    if (open === null || !open.belongsTo(organizationId)) return refused(NO_CONNECTION);
    open.arm();
    return open.serve(() => use(open));
  }
}
