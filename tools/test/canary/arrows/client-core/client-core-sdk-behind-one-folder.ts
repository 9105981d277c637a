import type {} from "matrix-js-sdk";
