import "@matrix-org/matrix-sdk-crypto-nodejs";
