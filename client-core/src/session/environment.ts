import type { Log } from "./api.ts";
import type { Fetch } from "./server/http.ts";
import type { StorageProvider } from "./storage/storage.ts";
import type { Patience } from "../features/verification/patience.ts";
import type { Waits } from "./appLock/tries.ts";
import type { TabLock } from "./tabLock.ts";
import type { Clock } from "../work/clock.ts";

/** What a host lends to the client: the network, a place to store, the clock. */
export interface Environment {
  /** Where `/_matrix` answers, without a slash at the end. */
  readonly baseUrl: string;
  readonly fetch: Fetch;
  readonly storage: StorageProvider;
  /** @param onAskedToLeave see `browserTabLock` */
  readonly makeLock: (onAskedToLeave: () => Promise<void>) => TabLock;
  /** Letters, digits and blanks: becomes the device's name, which the server knows. */
  readonly browserName: string;
  readonly log: Log;
  /** Time for all of the client; `systemClock` where no test moves it. */
  readonly clock: Clock;
  /** How long a comparison of keys waits for the other side. Default: minutes. */
  readonly patience?: Patience;
  /** How long an app lock makes somebody wait after wrong tries. Default: `WAITS`. */
  readonly lockWaits?: Waits;
  /** Asks our origin to clear what the browser keeps for it. Absent where there is no browser. */
  readonly clearSiteData?: () => Promise<void>;
}

const ID_BYTES = 16;

export function randomBytes(length = ID_BYTES): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}
