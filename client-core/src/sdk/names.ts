// The names of matrix-js-sdk that code outside of sdk/ uses: types, and the events that it listens for. What calls the
// SDK beyond its public interface stays in sdk/, where patches.ts lists it.

export { ClientEvent, MatrixEvent, MatrixEventEvent } from "matrix-js-sdk";
export type { MatrixClient, ReceivedToDeviceMessage, Room } from "matrix-js-sdk";
export type { SyncCryptoChanges } from "matrix-js-sdk/lib/common-crypto/CryptoBackend.js";
export {
  CrossSigningKey,
  CryptoEvent,
  DecryptionFailureCode,
  EventShieldReason,
  VerificationPhase,
  VerificationRequestEvent,
  VerifierEvent,
} from "matrix-js-sdk/lib/crypto-api/index.js";
export type {
  CryptoApi,
  CryptoCallbacks,
  KeyBackupInfo,
  KeyBackupSession,
  OlmEncryptionInfo,
  VerificationRequest,
  Verifier,
} from "matrix-js-sdk/lib/crypto-api/index.js";
export { ConnectionError, MatrixError } from "matrix-js-sdk/lib/http-api/index.js";
export {
  ExtensionState,
  SlidingSync,
  SlidingSyncEvent,
  SlidingSyncState,
} from "matrix-js-sdk/lib/sliding-sync.js";
export type {
  MSC3575RoomData,
  MSC3575SlidingSyncRequest,
  MSC3575SlidingSyncResponse,
} from "matrix-js-sdk/lib/sliding-sync.js";
